import { setImmediate as turn } from 'node:timers/promises'
import type { GroupLag, LagTime, PartitionVerdict } from '../../contracts/lag.ts'
import type { PackedGroupPartition } from '../clusters/snapshot.ts'
import { database } from '../db/client.ts'
import { readOlderEnds } from '../lag/older-ends.ts'
import { packedLags, UNKNOWN_GROUP_LAG, unpackedLag } from '../lag/packed.ts'
import {
  LagTracker,
  type PartitionLag,
  type TrackedGroup,
  type TrackedLag,
} from '../lag/tracker.ts'
import { groupVerdictOf, WINDOW_COMMITS, worstOf } from '../lag/verdict.ts'
import { entityOf, type FieldName } from '../metrics/fields.ts'
import type { SampleTable, TableSeries } from '../metrics/read.ts'
import { type Past, reachMs, readPastSamples, spacingOf } from './past-samples.ts'

const MINUTE_MS = 60_000
/** Ten commits are looked for so far back; */
const WINDOW_MS = 20 * MINUTE_MS
/** for groups that lag and have fewer, so far. */
const LONG_WINDOW_MS = 360 * MINUTE_MS
/** Of many partitions less far: a hundred for the whole of it. */
const PARTITION_MS_MAX = 100 * LONG_WINDOW_MS
/** Cycles after which others have their turn. */
const CYCLES_PER_TURN = 200
/** After so long without a sample of it the collector, too, began anew. */
const PAUSE_MS = 10 * MINUTE_MS

export interface PastGroup {
  readonly groupId: string
  /** Of what it read: topic → key of its samples. */
  readonly topicKeys: Readonly<Record<string, string>>
  /** Topic → partition → place of its owner among the members. */
  readonly owners: ReadonlyMap<string, ReadonlyMap<number, number>>
}

export interface PastPartitionLag {
  readonly lagTime: LagTime | null
  /** Null: the samples do not tell what the collector made of it. */
  readonly verdict: PartitionVerdict | null
}

export interface PastLag {
  /** Those with a commit in the group's last cycle. */
  readonly partitions: readonly PackedGroupPartition[]
  /** In their order. */
  readonly lags: readonly PastPartitionLag[]
  /** `worst`: null unless every partition's verdict is known. */
  readonly group: GroupLag
  /** Every partition's verdict is known. */
  readonly isJudged: boolean
}

/**
 * What the collector made of groups' lag in their last cycle before, by its own code: the samples up to then go through a
 * LagTracker. The same as it said then where samples are kept as they were taken; a record's waiting time of more than
 * some minutes may be bounded by other samples than those which the collector still held. A verdict is given for a
 * partition without lag, or when the window holds its ten commits or all there was of it. Of coarser samples there are
 * lag, its time, and down to minutes its rates. Groups without a sample from then are left out.
 */
export async function lagsAt(
  past: Past,
  groups: readonly PastGroup[],
): Promise<Map<string, PastLag>> {
  const lags = await replay(past, groups, WINDOW_MS)
  const open = groups.filter(({ groupId }) => lags.get(groupId)?.isJudged === false)
  const partitions = open.reduce(
    (sum, { groupId }) => sum + (lags.get(groupId)?.partitions.length ?? 0),
    0,
  )
  const backMs = Math.min(LONG_WINDOW_MS, PARTITION_MS_MAX / partitions)
  if (partitions === 0 || backMs <= WINDOW_MS) return lags
  for (const [groupId, lag] of await replay(past, open, backMs)) lags.set(groupId, lag)
  return lags
}

/** Rates and forecast alone: a short look back is enough. */
export async function flowsAt(
  past: Past,
  groups: readonly PastGroup[],
): Promise<Map<string, Pick<GroupLag, 'flow' | 'forecast'>>> {
  const lags = await replay(past, groups, PAUSE_MS)
  return new Map(
    Array.from(lags, ([id, { group }]) => {
      const { flow, forecast } = group
      return [id, { flow, forecast }] as const
    }),
  )
}

