// `npm run bench`: Eyrie and Apache Kafka 4.3.1 in turn, in one run, on this machine; prints ratios.
import { execFile, execFileSync, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { helpIfAsked } from './lib/help.mjs'
import { bundleProcesses, checkNode, installPackages, root } from './lib/setup.mjs'

helpIfAsked(
  () => `npm run bench -- [options]: Eyrie and Apache Kafka 4.3.1 in turn, in one run, on this machine; prints ratios.
Needs a JDK 17 and mvn (tests/peers/apache-kafka fetches Apache Kafka), and Python's confluent-kafka for kill.
  --quick             a tenth of the records
  --only NAME[,NAME]  some of the measurements: start, idle, acks1, acksall, small, consume, kill
  --help              this text`,
)
const execute = promisify(execFile)
process.chdir(root)
checkNode()
const args = process.argv.slice(2)
const isQuick = args.includes('--quick')
const only = args.includes('--only') ? args[args.indexOf('--only') + 1].split(',') : null
const wants = (name) => only === null || only.includes(name)
const peer = 'tests/peers/apache-kafka'
const scale = isQuick ? 0.1 : 1

const clusters = {
  eyrie: { command: process.execPath, prefix: ['scripts/cluster.mjs'], port: 39_092, extra: [] },
  kafka: { command: peer, prefix: [], port: 49_092, extra: ['--heap', '1g'] },
}

async function up(name, { brokers, properties = [] }) {
  const { command, prefix, port, extra } = clusters[name]
  const directory = await mkdtemp(join(tmpdir(), `bench-${name}-`))
  const began = performance.now()
  const { stdout } = await execute(
    command,
    [
      ...prefix,
      'up',
      directory,
      '--brokers',
      String(brokers),
      '--port',
      String(port),
      ...extra,
      ...properties.flatMap((p) => ['--set', p]),
    ],
    { maxBuffer: 1 << 24 },
  )
  const startMs = performance.now() - began
  const bootstrap = stdout.trim().split('\n').at(-1)
  const call = (...rest) => execute(command, [...prefix, ...rest], { maxBuffer: 1 << 24 })
  const pids = () =>
    Array.from({ length: brokers }, (_, i) =>
      Number(readFileSync(join(directory, String(i + 1), 'pid'), 'utf8')),
    )
  return {
    name,
    directory,
    bootstrap,
    startMs,
    pids,
    call,
    down: async () => {
      await call('down', directory)
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** Resident memory in MB. */
function residentMb(pids) {
  return pids.reduce((sum, pid) => {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return sum + Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
  }, 0)
}
const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
function cpuSeconds(pids) {
  return pids.reduce((sum, pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return sum + (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
  }, 0)
}

async function tool(name, toolArgs) {
  const { stdout } = await execute(peer, ['cli', name, ...toolArgs], { maxBuffer: 1 << 24 })
  return stdout
}
const createTopic = (cluster, topic, replicas) =>
  tool('topics', [
    '--bootstrap-server',
    cluster.bootstrap,
    '--create',
    '--topic',
    topic,
    '--partitions',
    '1',
    '--replication-factor',
    String(replicas),
  ])

/** kafka-producer-perf-test; records a second over the whole run, and the brokers' CPU. */
async function produce(cluster, { topic, records, size, acks }) {
  const before = cpuSeconds(cluster.pids())
  const out = await tool('producer-perf', [
    '--topic',
    topic,
    '--num-records',
    String(records),
    '--record-size',
    String(size),
    '--throughput',
    '-1',
    '--producer-props',
    `bootstrap.servers=${cluster.bootstrap}`,
    `acks=${acks}`,
  ])
  const last = out.trim().split('\n').at(-1) ?? ''
  const rate = Number(/([\d.]+) records\/sec/.exec(last)?.[1] ?? 0)
  const cpu = cpuSeconds(cluster.pids()) - before
  return { rate, cpuPerGb: cpu / ((records * size) / 1e9) }
}

async function consume(cluster, { topic, records }) {
  const out = await tool('consumer-perf', [
    '--bootstrap-server',
    cluster.bootstrap,
    '--topic',
    topic,
    '--num-records',
    String(records),
    '--fetch-size',
    '1048576',
    '--group',
    `bench-${Date.now()}`,
  ])
  const [head, values] = out
    .trim()
    .split('\n')
    .slice(-2)
    .map((line) => line.split(',').map((s) => s.trim()))
  // Without the time of joining the group, which is a setting.
  return Number(values?.[head?.findIndex((h) => /fetch.*(nMsg|record).*sec/i.test(h)) ?? -1] ?? 0)
}

/** Longest time between two acknowledged writes around a kill -9 of the partition's leader. */
async function gapAtKill(cluster) {
  const topic = 'gap'
  await createTopic(cluster, topic, 3)
  const client = spawn('python3', [
    'tests/support/clients/kill_each.py',
    cluster.bootstrap,
    topic,
    'bench',
  ])
  let text = ''
  client.stdout.on('data', (chunk) => {
    text += chunk
  })
  await new Promise((resolve) => setTimeout(resolve, 4000))
  const described = await tool('topics', [
    '--bootstrap-server',
    cluster.bootstrap,
    '--describe',
    '--topic',
    topic,
  ])
  const leader = /Leader: (\d+)/.exec(described)?.[1]
  await cluster.call('kill', cluster.directory, leader)
  await new Promise((resolve) => setTimeout(resolve, 20_000))
  client.stdin.end('stop\n')
  await new Promise((resolve) => client.once('close', resolve))
  return JSON.parse(text.trim().split('\n').at(-1) ?? '{}').longestGapMs
}

const rows = []
/** `better`: 'more' or 'less'; the ratio is above 1 where Eyrie is better. */
function row(title, unit, figures, better) {
  const { eyrie, kafka } = figures
  const ratio = better === 'more' ? eyrie / kafka : kafka / eyrie
  const text =
    `${title.padEnd(44)} ${eyrie.toFixed(1).padStart(11)} ${kafka.toFixed(1).padStart(11)} ` +
    `${unit.padEnd(8)} ${ratio.toFixed(2)} ×`
  rows.push(text)
  console.log(text)
}

async function both(measure) {
  const figures = {}
  for (const name of ['eyrie', 'kafka']) figures[name] = await measure(name)
  return figures
}
async function withCluster(name, options, measure) {
  const cluster = await up(name, options)
  try {
    return await measure(cluster)
  } finally {
    await cluster.down()
  }
}

try {
  await installPackages()
  await bundleProcesses(['broker', 'supervisor', 'cluster'])
  console.log(`${''.padEnd(44)} ${'Eyrie'.padStart(11)} ${'Kafka'.padStart(11)}`)
  if (wants('start') || wants('idle')) {
    const idle = await both((name) =>
      withCluster(name, { brokers: 3 }, async (cluster) => {
        await new Promise((resolve) => setTimeout(resolve, 5000))
        return { startS: cluster.startMs / 1000, mb: residentMb(cluster.pids()) }
      }),
    )
    const part = (key) => ({ eyrie: idle.eyrie[key], kafka: idle.kafka[key] })
    row('start of 3 brokers', 's', part('startS'), 'less')
    row('idle memory of 3 brokers', 'MB', part('mb'), 'less')
  }
  const single = await both((name) =>
    !(wants('acks1') || wants('small') || wants('consume'))
      ? {}
      : withCluster(name, { brokers: 1 }, async (cluster) => {
          const big = { topic: 'big', records: Math.round(1_000_000 * scale), size: 1000, acks: 1 }
          await createTopic(cluster, 'big', 1)
          await createTopic(cluster, 'small', 1)
          await produce(cluster, { ...big, topic: 'small', records: 20_000 })
          const first = await produce(cluster, big)
          const consumed = await consume(cluster, { topic: 'big', records: big.records })
          const small = await produce(cluster, {
            topic: 'small',
            records: Math.round(3_000_000 * scale),
            size: 100,
            acks: 1,
          })
          return { rate: first.rate, cpuPerGb: first.cpuPerGb, small: small.rate, consumed }
        }),
  )
  const of = (key) => ({ eyrie: single.eyrie[key], kafka: single.kafka[key] })
  if (single.eyrie.rate !== undefined) {
    row('produce 1,000 B, acks=1, RF 1', 'rec/s', of('rate'), 'more')
    row('produce 100 B, acks=1, RF 1', 'rec/s', of('small'), 'more')
    row('consume 1,000 B', 'rec/s', of('consumed'), 'more')
    row('broker CPU while producing', 's/GB', of('cpuPerGb'), 'less')
  }
  if (wants('acksall')) {
    const all = await both((name) =>
      withCluster(name, { brokers: 3 }, async (cluster) => {
        await createTopic(cluster, 'all', 3)
        await produce(cluster, { topic: 'all', records: 20_000, size: 1000, acks: 'all' })
        return (
          await produce(cluster, {
            topic: 'all',
            records: Math.round(400_000 * scale),
            size: 1000,
            acks: 'all',
          })
        ).rate
      }),
    )
    row('produce 1,000 B, acks=all, RF 3', 'rec/s', all, 'more')
  }
  if (wants('kill')) {
    const gap = await both((name) => withCluster(name, { brokers: 3 }, gapAtKill))
    row('longest gap at a kill -9 of the leader', 'ms', gap, 'less')
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
