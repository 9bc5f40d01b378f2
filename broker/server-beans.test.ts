// The beans of a whole broker against those of Apache Kafka 4.3.1 (tests/facts/mbeans.tsv): what that has and this
// has not stands in docs/METRICS.md with the reason, and so does what only this has.
import { readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { buildBatch } from '../protocol/records/build.ts'
import { Produce } from '../protocol/schemas/00-produce.ts'
import { Fetch } from '../protocol/schemas/01-fetch.ts'
import { CreateTopics } from '../protocol/schemas/19-create-topics.ts'
import { createWorld } from '../tests/support/memory-runtime.ts'
import { BrokerServer } from './broker-server.ts'
import { loadBrokerConfig } from './config.ts'
import { registerIdleBeans } from './metrics/idle-beans.ts'
import { answerJolokia } from './metrics/jolokia.ts'
import { type ProcessStats, registerProcessBeans } from './metrics/process-beans.ts'
import { PrometheusWriter } from './metrics/prometheus.ts'
import { Registry } from './metrics/registry.ts'
import { connectPeer } from './network/peer-client.ts'
import type { PeerClient } from './network/types.ts'

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')

/** Bean → attribute → type, as the file has them; `{…}` and figures of one cluster made one. */
function fromFile(): Map<string, Map<string, string>> {
  const beans = new Map<string, Map<string, string>>()
  for (const line of read('../tests/facts/mbeans.tsv').trim().split('\n').slice(1)) {
    const [name = '', attributes = ''] = line.split('\t')
    const types = attributes.split(',').map((each) => {
      const colon = each.lastIndexOf(':')
      return [each.slice(0, colon), each.slice(colon + 1)] as const
    })
    beans.set(general(name), new Map(types))
  }
  return beans
}

const VARIABLE = 'partition topic listener networkProcessor broker id logDirectory version'
  .concat(
    ' request error clientId clientSoftwareName clientSoftwareVersion processor BrokerId dir client-id',
  )
  .split(' ')

/** Keys in order, values that differ between clusters left out. */
function general(name: string): string {
  const [domain = '', keys = ''] = name.split(/:(.*)/s)
  const parts = keys.split(/,(?=[A-Za-z-]+=)/).map((part) => {
    const key = part.slice(0, part.indexOf('='))
    return VARIABLE.includes(key) ? `${key}=*` : part
  })
  return `${domain}:${parts.sort().join(',')}`
}

/** Names in the table under a heading of docs/METRICS.md; `*` at the end of one takes in what follows. */
function documented(heading: string): string[] {
  const section = read('../docs/METRICS.md').split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  return [...section.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1] ?? '')
}

/** `*` in the list stands for anything. */
function isListed(list: readonly string[], name: string): boolean {
  return list.some((each) => {
    const parts = each.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    return new RegExp(`^${parts.join('.*')}$`).test(name)
  })
}

const stats = {
  platform: { name: '', version: '', arch: '', nodeVersion: '' },
  heap: () => ({ usedBytes: 1, committedBytes: 1, maxBytes: 1 }),
  eventLoopDelayMs: () => ({ min: 0, mean: 0, p50: 0, p99: 0, max: 0 }),
  diskBytes: () => ({ read: 0, written: 0 }),
  swapBytes: () => ({ total: 0, free: 0 }),
  collectors: () => [
    { name: 'V8 Scavenge', count: 1, durationMs: 1, last: { startMs: 1, endMs: 2 } },
  ],
  memoryPools: () => {
    const used = { usedBytes: 1, committedBytes: 1 }
    return [{ name: 'new_space', ...used, peak: used }]
  },
  arguments: ['--enable-source-maps'],
  startTimeMs: 1,
}
const figures = new Proxy(stats, {
  get: (target, name) => Reflect.get(target, name) ?? (() => 1),
}) as unknown as ProcessStats

const atBroker = { endpoint: { host: 'b1', port: 9092 }, clientId: 'test' }

/** Some beans are there only once there is something to tell: a topic, its records, an error. */
async function useIt(client: PeerClient): Promise<void> {
  const timeout = { timeoutMs: 30_000 }
  const topics = [{ name: 'orders', numPartitions: 1, replicationFactor: 1 }]
  const created = await client.send(CreateTopics, { topics, timeoutMs: 10_000 }, timeout)
  const topicId = created.topics[0]?.topicId ?? ''
  const records = buildBatch({ baseOffset: 0, records: [{ key: null, value: Buffer.from('a') }] })
  const topicData = [{ topicId, partitionData: [{ index: 0, records }] }]
  // The broker takes the lead a moment after the topic is there.
  for (let code: number | undefined = 6; code !== 0; ) {
    const produced = await client.send(Produce, { acks: -1, timeoutMs: 10_000, topicData }, timeout)
    code = produced.responses[0]?.partitionResponses[0]?.errorCode
  }
  const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1e6 }]
  await client.send(Fetch, { maxWaitMs: 0, topics: [{ topicId, partitions }] }, timeout)
}

let served: Map<string, Map<string, string>>
/** Prometheus' text of the same broker. */
let scraped = ''

