// `node scripts/scale.mjs`: how a cluster of three bears many partitions, figure by figure. Every step is bounded.
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Kafka, logLevel } from 'kafkajs'
import { helpIfAsked } from './lib/help.mjs'
import { cluster, numberOf } from './lib/measured-cluster.mjs'
import { checkNode, root } from './lib/setup.mjs'

helpIfAsked(
  () => `node scripts/scale.mjs [options]: many partitions on three brokers; prints what each step takes.
  --partitions N   in all, three replicas each (10000)
  --topics N       that they are spread over (10)
  --port N         first port (31092)
  --factor X       exit code 1 when a figure is above X times its bound; without it figures are only printed
  --no-idle        do not wait for idleness to measure it
  --only-up        leave the cluster running, print its directory, measure nothing more after creating
  --help           this text`,
)
process.chdir(root)
checkNode()
const args = process.argv.slice(2)
const partitionCount = numberOf('--partitions', 10_000)
const topicCount = numberOf('--topics', 10)
const port = numberOf('--port', 31_092)
const factor = numberOf('--factor', null)
const bounds = { createS: 60, failoverS: 5, restartS: 10, idlePercent: 5 }
const STEP_TIMEOUT_MS = 180_000
/** After creating, brokers still assign directories, and look at each log for the first time. */
const SETTLE_WINDOW_MS = 10_000
const SETTLE_MIN_MS = 60_000
const SETTLE_MAX_MS = 120_000
/** As long as the interval of checkpoints, the most frequent of what is done to all logs. */
const IDLE_WINDOW_MS = 60_000
const brokers = [1, 2, 3]
const ticksPerSecond = 100

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
/** Percent of one core over the next `windowMs`, of the busiest broker. */
async function busiestPercent(windowMs) {
  const before = cpuOfAll()
  const beganMs = performance.now()
  await sleep(windowMs)
  const perSecond = 100_000 / (performance.now() - beganMs)
  return Math.max(...cpuOfAll().map((after, index) => (after - before[index]) * perSecond))
}

/** Until a window costs no less than the one before; gives the seconds that took. */
async function settle() {
  const beganMs = performance.now()
  let last = Number.POSITIVE_INFINITY
  while (performance.now() - beganMs < SETTLE_MAX_MS) {
    const now = await busiestPercent(SETTLE_WINDOW_MS)
    if (now > last * 0.8 && performance.now() - beganMs >= SETTLE_MIN_MS) break
    last = now
  }
  return (performance.now() - beganMs) / 1000
}

/** Longest that an event loop was kept over the last ten seconds or more, in ms, of those brokers; collecting garbage included. */
async function longestTurnMs(ids) {
  const { brokers: known } = JSON.parse(readFileSync(join(directory, 'cluster.json'), 'utf8'))
  const ports = known.filter(({ id }) => ids.includes(id)).map(({ jolokiaPort }) => jolokiaPort)
  const longest = ports.map(async (jolokia) => {
    const url = `http://127.0.0.1:${jolokia}/jolokia/read/node:type=EventLoop`
    const { value } = await (await fetch(url)).json()
    return value.DelayMaxMs
  })
  return Math.max(...(await Promise.all(longest)))
}

/** Writes to all partitions of a topic until told to end; gives how many sends failed for good, and how many did not. */
function beginWriting(ids) {
  let isOver = false
  const written = { failed: 0, sent: 0 }
  const run = async () => {
    const producer = kafkaOf(ids).producer()
    await producer.connect()
    for (let turn = 0; !isOver; turn += 1) {
      const messages = Array.from({ length: 50 }, (_, at) => ({
        partition: (turn * 50 + at) % Math.ceil(partitionCount / topicCount),
        value: `${turn}-${at}`,
      }))
      try {
        await producer.send({ topic: 'scale-0', acks: -1, messages })
        written.sent += 1
      } catch (error) {
        written.failed += 1
        console.error(`a write failed: ${error.message}`)
      }
    }
    await producer.disconnect()
    return written
  }
  const running = run()
  return () => {
    isOver = true
    return running
  }
}

/** Whether a process is there. */
function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Whether the controller let that broker go, the last time it stopped: it does once it leads nothing, and all know. */
function wasLetGo(id) {
  const log = readFileSync(join(directory, String(id), 'server.log'), 'utf8')
  const told = log.split('\n').findLast((line) => line.includes('Controlled shutdown'))
  return told !== undefined && /finished.*true/.test(told)
}

