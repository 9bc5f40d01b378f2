// Apache Kafka 4.3.1's tools for features and for the metadata quorum: what they say of Eyrie and of Apache Kafka,
// errors included; a controller that joins and leaves by kafka-metadata-quorum; the metadata log read by kafka-dump-log.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CommandLine, type PeerCluster, startPeer } from '../support/apache-kafka.ts'
import { type EyrieCluster, startEyrie } from '../support/eyrie-cluster.ts'

const SETTLE_MS = 60_000
let eyrie: EyrieCluster
let kafka: PeerCluster
let tools: CommandLine

beforeAll(async () => {
  tools = await CommandLine.start()
  eyrie = await startEyrie({
    brokers: 3,
    properties: { 'metadata.log.max.record.bytes.between.snapshots': '2000' },
  })
  kafka = await startPeer({ brokers: 1 })
})
afterAll(async () => {
  tools?.end()
  await Promise.all([eyrie?.down(), kafka?.down()])
})

/** Features that Eyrie does not serve are not in what it lists. */
const UNSERVED = /^Feature: (share|streams|group)\.version/

async function features(bootstrap: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await tools.run('features', [
    '--bootstrap-server',
    bootstrap,
    ...args,
  ])
  const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => {
    const isLog = /^(WARNING|SLF4J|\[main\] WARN|.* WARN |\s*at )/.test(line)
    return line.trim() !== '' && !isLog && !UNSERVED.test(line)
  })
  const text = lines.join('\n').replace(/Epoch: \d+/g, 'Epoch: N')
  return `exit ${code}\n${text.replace(/(Local controller|Broker|Controller) \d+/g, 'Node N')}`
}

const steps: readonly [string, string[]][] = [
  ['describe', ['describe']],
  ['upgrade to where it is', ['upgrade', '--metadata', '4.3-IV0']],
  ['unknown feature', ['upgrade', '--feature', 'no.such=1']],
  ['level too high', ['upgrade', '--feature', 'eligible.leader.replicas.version=9']],
  ['metadata.version too high', ['upgrade', '--metadata', '9.9']],
  ['dry run of a downgrade', ['downgrade', '--feature', 'transaction.version=1', '--dry-run']],
  ['downgrade', ['downgrade', '--feature', 'transaction.version=1']],
  ['describe after the downgrade', ['describe']],
  ['upgrade to a lower level', ['upgrade', '--feature', 'transaction.version=0']],
  ['downgrade to a higher level', ['downgrade', '--feature', 'transaction.version=2']],
  ['upgrade again', ['upgrade', '--feature', 'transaction.version=2']],
  ['disable', ['disable', '--feature', 'transaction.version']],
  ['describe after disabling', ['describe']],
  ['two at once', ['upgrade', '--feature', 'transaction.version=2', 'no.such=3']],
  ['enable again', ['upgrade', '--feature', 'transaction.version=2']],
  ['disable ELR', ['disable', '--feature', 'eligible.leader.replicas.version']],
  ['describe without ELR', ['describe']],
  ['ELR again', ['upgrade', '--feature', 'eligible.leader.replicas.version=1']],
  ['disable metadata.version', ['disable', '--feature', 'metadata.version']],
  ['kraft.version too high', ['upgrade', '--feature', 'kraft.version=7']],
  ['kraft.version, dry run', ['upgrade', '--feature', 'kraft.version=1', '--dry-run']],
  ['kraft.version', ['upgrade', '--feature', 'kraft.version=1']],
  ['describe after kraft.version', ['describe']],
  ['kraft.version back', ['downgrade', '--feature', 'kraft.version=0']],
  ['mapping', ['version-mapping', '--release-version', '4.2']],
  ['dependencies', ['feature-dependencies', '--feature', 'transaction.version=2']],
]

test('kafka-features says the same of both', async () => {
  for (const [title, args] of steps) {
    let ours = await features(eyrie.bootstrap, args)
    let theirs = await features(kafka.bootstrap, args)
    // Any broker is asked, and one may lag behind the controller.
    const deadlineMs = Date.now() + SETTLE_MS
    while (args[0] === 'describe' && ours !== theirs && Date.now() < deadlineMs) {
      ours = await features(eyrie.bootstrap, args)
      theirs = await features(kafka.bootstrap, args)
    }
    expect.soft(`${title}\n${ours}`).toBe(`${title}\n${theirs}`)
  }
})

