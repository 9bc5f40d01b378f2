// `node scripts/scale.mjs`: how a cluster of three bears many partitions, figure by figure. Every step is bounded.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Kafka, logLevel } from 'kafkajs'
import { helpIfAsked } from './lib/help.mjs'
import { checkNode, root } from './lib/setup.mjs'

helpIfAsked(
  () => `node scripts/scale.mjs [options]: many partitions on three brokers; prints what each step takes.
  --partitions N   in all, three replicas each (10000)
  --topics N       that they are spread over (10)
  --port N         first port (38092)
  --factor X       exit code 1 when a figure is above X times its bound; without it figures are only printed
  --only-up        leave the cluster running, print its directory, measure nothing more after creating
  --help           this text`,
)
const execute = promisify(execFile)
process.chdir(root)
checkNode()
const args = process.argv.slice(2)
const option = (name, fallback) =>
  args.includes(name) ? Number(args[args.indexOf(name) + 1]) : fallback
const partitionCount = option('--partitions', 10_000)
const topicCount = option('--topics', 10)
const port = option('--port', 38_092)
const factor = option('--factor', null)
const bounds = { createS: 60, failoverS: 5, restartS: 10, idlePercent: 5 }
const STEP_TIMEOUT_MS = 180_000
/** The first round of retention and checkpoints is over by then. */
const SETTLE_MS = 40_000
const IDLE_WINDOW_MS = 20_000
const brokers = [1, 2, 3]
const ticksPerSecond = 100

const cluster = (...rest) =>
  execute(process.execPath, ['scripts/cluster.mjs', ...rest], { maxBuffer: 1 << 24 })
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** Seconds of CPU that the process has used. */
function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

function residentMb(pid) {
  return Math.round(
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024,
  )
}

/** What is asked costs the brokers something too: not too often. */
async function until(what, isDone, pauseMs = 1000) {
  const beganMs = performance.now()
  for (;;) {
    if (await isDone().catch(() => false)) return (performance.now() - beganMs) / 1000
    if (performance.now() - beganMs > STEP_TIMEOUT_MS) throw new Error(`${what}: no end in sight`)
    await sleep(pauseMs)
  }
}

const figures = {}
function report(name, value, unit, bound) {
  figures[name] = value
  const limit = bound === undefined ? '' : `  (bound ${bound} ${unit})`
  console.log(`${name.padEnd(14)} ${value.toFixed(2).padStart(8)} ${unit}${limit}`)
}

const directory = await mkdtemp(join(tmpdir(), 'eyrie-scale-'))
const pidOf = (id) => Number(readFileSync(join(directory, String(id), 'pid'), 'utf8'))
const cpuOfAll = () => brokers.map((id) => cpuSeconds(pidOf(id)))
let isLeftRunning = false
const clients = []

async function adminOf(...ids) {
  const kafka = new Kafka({
    clientId: 'scale',
    brokers: ids.map((id) => `127.0.0.1:${port + id - 1}`),
    logLevel: logLevel.NOTHING,
    requestTimeout: 120_000,
    retry: { retries: 20, initialRetryTime: 100, maxRetryTime: 500 },
  })
  const admin = kafka.admin()
  await admin.connect()
  clients.push(admin)
  return admin
}

async function partitionsSeen(admin) {
  const { topics } = await admin.fetchTopicMetadata()
  return topics.filter(({ name }) => name.startsWith('scale-')).flatMap((t) => t.partitions)
}

try {
  await cluster('up', directory, '--port', String(port))
  const admin = await adminOf(1, 2, 3)
  const before = cpuOfAll()
  const beganMs = performance.now()
  const perTopic = Math.ceil(partitionCount / topicCount)
  for (let topic = 0; topic < topicCount; topic += 1) {
    await admin.createTopics({
      topics: [{ topic: `scale-${topic}`, numPartitions: perTopic, replicationFactor: 3 }],
      timeout: 120_000,
      waitForLeaders: false,
    })
  }
  report('commit', (performance.now() - beganMs) / 1000, 's')
  const count = perTopic * topicCount
  const isWhole = async () => {
    const partitions = await partitionsSeen(admin)
    return (
      partitions.length === count && partitions.every((p) => p.leader > 0 && p.isr.length === 3)
    )
  }
  await until('creating', isWhole)
  report('create', (performance.now() - beganMs) / 1000, 's', bounds.createS)
  const used = cpuOfAll().map((after, index) => after - before[index])
  report('create cpu', Math.max(...used), 's of the busiest broker')
  if (args.includes('--only-up')) {
    isLeftRunning = true
    console.log(directory)
  } else {
    await sleep(SETTLE_MS)
    const idleBefore = cpuOfAll()
    await sleep(IDLE_WINDOW_MS)
    const idle = cpuOfAll().map(
      (after, index) => (after - idleBefore[index]) / (IDLE_WINDOW_MS / 1e5),
    )
    report('idle', Math.max(...idle), '% of one core, busiest', bounds.idlePercent)
    report('memory', Math.max(...brokers.map((id) => residentMb(pidOf(id)))), 'MB, largest broker')

    const victim = 3
    const witness = await adminOf(1, 2)
    const survivors = () => [1, 2].map((id) => cpuSeconds(pidOf(id)))
    const cpuBefore = survivors()
    await cluster('kill', directory, String(victim))
    const failoverS = await until(
      'failing over',
      async () => {
        const partitions = await partitionsSeen(witness)
        return (
          partitions.length === count &&
          partitions.every((p) => p.leader > 0 && p.leader !== victim)
        )
      },
      300,
    )
    report('failover', failoverS, 's', bounds.failoverS)
    const spent = survivors().map((after, index) => after - cpuBefore[index])
    report('failover cpu', Math.max(...spent), 's of the busiest broker')

    const restartMs = performance.now()
    await cluster('start', directory, String(victim))
    report('restart', (performance.now() - restartMs) / 1000, 's', bounds.restartS)
    await until('coming back into every ISR', isWhole)
    report('in sync again', (performance.now() - restartMs) / 1000, 's')
    await cluster('stop', directory, String(victim))
    const cleanMs = performance.now()
    await cluster('start', directory, String(victim))
    report('clean restart', (performance.now() - cleanMs) / 1000, 's', bounds.restartS)
  }
} finally {
  for (const admin of clients) await admin.disconnect().catch(() => undefined)
  if (!isLeftRunning) {
    await cluster('down', directory).catch((error) => console.error(error.message))
    await rm(directory, { recursive: true, force: true })
  }
}

if (factor !== null) {
  const limits = {
    create: bounds.createS,
    idle: bounds.idlePercent,
    failover: bounds.failoverS,
    restart: bounds.restartS,
    'clean restart': bounds.restartS,
  }
  const missed = Object.entries(limits).filter(
    ([name, bound]) => !(figures[name] <= bound * factor),
  )
  for (const [name, bound] of missed) console.error(`scale: ${name} is above ${bound * factor}`)
  if (missed.length > 0) process.exitCode = 1
}
