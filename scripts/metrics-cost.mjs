// What asking a broker for its metrics costs it: CPU time at one scrape a second with 300 partitions beside the time
// without, in turns, so that what the machine does otherwise strikes both alike.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Kafka, logLevel } from 'kafkajs'
import { helpIfAsked } from './lib/help.mjs'
import { cluster, numberOf } from './lib/measured-cluster.mjs'
import { checkNode, root } from './lib/setup.mjs'

const PROMISED_PERCENT = 1
const PARTITIONS = 300
const TOPICS = 10

helpIfAsked(
  () => `node scripts/metrics-cost.mjs [options]: what one scrape a second costs a broker with ${PARTITIONS} partitions,
in percent of one core, for Prometheus' text and for a Jolokia request of every attribute.
  --rounds N       turns of each way of asking, and of none (3)
  --window N       seconds of one turn (3)
  --port N         first port (31792)
  --factor X       exit code 1 when a figure is above X times ${PROMISED_PERCENT} %; without it figures are only printed
  --help           this text`,
)
process.chdir(root)
checkNode()
const rounds = numberOf('--rounds', 3)
const windowS = numberOf('--window', 3)
const port = numberOf('--port', 31_792)
const factor = numberOf('--factor', null)
const metrics = `http://127.0.0.1:${port + 200}`
const STEP_TIMEOUT_MS = 180_000
/** V8 compiles what runs often: an hour of scrapes has run when this many have. */
const WARM_UP_SCRAPES = 150

async function jolokia(body) {
  const reply = await fetch(`${metrics}/jolokia/`, { method: 'POST', body: JSON.stringify(body) })
  return reply.json()
}

const CPU_TIME = {
  type: 'read',
  mbean: 'java.lang:type=OperatingSystem',
  attribute: 'ProcessCpuTime',
}

/** CPU time of the broker so far, to the microsecond. */
const cpuNs = async () => (await jolokia(CPU_TIME)).value

/** kafkajs takes it for a failure that the broker it asks has not heard of a new topic yet. */
async function untilLed(admin, topics) {
  const deadlineMs = Date.now() + STEP_TIMEOUT_MS
  for (;;) {
    const told = await admin.fetchTopicMetadata({ topics }).catch(() => null)
    const partitions = told?.topics.flatMap((topic) => topic.partitions) ?? []
    if (partitions.length === PARTITIONS && partitions.every(({ leader }) => leader >= 0)) return
    if (Date.now() > deadlineMs) throw new Error('the topics have no leaders')
    await sleep(100)
  }
}

/** One topic's worth of everything that makes beans: records in, records out, a group. */
async function use(kafka) {
  const topics = Array.from({ length: TOPICS }, (_, index) => `cost-${index}`)
  const admin = kafka.admin()
  await admin.connect()
  const numPartitions = PARTITIONS / TOPICS
  await admin.createTopics({
    topics: topics.map((topic) => ({ topic, numPartitions, replicationFactor: 3 })),
    timeout: STEP_TIMEOUT_MS,
    waitForLeaders: false,
  })
  await untilLed(admin, topics)
  const producer = kafka.producer()
  await producer.connect()
  for (const topic of topics) {
    const messages = Array.from({ length: 300 }, (_, i) => ({ value: `${i}`, partition: i % 30 }))
    await producer.send({ topic, messages })
  }
  const consumer = kafka.consumer({ groupId: 'cost' })
  await consumer.connect()
  await consumer.subscribe({ topics, fromBeginning: true })
  let left = TOPICS * 300
  await new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error('nothing to read')), STEP_TIMEOUT_MS)
    const eachMessage = async () => {
      left -= 1
      if (left > 0) return
      clearTimeout(limit)
      resolve()
    }
    consumer.run({ eachMessage }).catch(reject)
  })
  await Promise.all([consumer.disconnect(), producer.disconnect(), admin.disconnect()])
}

/** Every bean there is but those of each partition, all attributes, one request. */
async function bulkOfAll() {
  const { value: names } = await jolokia({ type: 'search', mbean: '*:*' })
  return names
    .filter((name) => !/,partition=\d+|type=Log$|type=Partition$/.test(name))
    .map((mbean) => ({ type: 'read', mbean }))
}

/** Milliseconds of CPU a second while `ask` is called each second, `null` for never. */
async function costOf(ask) {
  const before = await cpuNs()
  const beganMs = performance.now()
  for (let second = 0; second < windowS; second += 1) {
    await ask?.()
    await sleep(Math.max(0, beganMs + (second + 1) * 1000 - performance.now()))
  }
  return ((await cpuNs()) - before) / 1e6 / ((performance.now() - beganMs) / 1000)
}

/** What else the machine does only adds: to caches that are cold, and processors that are shared. */
const least = (values) => Math.min(...values)

const directory = await mkdtemp(join(tmpdir(), 'eyrie-metrics-cost-'))
const percents = []
try {
  await cluster('up', directory, '--brokers', '3', '--port', String(port))
  await use(
    new Kafka({
      clientId: 'cost',
      brokers: [`127.0.0.1:${port}`],
      logLevel: logLevel.NOTHING,
      retry: { retries: 20 },
    }),
  )
  const requests = await bulkOfAll()
  const text = async (query) => (await fetch(`${metrics}/metrics${query}`)).text()
  const ways = {
    'Prometheus text': () => text(''),
    [`Jolokia, ${requests.length} beans`]: () => jolokia(requests),
  }
  const sizeBytes = Buffer.byteLength(await text(''))
  for (const ask of Object.values(ways)) {
    for (let count = 0; count < WARM_UP_SCRAPES; count += 1) await ask()
  }
  await sleep(1000)
  const without = []
  const withEach = Object.keys(ways).map(() => [])
  for (let round = 0; round < rounds; round += 1) {
    without.push(await costOf(null))
    for (const [index, ask] of Object.values(ways).entries()) {
      withEach[index].push(await costOf(ask))
    }
  }
  const idleMs = least(without)
  console.log(`one broker of three, ${PARTITIONS} partitions; without a scrape:`)
  console.log(`  ${(idleMs / 10).toFixed(2)} % of one core; the text has ${sizeBytes} bytes`)
  for (const [index, name] of Object.keys(ways).entries()) {
    const percent = (least(withEach[index]) - idleMs) / 10
    percents.push(percent)
    console.log(`${name}, once a second: ${percent.toFixed(2)} % (promised ${PROMISED_PERCENT} %)`)
  }
  const beforeAll = await cpuNs()
  for (let count = 0; count < 20; count += 1) await text('?partitions=1')
  const withPartitionsMs = ((await cpuNs()) - beforeAll) / 1e6 / 20
  console.log(
    `with the beans of each partition, on request: ${withPartitionsMs.toFixed(1)} ms each`,
  )
} finally {
  await cluster('down', directory).catch((error) => console.error(error.message))
  await rm(directory, { recursive: true, force: true })
}
if (factor !== null && !percents.every((percent) => percent <= factor * PROMISED_PERCENT)) {
  console.error(`metrics-cost: a figure is above ${factor * PROMISED_PERCENT} %`)
  process.exitCode = 1
}