/** A clean stop under load: leadership has gone from the broker before its process does, and no write fails. */
async function stopCleanly(victim) {
  const others = brokers.filter((id) => id !== victim)
  // One broker, whoever the client means to ask: who stops is told last that it leads no more.
  const asked = port + others[0] - 1
  const witness = await connected(
    kafkaOf(others, { socketFactory: ({ host, onConnect }) => connect(asked, host, onConnect) }),
  )
  const ledBy = (partitions) => partitions.filter(({ leader }) => leader === victim).length
  report('led before', ledBy(await partitionsSeen(witness)), 'partitions, by who stops cleanly')
  const endWriting = beginWriting(others)
  const pid = pidOf(victim)
  const beganMs = performance.now()
  let isStopped = false
  const stopping = cluster('stop', directory, String(victim)).finally(() => {
    isStopped = true
  })
  let ledWhenLastSeenAlive = Number.POSITIVE_INFINITY
  while (!isStopped) {
    const partitions = await partitionsSeen(witness).catch(() => null)
    if (partitions !== null && isAlive(pid)) {
      ledWhenLastSeenAlive = ledBy(partitions)
    }
    if (ledWhenLastSeenAlive === 0 && figures['leaders moved'] === undefined) {
      report('leaders moved', (performance.now() - beganMs) / 1000, 's')
    }
    await sleep(100)
  }
  await stopping
  report('clean stop', (performance.now() - beganMs) / 1000, 's')
  // A look takes its time: more may have moved since the last one.
  report('led last seen', ledWhenLastSeenAlive, 'partitions, by the last look at it alive')
  report('let go', wasLetGo(victim) ? 1 : 0, 'of 1 stops: it led nothing when its process ended')
  await sleep(1000)
  const { failed, sent } = await endWriting()
  report('writes', sent, 'sent meanwhile, 50 records each')
  report('writes failed', failed, 'for good, whatever the client tried')
}

let isLeftRunning = false
const clients = []

function kafkaOf(ids, options = {}) {
  return new Kafka({
    ...options,
    clientId: 'scale',
    brokers: ids.map((id) => `127.0.0.1:${port + id - 1}`),
    logLevel: logLevel.NOTHING,
    requestTimeout: 120_000,
    retry: { retries: 20, initialRetryTime: 100, maxRetryTime: 500 },
  })
}

const adminOf = (...ids) => connected(kafkaOf(ids))

async function connected(kafka) {
  const admin = kafka.admin()
  await admin.connect()
  clients.push(admin)
  return admin
}

async function partitionsSeen(admin) {
  const { topics } = await admin.fetchTopicMetadata()
  return topics.filter(({ name }) => name.startsWith('scale-')).flatMap((t) => t.partitions)
}

/** Metadata names leaders before they lead: each is asked. */
async function isServed(admin) {
  for (let topic = 0; topic < topicCount; topic += 1) {
    const offsets = await admin.fetchTopicOffsets(`scale-${topic}`)
    if (offsets.length !== Math.ceil(partitionCount / topicCount)) return false
  }
  return true
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
  report('in metadata', (performance.now() - beganMs) / 1000, 's')
  await until('serving', () => isServed(admin))
  report('create', (performance.now() - beganMs) / 1000, 's', bounds.createS)
  const used = cpuOfAll().map((after, index) => after - before[index])
  report('create cpu', Math.max(...used), 's of the busiest broker')
  if (args.includes('--only-up')) {
    isLeftRunning = true
    console.log(directory)
  } else {
    if (!args.includes('--no-idle')) {
      report('settle', await settle(), 's')
      const idlePercent = await busiestPercent(IDLE_WINDOW_MS)
      report('idle', idlePercent, '% of one core, busiest', bounds.idlePercent)
    }
    report('memory', Math.max(...brokers.map((id) => residentMb(pidOf(id)))), 'MB, largest broker')

    const victim = 3
    const witnesses = [1, 2]
    const witness = await adminOf(...witnesses)
    const survivors = () => witnesses.map((id) => cpuSeconds(pidOf(id)))
    const cpuBefore = survivors()
    await longestTurnMs(witnesses)
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
    const serveS = await until('leading', () => isServed(witness), 300)
    report('all lead', failoverS + serveS, 's')
    report('longest turn', await longestTurnMs(witnesses), 'ms of an event loop meanwhile')
    const spent = survivors().map((after, index) => after - cpuBefore[index])
    report('failover cpu', Math.max(...spent), 's of the busiest broker')

    const restartMs = performance.now()
    await cluster('start', directory, String(victim))
    report('restart', (performance.now() - restartMs) / 1000, 's', bounds.restartS)
    await until('coming back into every ISR', isWhole)
    report('in sync again', (performance.now() - restartMs) / 1000, 's')
    // Not the one that was killed: it leads nothing yet.
    await stopCleanly(witnesses[0])
    const cleanMs = performance.now()
    await cluster('start', directory, String(witnesses[0]))
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
    ([name, bound]) => name in figures && !(figures[name] <= bound * factor),
  )
  for (const [name, bound] of missed) console.error(`scale: ${name} is above ${bound * factor}`)
  const promised = { 'let go': 1, 'writes failed': 0 }
  const wrong = Object.keys(promised).filter((name) => figures[name] !== promised[name])
  for (const name of wrong)
    console.error(`scale: ${name} is ${figures[name]}, not ${promised[name]}`)
  const idle = ['led before', 'writes'].filter((name) => !(figures[name] > 0))
  for (const name of idle) console.error(`scale: ${name}: none, so the clean stop shows nothing`)
  if (missed.length + wrong.length + idle.length > 0) process.exitCode = 1
}
