import type { Cluster } from '../clusters/registry.ts'
import type { Database } from '../db/client.ts'
import { diskGuard } from '../db/disk-guard.ts'
import { EventRecorder } from '../events/recorder.ts'
import { messageOf } from '../kafka/wire-error.ts'
import { LagPreparer } from '../lag/prepare.ts'
import { pinnedSeries } from '../metrics/pins.ts'
import { RollUp } from '../metrics/roll-up.ts'
import { SampleStore } from '../metrics/store.ts'
import { environment } from '../settings/environment.ts'
import { ClusterAttempts } from './cluster-attempts.ts'
import { intervalMsOf } from './interval.ts'
import { InventoryBuilder } from './inventory.ts'
import { MessageCount } from './message-count.ts'
import { createReaderMemory } from './read-cluster.ts'
import type { Reading } from './reading.ts'
import { samplesOf } from './samples.ts'
import { TopicTraffic } from './topic-traffic.ts'
import { InventoryWriter } from './write-inventory.ts'

export interface Attention {
  /** Somebody looks at this cluster until then. */
  readonly untilMs: number
  /** Something was changed then. */
  readonly wantedMs: number
}

const PAUSE_AT_LEAST_MS = 250
const DISK_FULL = 'the disk of the database is full'
const PRUNE_EVERY_CYCLES = 360
/** History is folded for so long after a cycle; what is left waits for the next one. */
const ROLL_UP_MS = 200

/** Polls one cluster for as long as the process runs. A failing cluster never ends the loop. */
export class ClusterLoop {
  readonly cluster: Cluster
  readonly #db: Database
  readonly #store: SampleStore
  readonly #rollUp: RollUp
  readonly #writer: InventoryWriter
  readonly #events: EventRecorder
  readonly #builder: InventoryBuilder
  readonly #attempts: ClusterAttempts
  readonly #onRead: ((reading: Reading) => void) | null
  readonly #lags: LagPreparer
  readonly #memory = createReaderMemory()
  readonly #messages = new MessageCount()
  readonly #traffic = new TopicTraffic()
  #partitions = 0
  #attention: Attention = { untilMs: 0, wantedMs: 0 }
  #startedMs = 0
  #cycles = 0
  #lastError: string | null = null
  #running: Promise<void> | null = null
  #isClosed = false

  private constructor(
    cluster: Cluster,
    parts: {
      db: Database
      store: SampleStore
      rollUp: RollUp
      writer: InventoryWriter
      events: EventRecorder
      builder: InventoryBuilder
      attempts: ClusterAttempts
      onRead: ((reading: Reading) => void) | null
    },
  ) {
    this.cluster = cluster
    this.#db = parts.db
    this.#store = parts.store
    this.#rollUp = parts.rollUp
    this.#writer = parts.writer
    this.#events = parts.events
    this.#builder = parts.builder
    this.#attempts = parts.attempts
    this.#onRead = parts.onRead
    this.#lags = new LagPreparer(parts.db, cluster.id, parts.builder.lags)
  }

  /** `onRead`: called in each cycle once the cluster has answered; the rest is this process' and the database's. */
  static async open(
    cluster: Cluster,
    db: Database,
    onRead: ((reading: Reading) => void) | null = null,
  ): Promise<ClusterLoop> {
    const store = await SampleStore.open(db, cluster.id, Date.now())
    const rollUp = await RollUp.open(db, cluster.id, environment().history)
    const events = await EventRecorder.open(db, cluster)
    const { writer, ...known } = await InventoryWriter.open(db, cluster.id)
    const builder = new InventoryBuilder(cluster, known)
    const attempts = await ClusterAttempts.open(db, cluster)
    const own = { store, rollUp, writer, events, builder, attempts }
    return new ClusterLoop(cluster, { db, onRead, ...own })
  }

