import type { Cluster } from '../clusters/registry.ts'
import type { Inventory } from '../collector/inventory.ts'
import type { Reading } from '../collector/reading.ts'
import type { Database } from '../db/client.ts'
import { messageOf } from '../kafka/wire-error.ts'
import type { Change, EventLine } from './change.ts'
import { type ConfigSource, ConfigWatch } from './config-watch.ts'
import { configsChangedBy, type Deed, doerOf, readDeeds } from './deeds.ts'
import { diff } from './diff.ts'
import type { ClusterFacts } from './facts.ts'
import { encodeFrame } from './frames.ts'
import { linesOf } from './lines.ts'
import { type EpochMemory, factsOf } from './observe.ts'
import {
  CHANGES_PER_KEY,
  type KeptState,
  lastSeqOf,
  nameDoer,
  type PackedFrame,
  pruneEvents,
  readStateAt,
  seqAt,
  writeFrames,
  writeLines,
} from './store.ts'

const KEY_AFTER_BYTES = 64 * 1024
const KEY_AFTER_MS = 24 * 3_600_000
/** For so long a deed may turn up in the audit log after its effect. */
const UNEXPLAINED_MS = 45_000
const UNEXPLAINED_MAX = 500
/** Deletion goes on for so long after a cycle; what is left waits for the next one. */
const PRUNE_MS = 100

interface Unexplained {
  readonly seq: number
  readonly line: EventLine
  readonly fromMs: number
  readonly toMs: number
}

/** Size and number of the frames since the last key frame. */
type KeyState = Pick<KeptState, 'keyMs' | 'keyBytes' | 'changes' | 'changesBytes'>

/**
 * The one writer of a cluster's events and history: compares each cycle with the one before, of an
 * earlier process too.
 */
export class EventRecorder {
  readonly #db: Database
  readonly #clusterId: string
  readonly #configs: ConfigSource
  readonly #epochs: EpochMemory = new Map()
  /** Null until the first cycle ever. */
  #facts: ClusterFacts | null
  #key: KeyState
  #lastSeq: number
  /** Of the newest frame or event. */
  #lastMs: number
  /** When the cluster was last read, by this process or an earlier one. */
  #readMs: number
  #isResumed = false
  #unexplained: Unexplained[] = []

  private constructor(
    db: Database,
    cluster: { id: string; configs: ConfigSource },
    known: { state: KeptState | null; lastSeq: number; readMs: number },
  ) {
    this.#db = db
    this.#clusterId = cluster.id
    this.#configs = cluster.configs
    const { state } = known
    this.#facts = state?.facts ?? null
    this.#key = state ?? { keyMs: 0, keyBytes: 0, changes: 0, changesBytes: 0 }
    this.#lastSeq = known.lastSeq
    this.#lastMs = Math.max(state?.atMs ?? 0, Math.floor(known.lastSeq / 1_000))
    this.#readMs = Math.max(known.readMs, this.#lastMs)
  }

  static async open(
    db: Database,
    cluster: Cluster,
    configs: ConfigSource = new ConfigWatch(cluster.client),
  ): Promise<EventRecorder> {
    const [state, lastSeq, row] = await Promise.all([
      lastState(db, cluster.id),
      lastSeqOf(db, cluster.id),
      db.clusterInventory.findUnique({ where: { clusterId: cluster.id } }),
    ])
    return new EventRecorder(
      db,
      { id: cluster.id, configs },
      { state, lastSeq, readMs: Number(row?.asOf ?? 0) },
    )
  }