async function replay(
  past: Past,
  groups: readonly PastGroup[],
  backMs: number,
): Promise<Map<string, PastLag>> {
  const samples = await readReplay(past, groups, backMs)
  const tracker = new LagTracker()
  const firstMs = samples.cycleTimes[0]
  if (firstMs === undefined) return new Map()
  const older = samples.groups.flatMap((group) => group.topicsReadFromBefore(samples))
  if (older.length > 0) {
    const query = { clusterId: past.clusterId, topicKeys: [...new Set(older)], toMs: firstMs - 1 }
    for (const [topicKey, ends] of await readOlderEnds(await database(), query)) {
      tracker.giveOlder(topicKey, ends, past.atMs)
    }
  }
  const lags = new Map<string, PastLag>()
  for (const [index, tMs] of samples.cycleTimes.entries()) {
    if (index % CYCLES_PER_TURN === CYCLES_PER_TURN - 1) await turn()
    const present = samples.groups.filter((group) => group.has(tMs))
    for (const group of present) {
      if (group.lastMs !== tMs) tracker.replay(group.cycleAt(tMs, samples), tMs)
    }
    const cycles = present
      .filter((group) => group.lastMs === tMs)
      .map((group) => [group, group.cycleAt(tMs, samples)] as const)
    const tracked = tracker.observe({
      tMs,
      groups: cycles.map(([, cycle]) => cycle),
      endsOf: (topicKey) => samples.rowAt(topicKey, 'logEndOffset', tMs),
    })
    for (const [group, cycle] of cycles) {
      const lag = tracked.get(cycle.groupId)
      if (lag !== undefined) lags.set(cycle.groupId, pastLagOf(group, cycle, lag, samples))
    }
  }
  return lags
}

function pastLagOf(
  rows: GroupRows,
  { partitions }: TrackedGroup,
  tracked: TrackedLag,
  samples: ReplaySamples,
): PastLag {
  const whole = samples.isCoarse ? new Set<string>() : rows.whole()
  // The same way through as the inventory's, which says less of a partition without lag.
  const packed = packedLags(tracked)
  const lags = partitions.map(([topic, partition], index): PastPartitionLag => {
    const lag: PartitionLag | null = unpackedLag(packed[index])
    if (lag === null) return { lagTime: null, verdict: null }
    const isKnown = !lag.verdict.lag || whole.has(`${topic}/${partition}`)
    return { lagTime: lag.lagTime, verdict: isKnown ? lag.verdict : null }
  })
  const judged = partitions.flatMap(([topic, partition], index) => {
    const verdict = lags[index]?.verdict ?? null
    return verdict === null ? [] : [{ topic, partition, ...verdict }]
  })
  const isJudged = judged.length === partitions.length
  const worst = isJudged ? worstOf(judged) : null
  const { flow, forecast } = samples.spacingMs <= MINUTE_MS ? tracked.group : UNKNOWN_GROUP_LAG
  const cause = worst?.verdict ?? null
  const { lagTime } = tracked.group
  const group = { lagTime, verdict: groupVerdictOf(cause), cause, worst, flow, forecast }
  return { partitions, lags, isJudged, group }
}

async function readReplay(
  past: Past,
  groups: readonly PastGroup[],
  backMs: number,
): Promise<ReplaySamples> {
  const topicKeys = new Set(groups.flatMap((group) => Object.values(group.topicKeys)))
  const commits = groups.flatMap(({ groupId, topicKeys: keys }) =>
    Object.values(keys).map((key) => entityOf.groupTopic(groupId, key)),
  )
  const logs = Array.from(topicKeys, (key) => entityOf.topic(key))
  const wanted = (field: FieldName): boolean =>
    field === 'logEndOffset' || field === 'logStartOffset'
  const read = async (stepMs: number) => {
    const range = { backMs, stepMs }
    const [offsets, log] = await Promise.all([
      readPastSamples(past, { entities: commits, family: 'offsets', ...range }),
      readPastSamples(past, { entities: logs, family: 'log', wanted, ...range }),
    ])
    return { offsets, log }
  }
  const fine = await read(0)
  const spacingMs = Math.max(0, ...[...fine.offsets.values(), ...fine.log.values()].map(spacingOf))
  const tables = spacingMs === 0 ? fine : await read(spacingMs)
  const range = { spacingMs, fromMs: past.atMs - backMs, aliveMs: past.atMs - reachMs(past) }
  return new ReplaySamples(groups, tables, range)
}

