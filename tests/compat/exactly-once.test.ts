// Exactly-once, shown: a consume-transform-produce loop on kafkajs, on Python's confluent-kafka and on the Java
// client, killed, paused and fenced at random while brokers are killed too. Under read_committed each input
// record has exactly one output record. FULL=1: five minutes instead of two.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTopics } from '../support/create-topics.ts'
import { type EyrieCluster, execute, root, startEyrie, until } from '../support/eyrie-cluster.ts'

const DURATION_MS = process.env.FULL ? 300_000 : 120_000
const PARTITIONS = 6
const INPUTS_PER_BEAT = 8
const BEAT_MS = 50
const input = 'eo-input'

let eyrie: EyrieCluster
let classes = ''

interface Client {
  name: string
  command: string
  args: string[]
  /** Members of the group, each with a transactional id of its own. */
  workers: number
}

interface Worker {
  child: ChildProcess
  isReplaced: boolean
}

/** Of what a worker says on standard error. */
const LAST_WORDS = 3000

/** One client's group: keeps its workers running and counts what befell them. */
class Group {
  readonly client: Client
  readonly #slots: Worker[] = []
  /** Those that live, with the last of what they said. */
  readonly #all = new Map<ChildProcess, { id: string; said: string }>()
  readonly tally = { transformed: 0, killed: 0, paused: 0, fenced: 0, ended: 0 }
  isStopping = false

  constructor(client: Client) {
    this.client = client
    for (let slot = 0; slot < client.workers; slot++) this.#start(slot)
  }

  get name(): string {
    return this.client.name
  }

  get output(): string {
    return `eo-output-${this.name}`
  }

  get groupId(): string {
    return `eo-${this.name}`
  }

  #start(slot: number): void {
    const { command, args } = this.client
    const id = `${this.groupId}-${slot}`
    const child = spawn(command, [...args, eyrie.bootstrap, input, this.output, this.groupId, id], {
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const words = { id, said: '' }
    child.stderr?.on('data', (chunk: Buffer) => {
      if (process.env.EO_VERBOSE) process.stderr.write(chunk)
      words.said = (words.said + chunk.toString()).slice(-LAST_WORDS)
    })
    child.stdin?.on('error', () => undefined)
    const worker: Worker = { child, isReplaced: false }
    this.#slots[slot] = worker
    this.#all.set(child, words)
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      const done = /^done (\d+)$/.exec(line)
      if (done) this.tally.transformed += Number(done[1])
    })
    child.once('exit', (code, signal) => {
      this.#all.delete(child)
      if (code === 3) this.tally.fenced += 1
      else if (code !== 0 && signal === null) this.tally.ended += 1
      if (this.isStopping || worker.isReplaced) return
      setTimeout(() => this.isStopping || this.#start(slot), 200)
    })
  }

  harm(slot: number, kind: 'kill' | 'pause' | 'fence'): void {
    const worker = this.#slots[slot]
    if (worker === undefined || worker.child.exitCode !== null) return
    if (kind === 'kill') {
      this.tally.killed += 1
      worker.child.kill('SIGKILL')
    } else if (kind === 'pause') {
      this.tally.paused += 1
      worker.child.kill('SIGSTOP')
      // Longer than its session: another takes its partitions over, or its transaction is aborted.
      setTimeout(() => worker.child.kill('SIGCONT'), 8000)
    } else {
      // The old one lives on without knowing: its successor has its transactional id.
      worker.isReplaced = true
      this.#start(slot)
    }
  }