  /** After each cycle that read the cluster. */
  async observe(reading: Reading, inventory: Inventory): Promise<void> {
    const atMs = Math.max(reading.startedMs, this.#lastMs + 1)
    const fromMs = this.#readMs
    await this.#resume(atMs)
    const deeds = await readDeeds(this.#db, this.#clusterId, Math.max(fromMs, atMs - 600_000))
    const configs = await this.#configs.read(reading, configsChangedBy(deeds, fromMs))
    const before = this.#facts
    const after = factsOf({ reading, inventory, configs }, before, this.#epochs)
    const changes = before === null ? [] : diff(this.#clusterId, before, after)
    await this.#explain(deeds, atMs)
    await this.#write(after, { atMs, fromMs, changes, deeds })
    this.#readMs = reading.startedMs
  }

  /** After each cycle in which no broker answered. */
  async unreachable(error: string, nowMs: number): Promise<void> {
    const before = this.#facts
    if (before === null || before.reach === 'unreachable') return
    const atMs = Math.max(nowMs, this.#lastMs + 1)
    await this.#resume(atMs)
    const reachSinceMs = this.#facts?.reachSinceMs ?? this.#readMs
    const after: ClusterFacts = {
      ...before,
      reach: 'unreachable',
      reachSinceMs: this.#facts?.reach === 'uncollected' ? reachSinceMs : this.#readMs,
    }
    const changes = diff(this.#clusterId, this.#facts ?? before, after).map((change) => ({
      ...change,
      ...(change.type === 'cluster' && { after: { ...change.after, error } }),
    }))
    await this.#write(after, { atMs, fromMs: this.#readMs, changes, deeds: [] })
  }

  /** What is older than that goes, a few rows a step, for at most 100 ms. */
  async prune(beforeMs: number): Promise<void> {
    const untilMs = Date.now() + PRUNE_MS
    while (await pruneEvents(this.#db, this.#clusterId, beforeMs)) {
      if (Date.now() >= untilMs) return
    }
  }

  /** Nobody was there between the last cycle of an earlier process and this one's first. */
  async #resume(atMs: number): Promise<void> {
    if (this.#isResumed) return
    const before = this.#facts
    const frames: PackedFrame[] = []
    let facts = before
    if (before !== null && before.reach === 'read') {
      facts = { ...before, reach: 'uncollected', reachSinceMs: this.#readMs }
      const changes = diff(this.#clusterId, before, facts)
      const goneMs = Math.min(atMs - 1, Math.max(this.#readMs, this.#lastMs) + 1)
      frames.push(await packChanges(goneMs, changes))
    }
    const line: EventLine = {
      ...{ type: 'collector', subjectType: 'cluster', subject: this.#clusterId, level: 0 },
      before: before === null ? null : { readMs: this.#readMs },
      after: { startedMs: atMs },
      ...{ bulk: null, actor: null, action: null },
    }
    await this.#keep(frames, facts)
    await this.#list([line], atMs)
    this.#isResumed = true
  }

  async #write(
    after: ClusterFacts,
    found: { atMs: number; fromMs: number; changes: readonly Change[]; deeds: readonly Deed[] },
  ): Promise<void> {
    const { atMs, fromMs, changes, deeds } = found
    const isFirst = this.#facts === null
    const frames = changes.length === 0 ? [] : [await packChanges(atMs, changes)]
    if (isFirst || this.#isKeyDue(frames, atMs)) {
      const data = await encodeFrame({ kind: 0, facts: after })
      frames.push({ kind: 0, atMs, data })
    }
    if (frames.length > 0) {
      const between = { fromMs, toMs: atMs }
      const lines = linesOf(this.#clusterId, changes).map((line) => ({
        ...line,
        ...doerOf(line, deeds, between),
      }))
      await this.#keep(frames, after)
      const firstSeq = await this.#list(lines, atMs)
      this.#remember(lines, { firstSeq, ...between })
    }
    this.#facts = after
  }

  /** From then on it is the state that the next cycle is compared with, whatever else fails. */
  async #keep(frames: readonly PackedFrame[], facts: ClusterFacts | null): Promise<void> {
    await writeFrames(this.#db, this.#clusterId, frames)
    this.#facts = facts
    for (const { kind, atMs, data } of frames) {
      this.#lastMs = Math.max(this.#lastMs, atMs)
      const { changes, changesBytes } = this.#key
      this.#key =
        kind === 0
          ? { keyMs: atMs, keyBytes: data.length, changes: 0, changesBytes: 0 }
          : { ...this.#key, changes: changes + 1, changesBytes: changesBytes + data.length }
    }
  }

  /** Returns the first one's id. */
  async #list(lines: readonly EventLine[], atMs: number): Promise<number> {
    const firstSeq = Math.max(this.#lastSeq + 1, seqAt(atMs))
    this.#lastSeq = Math.max(this.#lastSeq, firstSeq + lines.length - 1)
    await writeLines(this.#db, { clusterId: this.#clusterId, atMs, firstSeq }, lines)
    return firstSeq
  }

  #isKeyDue(frames: readonly PackedFrame[], atMs: number): boolean {
    const { keyMs, keyBytes, changes, changesBytes } = this.#key
    if (changes + frames.length === 0) return false
    const bytes = changesBytes + frames.reduce((sum, frame) => sum + frame.data.length, 0)
    return (
      bytes > Math.max(KEY_AFTER_BYTES, 2 * keyBytes) ||
      changes + frames.length >= CHANGES_PER_KEY ||
      atMs - keyMs > KEY_AFTER_MS
    )
  }

  #remember(
    lines: readonly EventLine[],
    { firstSeq, ...between }: { firstSeq: number; fromMs: number; toMs: number },
  ): void {
    for (const [index, line] of lines.entries()) {
      if (line.actor !== null || line.level !== 0) continue
      this.#unexplained.push({ seq: firstSeq + index, line, ...between })
    }
    this.#unexplained = this.#unexplained.slice(-UNEXPLAINED_MAX)
  }

  /** A deed that is logged only now explains what was seen a moment ago. */
  async #explain(deeds: readonly Deed[], nowMs: number): Promise<void> {
    const left: Unexplained[] = []
    const found = new Map<string, { doer: { actor: string; action: string }; seqs: number[] }>()
    for (const one of this.#unexplained) {
      const doer = doerOf(one.line, deeds, one)
      if (doer !== null) {
        const key = `${doer.action} ${doer.actor}`
        const known = found.get(key)
        if (known === undefined) found.set(key, { doer, seqs: [one.seq] })
        else known.seqs.push(one.seq)
      } else if (nowMs - one.toMs < UNEXPLAINED_MS) left.push(one)
    }
    for (const { doer, seqs } of found.values()) {
      await nameDoer(this.#db, { clusterId: this.#clusterId, seqs }, doer)
    }
    this.#unexplained = left
  }
}

async function packChanges(atMs: number, changes: readonly Change[]): Promise<PackedFrame> {
  return { kind: 1, atMs, data: await encodeFrame({ kind: 1, changes }) }
}

/** What cannot be read any more begins anew with the next cycle. */
async function lastState(db: Database, clusterId: string): Promise<KeptState | null> {
  try {
    return await readStateAt(db, clusterId, Number.MAX_SAFE_INTEGER)
  } catch (error) {
    console.error(`history of ${clusterId}: ${messageOf(error)}`)
    return null
  }
}