interface Tables {
  readonly offsets: ReadonlyMap<string, SampleTable>
  readonly log: ReadonlyMap<string, SampleTable>
}

class ReplaySamples {
  readonly groups: readonly GroupRows[]
  readonly spacingMs: number
  /** Growing; none before a group's first. */
  readonly cycleTimes: readonly number[]
  readonly #log: ReadonlyMap<string, Rows>

  constructor(
    groups: readonly PastGroup[],
    tables: Tables,
    range: { spacingMs: number; fromMs: number; aliveMs: number },
  ) {
    this.spacingMs = range.spacingMs
    // Coarser rows before the finest ones hide commits.
    const coarse = [...tables.offsets.values(), ...tables.log.values()].map((table) =>
      lastCoarserMs(table, range.spacingMs),
    )
    const afterMs = Math.max(range.fromMs, ...coarse)
    const rows = (found: ReadonlyMap<string, SampleTable>) =>
      new Map(Array.from(found, ([entity, table]) => [entity, new Rows(table, afterMs)] as const))
    const offsets = rows(tables.offsets)
    this.#log = rows(tables.log)
    this.groups = groups
      .map((group) => new GroupRows(group, offsets, afterMs))
      .filter(({ lastMs = Number.NEGATIVE_INFINITY }) => lastMs >= range.aliveMs)
    const firstMs = Math.min(...this.groups.map((group) => group.firstMs))
    const all = [...this.groups, ...this.#log.values()]
    const times = new Set(all.flatMap((one) => one.times))
    this.cycleTimes = [...times].filter((tMs) => tMs >= firstMs).sort((a, b) => a - b)
  }

  get isCoarse(): boolean {
    return this.spacingMs > 0
  }

  /** Of the cycle; of a coarse one the last before, since points need not be of the same cycle. */
  rowAt(topicKey: string, field: FieldName, tMs: number): Map<number, number> {
    const rows = this.#log.get(entityOf.topic(topicKey))
    return rows?.at(field, this.isCoarse ? rows.lastMs(tMs) : tMs) ?? new Map()
  }
}

function lastCoarserMs({ times, spacings }: SampleTable, spacingMs: number): number {
  for (let i = times.length - 1; i >= 0; i--) {
    if ((spacings?.[i] ?? 0) > spacingMs) return times[i] ?? 0
  }
  return Number.NEGATIVE_INFINITY
}

/** A table by the time of its rows. */
class Rows {
  readonly times: readonly number[]
  readonly #indexes: ReadonlyMap<number, number>
  readonly #series = new Map<FieldName, TableSeries[]>()

  constructor(table: SampleTable, afterMs: number) {
    this.times = Array.from(table.times).filter((tMs) => tMs > afterMs)
    const skipped = table.times.length - this.times.length
    this.#indexes = new Map(this.times.map((tMs, i) => [tMs, skipped + i] as const))
    for (const one of table.series) {
      this.#series.set(one.field, [...(this.#series.get(one.field) ?? []), one])
    }
  }

  at(field: FieldName, tMs: number): Map<number, number> {
    const row = new Map<number, number>()
    const index = this.#indexes.get(tMs)
    if (index === undefined) return row
    for (const { sub, values } of this.#series.get(field) ?? []) {
      const value = values[index] ?? Number.NaN
      if (!Number.isNaN(value)) row.set(sub, value)
    }
    return row
  }