beforeAll(async () => {
  const world = createWorld({ seed: 1 })
  const runtime = world.host('b1')
  const registry = new Registry(runtime)
  const text = [
    'process.roles=broker,controller',
    'node.id=1',
    'listeners=PLAINTEXT://b1:9092,CONTROLLER://b1:9192',
    'controller.listener.names=CONTROLLER',
    'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.quorum.voters=1@b1:9192',
    'log.dirs=/data',
    'eyrie.cluster.id=AAAAAAAAQACAAAAAAAAAAA',
  ].join('\n')
  const { config } = loadBrokerConfig('server.properties', text, 'b1')
  registerProcessBeans(registry, figures, { nodeId: 1, version: '4.3.1', commitId: '' })
  registerIdleBeans(registry, runtime.clock, () => 0)
  const fail = (error: Error) => {
    throw error
  }
  const options = { runtime, config, metrics: registry, onFatal: fail }
  const server = await world.run(BrokerServer.open(options))
  await world.run(server.serve())
  await world.run(useIt(connectPeer({ ...atBroker, runtime: world.host('client') })))
  const product = { name: 'eyrie', vendor: 'Eyrie', version: '4.3.1' }
  const source = { registry, agentVersion: '2', agentId: 'a', product, nowMs: () => 0 }
  const reply = answerJolokia(source, { method: 'GET', url: '/jolokia/list', body: '' })
  const { value } = JSON.parse(reply.body) as {
    value: Record<string, Record<string, { attr: Record<string, { type: string }> }>>
  }
  served = new Map()
  for (const [domain, beans] of Object.entries(value)) {
    for (const [keys, { attr }] of Object.entries(beans)) {
      const types = Object.entries(attr).map(([name, { type }]) => [name, shortType(type)] as const)
      served.set(general(`${domain}:${keys}`), new Map(types))
    }
  }
  scraped = new PrometheusWriter().text(registry, { withPartitions: true })
  await world.run(server.shutdown())
})

/** As the file has them: without packages. */
function shortType(type: string): string {
  return type.slice(type.lastIndexOf('.') + 1)
}

test('every bean and attribute of Kafka is served or documented, with its type', () => {
  const without = documented('Not served')
  const gaps: string[] = []
  for (const [name, attributes] of fromFile()) {
    if (isListed(without, name)) continue
    const here = served.get(name)
    if (here === undefined) gaps.push(name)
    for (const [attribute, type] of here === undefined ? [] : attributes) {
      if (isListed(without, `${name} ${attribute}`)) continue
      const actual = here?.get(attribute)
      if (actual === undefined) gaps.push(`${name} ${attribute}`)
      else if (actual.toLowerCase() !== type.toLowerCase()) {
        gaps.push(`${name} ${attribute}: ${actual}, not ${type}`)
      }
    }
  }
  expect(gaps).toEqual([])
})

test('nothing is served that Kafka has not, unless documented', () => {
  const file = fromFile()
  const extra = documented('Served beyond the list')
  const surprises: string[] = []
  for (const [name, attributes] of served) {
    if (isListed(extra, name)) continue
    const there = file.get(name)
    if (there === undefined) surprises.push(name)
    else {
      for (const attribute of attributes.keys()) {
        const full = `${name} ${attribute}`
        if (!there.has(attribute) && !isListed(extra, full)) surprises.push(full)
      }
    }
  }
  expect(surprises).toEqual([])
})

test('what is documented as not served is not', () => {
  const without = documented('Not served')
  const all = [...served].flatMap(([name, attributes]) => [
    name,
    ...[...attributes.keys()].map((attribute) => `${name} ${attribute}`),
  ])
  expect(all.filter((name) => isListed(without, name))).toEqual([])
})

interface Exported {
  type: string
  /** Sets of names, each in order. */
  labels: Set<string>
}

function exportedHere(): Map<string, Exported> {
  const types = new Map<string, string>()
  const found = new Map<string, Exported>()
  for (const line of scraped.trimEnd().split('\n')) {
    const [, family, kind] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? []
    if (family !== undefined && kind !== undefined) types.set(family, kind)
    if (line.startsWith('#')) continue
    const [, name = '', labels = ''] = /^([^{ ]+)(?:\{(.*)\})? /.exec(line) ?? []
    const keys = [...labels.matchAll(/(?:^|,)(\w+)="(?:[^"\\]|\\.)*"/g)].map((match) => match[1])
    const type = types.get(name) ?? types.get(name.replace(/_(sum|count)$/, '')) ?? 'untyped'
    const known = found.get(name) ?? { type, labels: new Set() }
    known.labels.add(keys.sort().join(','))
    found.set(name, known)
  }
  return found
}

/** The exporter since 1.0 puts _total behind every counter; most dashboards are older. */
const older = (name: string): string => name.replace(/_count_total$/, '_count')

/** What is not as the exporter has it; null where all is. */
function difference(here: Map<string, Exported>, line: string): string | null {
  const [name = '', type = '', labels = ''] = line.split('\t')
  const ours = here.get(older(name))
  if (ours === undefined) return name
  if (ours.type !== type) return `${name}: ${ours.type}, not ${type}`
  if (labels.split('|').some((each) => ours.labels.has(each))) return null
  return `${name}: labels ${[...ours.labels].join(' or ')}, not ${labels}`
}

test("Prometheus names, types and labels are the exporter's, or documented, and only then", () => {
  const differing = documented('Names in Prometheus')
  const here = exportedHere()
  const gaps: string[] = []
  const stale: string[] = []
  for (const line of read('../tests/facts/prometheus.tsv').trim().split('\n').slice(1)) {
    const name = line.slice(0, line.indexOf('\t'))
    const found = difference(here, line)
    if (!isListed(differing, name)) gaps.push(...(found === null ? [] : [found]))
    else if (found === null) stale.push(name)
  }
  expect({ gaps, stale }).toEqual({ gaps: [], stale: [] })
})