  /** Called every half second: starts a cycle when one is due and none runs. */
  tick(nowMs: number, attention: Attention): void {
    this.#attention = attention
    if (this.#running !== null || this.#isClosed) return
    const intervalMs = this.#intervalMs(nowMs)
    const isWanted = attention.wantedMs > this.#startedMs
    const pauseMs = this.#attempts.pauseMs(intervalMs, attention.untilMs > nowMs)
    if (!isWanted && nowMs - this.#startedMs < pauseMs) return
    this.#startedMs = nowMs
    this.#running = this.#cycle(intervalMs).finally(() => {
      this.#running = null
    })
  }

  /** Why the last cycle failed; null: it did not. */
  get error(): string | null {
    return this.#lastError
  }

  /** Waits for the running cycle, if there is one. */
  async settled(): Promise<void> {
    await this.#running
  }

  /** Waits for the running cycle and writes what is only in memory. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.settled()
    await this.#store.close()
  }

  #intervalMs(nowMs: number): number {
    return intervalMsOf(this.#partitions, this.#attention.untilMs > nowMs)
  }

  async #cycle(intervalMs: number): Promise<void> {
    if (!diskGuard().mayCollect(Date.now())) {
      this.#report(DISK_FULL)
      return
    }
    try {
      this.#memory.pinned = await pinnedSeries(this.#db, this.cluster.id)
      const reading = await this.#attempts.read(this.#memory, intervalMs)
      this.#onRead?.(reading)
      await this.#lags.prepare(() => this.#builder.groupsOf(reading), reading.tMs)
      const inventory = this.#builder.build(reading, intervalMs)
      this.#partitions = inventory.snapshot.partitions
      const messagesIn = this.#messages.observe(reading)
      const traffic = this.#traffic.observe(reading)
      await this.#writer.write(inventory, {
        asOfMs: reading.startedMs,
        isGroupListComplete: reading.isGroupListComplete,
      })
      await this.#events.observe(reading, inventory)
      await this.#store.append(
        samplesOf(this.cluster.id, reading, { inventory, traffic, messagesIn }),
      )
      if (this.#cycles++ % PRUNE_EVERY_CYCLES === 0) await this.#prune()
      await this.#foldHistory()
      await this.#attempts.succeeded(reading)
      diskGuard().succeeded()
      this.#report(null)
    } catch (error) {
      // The cluster is well: what is known of it stays as it is.
      if (diskGuard().takeFailure(error, Date.now())) this.#report(DISK_FULL)
      else await this.#fail(messageOf(error), intervalMs)
    }
    const spentMs = Date.now() - this.#startedMs
    // A cycle longer than its interval must leave the cluster and this process time to breathe.
    if (spentMs > intervalMs - PAUSE_AT_LEAST_MS) this.#startedMs += spentMs
  }

  /** What is gone stays listed for as long as any of its samples. */
  async #prune(): Promise<void> {
    const { history, eventsKeepMs } = environment()
    await this.#writer.prune(Date.now() - Math.max(...Object.values(history)))
    await this.#events.prune(Date.now() - eventsKeepMs)
  }

  async #foldHistory(): Promise<void> {
    const untilMs = Date.now() + ROLL_UP_MS
    const { writtenToMs } = this.#store
    while (await this.#rollUp.step({ nowMs: Date.now(), writtenToMs })) {
      if (Date.now() >= untilMs || this.#isClosed) return
    }
  }

  async #fail(error: string, intervalMs: number): Promise<void> {
    // Its client was closed under it: the cluster was changed or removed, or this process ends.
    if (this.#isClosed) return
    this.#report(error)
    try {
      await this.#attempts.failed(error, intervalMs)
      await this.#writer.writeUnreachable(error, Date.now())
      await this.#events.unreachable(error, Date.now())
    } catch (cause) {
      this.#report(`the database refused: ${messageOf(cause)}`)
    }
  }

  /** Says a state once, not every cycle. */
  #report(error: string | null): void {
    if (error === this.#lastError) return
    this.#lastError = error
    const time = new Date().toISOString()
    const text = error === null ? 'is being read' : `cannot be read: ${error}`
    console.log(`${time} cluster ${this.cluster.id} ${text}`)
  }
}