  /** NaN where there is none. */
  valueAt({ values }: TableSeries, tMs: number): number {
    return values[this.#indexes.get(tMs) ?? -1] ?? Number.NaN
  }

  seriesOf(field: FieldName): readonly TableSeries[] {
    return this.#series.get(field) ?? []
  }

  /** The last one up to `tMs`. */
  lastMs(tMs: number): number {
    return this.times.findLast((one) => one <= tMs) ?? Number.NaN
  }
}

/** What one group had committed, cycle by cycle. */
class GroupRows {
  readonly times: readonly number[]
  readonly #known: ReadonlySet<number>
  readonly #group: PastGroup
  readonly #commits: ReadonlyMap<string, Rows>
  readonly #afterMs: number

  constructor(group: PastGroup, offsets: ReadonlyMap<string, Rows>, afterMs: number) {
    this.#group = group
    this.#afterMs = afterMs
    const commits = Object.entries(group.topicKeys).flatMap(([topic, key]) => {
      const rows = offsets.get(entityOf.groupTopic(group.groupId, key))
      return rows === undefined ? [] : [[topic, rows] as const]
    })
    this.#commits = new Map(commits)
    this.#known = new Set(commits.flatMap(([, rows]) => rows.times))
    this.times = [...this.#known].sort((a, b) => a - b)
  }

  get firstMs(): number {
    return this.times[0] ?? Number.POSITIVE_INFINITY
  }

  get lastMs(): number | undefined {
    return this.times.at(-1)
  }

  has(tMs: number): boolean {
    return this.#known.has(tMs)
  }

  cycleAt(tMs: number, samples: ReplaySamples): TrackedGroup {
    const { groupId, topicKeys, owners } = this.#group
    const partitions = [...this.#commits].flatMap(([topic, rows]) => {
      const key = topicKeys[topic] ?? topic
      const starts = tMs === this.lastMs ? samples.rowAt(key, 'logStartOffset', tMs) : null
      const ends = samples.rowAt(key, 'logEndOffset', tMs)
      return Array.from(
        rows.at('committedOffset', tMs),
        ([partition, committed]): PackedGroupPartition => {
          const end = ends.get(partition) ?? null
          const owner = owners.get(topic)?.get(partition) ?? -1
          return [topic, partition, committed, starts?.get(partition) ?? null, end, owner, null]
        },
      )
    })
    return { groupId, topicKeys, partitions }
  }

  /** Topics of which a record waits that was there before the first cycle. */
  topicsReadFromBefore(samples: ReplaySamples): string[] {
    const { lastMs } = this
    if (lastMs === undefined) return []
    return [...this.#commits].flatMap(([topic, rows]) => {
      const key = this.#group.topicKeys[topic] ?? topic
      const first = samples.rowAt(key, 'logEndOffset', samples.cycleTimes[0] ?? 0)
      const committed = rows.at('committedOffset', lastMs)
      return [...committed].some(([sub, at]) => at < (first.get(sub) ?? Infinity)) ? [key] : []
    })
  }

  /**
   * By topic and partition, `topic/0`: those of which ten commits are in the window, or the first one with nothing
   * before it.
   */
  whole(): Set<string> {
    const whole = new Set<string>()
    const hasBegun = this.firstMs - this.#afterMs > PAUSE_MS
    for (const [topic, rows] of this.#commits) {
      for (const series of rows.seriesOf('committedOffset')) {
        const values = this.times.map((tMs) => rows.valueAt(series, tMs))
        if (hasBegun || isWhole(values)) whole.add(`${topic}/${series.sub}`)
      }
    }
    return whole
  }
}

function isWhole(committed: readonly number[]): boolean {
  if (committed.some(Number.isNaN)) return true
  const commits = committed.filter((value, i) => i > 0 && value !== committed[i - 1])
  return commits.length >= WINDOW_COMMITS
}