test('a release with features that are not served is refused in the words for an unknown feature', async () => {
  const args = ['upgrade', '--release-version', '4.3']
  const ours = await features(eyrie.bootstrap, args)
  expect(ours).toMatch(/^exit 1\n/)
  const refused = (feature: string, level: number, bad: string) =>
    `Could not upgrade ${feature} to ${level}. The update failed for all features since the following ` +
    `feature had an error: Invalid update version 1 for feature ${bad}. ` +
    'Node N does not support this feature.'
  for (const [feature, level] of [
    ['metadata.version', 30],
    ['transaction.version', 2],
  ] as const) {
    expect(ours).toContain(refused(feature, level, 'group.version'))
  }
  // The same words that Apache Kafka has for a feature of nobody's.
  const theirs = await features(kafka.bootstrap, ['upgrade', '--feature', 'no.such=1'])
  expect(theirs).toContain('Invalid update version 1 for feature no.such. Node N does not support')
})

async function quorum(...args: string[]): Promise<string> {
  const server = ['--bootstrap-server', eyrie.bootstrap]
  const { code, stdout, stderr } = await tools.run('metadata-quorum', [...server, ...args])
  expect(`${code} ${stderr}`).toMatch(/^0/)
  return stdout
}

function voterIds(status: string): number[] {
  const [, voters = '[]'] = /CurrentVoters:\s+(\[.*\])/.exec(status) ?? []
  return [...voters.matchAll(/"id": (\d+)/g)].map(([, id]) => Number(id)).sort()
}

test('kafka-metadata-quorum adds and removes a controller', async () => {
  expect(voterIds(await quorum('describe', '--status'))).toEqual([1, 2, 3])
  const directory = await readFile(join(eyrie.directory, '2', 'data', 'meta.properties'), 'utf8')
  const [, directoryId = ''] = /directory\.id=(.*)/.exec(directory) ?? []
  const which = ['--controller-id', '2', '--controller-directory-id', directoryId.trim()]
  await quorum('remove-controller', ...which)
  await expect
    .poll(async () => voterIds(await quorum('describe', '--status')), { timeout: SETTLE_MS })
    .toEqual([1, 3])
  await expect
    .poll(() => quorum('describe', '--replication'), { timeout: SETTLE_MS })
    .toMatch(/^2\s.*Observer/m)
  const config = join(eyrie.directory, '2', 'server.properties')
  await quorum('--command-config', config, 'add-controller')
  await expect
    .poll(async () => voterIds(await quorum('describe', '--status')), { timeout: SETTLE_MS })
    .toEqual([1, 2, 3])
})

test('kafka-dump-log reads the metadata log and its snapshots', async () => {
  for (let topic = 0; topic < 30; topic++) {
    const args = ['--create', '--topic', `many-${topic}`, '--bootstrap-server', eyrie.bootstrap]
    const { code } = await tools.run('topics', args)
    expect(code).toBe(0)
  }
  // A snapshot is made beside the work, and after the change that it is due for.
  const wanted = ['SnapshotHeader', 'KRaftVoters', 'KRaftVersion', 'TOPIC_RECORD', 'SnapshotFooter']
  const isMissing = async () => {
    const { code, stdout } = await dumpMetadata()
    return [code, ...wanted.filter((type) => !stdout.includes(type))]
  }
  await expect.poll(isMissing, { timeout: SETTLE_MS, interval: 500 }).toEqual([0])
})

/** Of broker 1: its first segment and its newest snapshot. */
async function dumpMetadata() {
  const directory = join(eyrie.directory, '1', 'data', '__cluster_metadata-0')
  const names = (await readdir(directory)).sort()
  const log = names.find((name) => name.endsWith('.log')) ?? ''
  const newest = names.findLast((name) => name.endsWith('.checkpoint')) ?? ''
  const files = [log, newest].map((name) => join(directory, name)).join(',')
  return tools.run('dump-log', ['--cluster-metadata-decoder', '--files', files])
}
