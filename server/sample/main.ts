import { setTimeout as sleep } from 'node:timers/promises'
import { allClusters, type Cluster, EMBEDDED } from '../clusters/registry.ts'
import { closeDatabase } from '../db/client.ts'
import { messageOf } from '../kafka/wire-error.ts'
import {
  readSampleStatus,
  readSampleWish,
  type SampleStatus,
  writeSampleStatus,
  writeSampleWish,
} from './settings.ts'
import { ensureSampleTopics, removeSample } from './topics.ts'
import { Traffic } from './traffic.ts'

const POLL_MS = 1_000
const SAY_ALIVE_EVERY_MS = 5_000
const RETRY_MS = 3_000

/** The sample traffic's process: does what the setting says, within a second or so. */
class SampleProcess {
  readonly #cluster: Cluster
  #traffic: Traffic | null = null
  #status: SampleStatus
  #notBeforeMs = 0

  constructor(cluster: Cluster, before: SampleStatus | null) {
    this.#cluster = cluster
    const isEmpty = before === null || before.topics.length === 0
    const state = isEmpty ? 'absent' : 'stopped'
    this.#status = { state, topics: before?.topics ?? [], error: null, atMs: 0 }
  }

  async step(): Promise<void> {
    const { wanted } = await readSampleWish()
    if (Date.now() < this.#notBeforeMs) return this.#sayAlive()
    try {
      if (wanted === 'running') await this.#run()
      else if (wanted === 'stopped') await this.#halt()
      else await this.#remove()
    } catch (error) {
      this.#notBeforeMs = Date.now() + RETRY_MS
      await this.#say({ error: messageOf(error) })
    }
    await this.#sayAlive()
  }

  async close(): Promise<void> {
    await this.#traffic?.stop()
  }

  async #run(): Promise<void> {
    if (this.#traffic !== null) {
      if (this.#traffic.lastError !== this.#status.error) {
        await this.#say({ error: this.#traffic.lastError })
      }
      return
    }
    await this.#say({ state: 'starting', error: null })
    const names = await ensureSampleTopics(this.#cluster.client, this.#status.topics, (topics) =>
      this.#say({ topics: [...topics] }),
    )
    const brokers = this.#cluster.bootstrap.map(({ host, port }) => `${host}:${port}`)
    const traffic = new Traffic(brokers, names)
    try {
      await traffic.start()
    } catch (error) {
      await traffic.stop()
      throw error
    }
    this.#traffic = traffic
    await this.#say({ state: 'running', error: null })
  }

  async #halt(): Promise<void> {
    if (this.#status.state === 'stopped' && this.#traffic === null) return
    await this.#traffic?.stop()
    this.#traffic = null
    await this.#say({ state: 'stopped', error: null })
  }

  async #remove(): Promise<void> {
    if (this.#status.state === 'absent') return
    await this.#say({ state: 'removing', error: null })
    await this.#traffic?.stop()
    this.#traffic = null
    await removeSample(this.#cluster.client, this.#status.topics)
    await this.#say({ state: 'absent', topics: [], error: null })
  }

  async #say(change: Partial<SampleStatus>): Promise<void> {
    this.#status = { ...this.#status, ...change, atMs: Date.now() }
    await writeSampleStatus(this.#status)
  }

  async #sayAlive(): Promise<void> {
    if (Date.now() - this.#status.atMs >= SAY_ALIVE_EVERY_MS) await this.#say({})
  }
}

async function main(): Promise<void> {
  const cluster = allClusters().find((candidate) => candidate.id === EMBEDDED)
  if (cluster === undefined) throw new Error('there is no embedded cluster to make traffic on')
  await obeyEnvironment()
  const sample = new SampleProcess(cluster, await readSampleStatus())
  let isEnding = false
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      isEnding = true
      resolve()
    }
    for (const event of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.once(event, end)
  })
  process.send?.({ type: 'ready' })
  while (!isEnding) {
    try {
      // A step may hang on a cluster that is down; the end does not wait for it.
      await Promise.race([sample.step(), ended])
    } catch (error) {
      console.error(`${new Date().toISOString()} sample: ${messageOf(error)}`)
    }
    await Promise.race([sleep(POLL_MS), ended])
  }
  await sample.close()
  cluster.client.close()
  await closeDatabase()
}

/** EYRIE_SAMPLE=1 starts it, 0 stops it; left out, what was chosen last holds. */
async function obeyEnvironment(): Promise<void> {
  const { EYRIE_SAMPLE: given } = process.env
  if (given === '1') await writeSampleWish({ wanted: 'running' })
  if (given !== '0') return
  const { wanted } = await readSampleWish()
  if (wanted === 'running') await writeSampleWish({ wanted: 'stopped' })
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(`${new Date().toISOString()} sample: ${messageOf(error)}`)
    process.exit(1)
  },
)