  /** What its workers do, for a test that waits in vain. */
  async lastWords(): Promise<string> {
    for (const child of this.#all.keys()) if (this.name === 'confluent') child.kill('SIGUSR1')
    await sleep(1000)
    const each = Array.from(this.#all, ([{ pid }, { id, said }]) => `${id} (${pid}):\n${said}`)
    return [JSON.stringify(this.tally), ...each].join('\n')
  }

  async stop(): Promise<void> {
    this.isStopping = true
    for (const child of this.#all.keys()) {
      child.kill('SIGCONT')
      child.stdin?.end()
    }
    await until(`${this.name} ends`, () => this.#all.size === 0, 20_000).catch(() => undefined)
    for (const child of this.#all.keys()) child.kill('SIGKILL')
  }
}

beforeAll(async () => {
  eyrie = await startEyrie({ brokers: 3 })
  const { stdout } = await execute(join(root, 'tests/peers/apache-kafka'), ['jars'], {
    timeout: 240_000,
  })
  const jars = `${stdout.trim()}/*`
  classes = await mkdtemp(join(tmpdir(), 'eyrie-classes-'))
  const source = join(root, 'tests/peers/ExactlyOnce.java')
  await execute('javac', ['-cp', jars, '-d', classes, source], { timeout: 120_000 })
  clients.push(
    {
      name: 'kafkajs',
      command: process.execPath,
      args: [join(root, 'tests/support/clients/exactly-once.mjs')],
      workers: 1,
    },
    {
      name: 'confluent',
      command: 'python3',
      args: [join(root, 'tests/support/clients/exactly_once.py')],
      workers: 2,
    },
    {
      name: 'java',
      command: 'java',
      args: [
        '-XX:TieredStopAtLevel=1',
        '-XX:+UseSerialGC',
        '-Xmx128m',
        '-Dorg.slf4j.simpleLogger.defaultLogLevel=off',
        '-cp',
        `${classes}:${jars}`,
        'ExactlyOnce',
      ],
      workers: 2,
    },
  )
})
afterAll(async () => {
  await eyrie?.down()
  if (classes !== '') await rm(classes, { recursive: true, force: true })
})

const clients: Client[] = []
const pick = (count: number) => Math.floor(Math.random() * count)
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function committedRecords(topic: string): Promise<[number, number, string][]> {
  const script = join(root, 'tests/support/clients/read_committed.py')
  const { stdout } = await execute('python3', [script, eyrie.bootstrap, topic], {
    timeout: 120_000,
    maxBuffer: 256 * 1024 * 1024,
  })
  return JSON.parse(stdout) as [number, number, string][]
}

/** How often each key is there. */
async function copiesIn(topic: string): Promise<Map<string, number>> {
  const copies = new Map<string, number>()
  for (const [, , key] of await committedRecords(topic)) {
    copies.set(key, (copies.get(key) ?? 0) + 1)
  }
  return copies
}

test(
  `each input is counted once (${DURATION_MS / 1000} s)`,
  async () => {
    const kafka = new Kafka({
      brokers: eyrie.brokers,
      logLevel: logLevel.NOTHING,
      retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 60 },
    })
    const admin = kafka.admin()
    await admin.connect()
    const outputs = clients.map(({ name }) => ({ topic: `eo-output-${name}`, numPartitions: 3 }))
    await createTopics(admin, [{ topic: input, numPartitions: PARTITIONS }, ...outputs])
    const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
    await producer.connect()
    let sequence = 0
    const beat = () => {
      const messages = Array.from({ length: INPUTS_PER_BEAT }, () => ({
        value: String(sequence++),
        partition: pick(PARTITIONS),
      }))
      // What fails was not acknowledged; what counts is what stands in the log.
      return producer.send({ topic: input, messages }).catch(() => undefined)
    }
    await beat()

    const groups = clients.map((client) => new Group(client))
    const brokerKills = { count: 0 }
    let endMs = Number.POSITIVE_INFINITY
    const isOver = () => Date.now() > endMs
    try {
      const feed = async () => {
        while (!isOver()) await Promise.all([beat(), sleep(BEAT_MS)])
      }
      const harmWorkers = async () => {
        while (!isOver()) {
          await sleep(1000 + pick(2000))
          const group = groups[pick(groups.length)]
          group?.harm(
            pick(group.client.workers),
            (['kill', 'pause', 'fence'] as const)[pick(3)] ?? 'kill',
          )
        }
      }
      const killBrokers = async () => {
        const isWhole = async () => {
          const { topics } = await admin.fetchTopicMetadata()
          return topics.every((t) => t.partitions.every((p) => p.isr.length === p.replicas.length))
        }
        while (Date.now() < endMs - 8000) {
          const id = 1 + pick(3)
          await eyrie.run('kill', id)
          brokerKills.count += 1
          await sleep(1000 + pick(3000))
          await eyrie.run('start', id)
          await until('the ISR is whole', () => isWhole().catch(() => false))
          await sleep(pick(4000))
        }
      }
      const feeding = feed()
      const all = () => groups.every((g) => g.tally.transformed > 0)
      await until('all transform', all, 240_000)
      endMs = Date.now() + DURATION_MS
      await Promise.all([feeding, harmWorkers(), killBrokers()])
      await sleep(8000)
      for (const group of groups) {
        const drained = until(
          `${group.name} has transformed all`,
          () => isDrained(admin, group),
          240_000,
        )
        await drained.catch(async (error: Error) => {
          throw new Error(`${error.message}\n${await stateOf(group)}\n${await group.lastWords()}`)
        })
      }
    } finally {
      await Promise.all(groups.map((group) => group.stop()))
    }
    await producer.disconnect()
    await admin.disconnect()

    const inputs = (await committedRecords(input)).map(([p, offset]) => `${p}:${offset}`)
    expect(inputs.length).toBeGreaterThan(1000)
    for (const group of groups) {
      const missingIn = (found: Map<string, number>) => inputs.filter((key) => !found.has(key))
      let copies = await copiesIn(group.output)
      // A transaction has ended before its markers are written, behind which nobody reads.
      const isWhole = async () => {
        if (missingIn(copies).length === 0) return true
        copies = await copiesIn(group.output)
        return false
      }
      await until('nothing is missing', isWhole, 60_000).catch(() => undefined)
      const missing = missingIn(copies)
      const doubled = [...copies].filter(([, count]) => count > 1)
      console.log(
        `exactly once, ${group.name}: ${inputs.length} inputs, ${copies.size} outputs, ` +
          `${missing.length} missing, ${doubled.length} doubled; workers ${JSON.stringify(group.tally)}, ` +
          `${brokerKills.count} brokers killed`,
      )
      expect({ group: group.name, missing, doubled }).toEqual({
        group: group.name,
        missing: [],
        doubled: [],
      })
      expect(copies.size).toBe(inputs.length)
    }
  },
  DURATION_MS + 900_000,
)

/** The group, its lag and all transactions as Apache Kafka's tools tell them. */
async function stateOf(group: Group): Promise<string> {
  const tool = async (...args: string[]): Promise<string> => {
    const all = [
      'cli',
      ...args.slice(0, 1),
      '--bootstrap-server',
      eyrie.bootstrap,
      ...args.slice(1),
    ]
    const told = execute(join(root, 'tests/peers/apache-kafka'), all, { timeout: 60_000 })
    return told.then(
      ({ stdout }) => stdout,
      (error: Error) => error.message,
    )
  }
  const told = await Promise.all([
    tool('consumer-groups', '--describe', '--group', group.groupId, '--state'),
    tool('consumer-groups', '--describe', '--group', group.groupId),
    tool('transactions', 'list'),
  ])
  return told.join('\n')
}

async function isDrained(admin: ReturnType<Kafka['admin']>, group: Group): Promise<boolean> {
  try {
    const ends = await admin.fetchTopicOffsets(input)
    const [committed] = await admin.fetchOffsets({ groupId: group.groupId, topics: [input] })
    return ends.every(({ partition, high }) => {
      const found = committed?.partitions.find((p) => p.partition === partition)
      return Number(high) === 0 || found?.offset === high
    })
  } catch {
    return false
  }
}
