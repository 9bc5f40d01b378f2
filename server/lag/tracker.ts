import type { GroupLag, LagTime, PartitionVerdict, WorstPartition } from '../../contracts/lag.ts'
import type { PackedGroupPartition } from '../clusters/snapshot.ts'
import { EndFrames } from './end-frames.ts'
import { FLOW_WINDOW_MS, type FlowPoint, flowOf, forecastOf } from './forecast.ts'
import { historyOf, joinedHistory, lagTimeOf, longestOf, NO_LAG, roundLagTime } from './lag-time.ts'
import { groupVerdictOf, PartitionWatch, worstOf } from './verdict.ts'

export interface TrackedGroup {
  readonly groupId: string
  readonly partitions: readonly PackedGroupPartition[]
  /** Topic → key of its samples. */
  readonly topicKeys: Readonly<Record<string, string>>
}

export interface PartitionLag {
  readonly lagTime: LagTime | null
  readonly verdict: PartitionVerdict
}

/** `partitions`: in the order of the group's; null without a commit. */
export interface TrackedLag {
  readonly group: GroupLag
  readonly partitions: readonly (PartitionLag | null)[]
}

/** End offsets from before this process, of one topic. */
export interface OlderEnds {
  readonly times: Float64Array
  readonly ends: ReadonlyMap<number, Float64Array>
}

interface PartitionState {
  readonly watch: PartitionWatch
  committed: number
  end: number | null
}

interface GroupState {
  readonly partitions: Map<string, PartitionState>
  /** Of the last FLOW_WINDOW_MS. */
  flow: FlowPoint[]
  produced: number
  consumed: number
  seenMs: number
}

const FORGET_AFTER_MS = 600_000
const OLDER_TOPICS_MAX = 500
const OLDER_VALID_MS = 3_600_000

/** Follows every group of one cluster from cycle to cycle. Memory alone: `prepare.ts` fills it after a start. */
export class LagTracker {
  readonly #frames = new EndFrames()
  readonly #groups = new Map<string, GroupState>()
  readonly #topicSeenMs = new Map<string, number>()
  readonly #older = new Map<string, OlderEnds & { readonly loadedMs: number }>()
  /** Topics some group lags behind further than the frames reach. */
  readonly #wanted = new Set<string>()

  /** When the frames begin: what is older has to be given. */
  get oldestMs(): number | null {
    return this.#frames.oldestMs
  }

  /** Topics whose older ends would tell more, at most `count`. */
  takeWanted(count: number): string[] {
    const taken = [...this.#wanted].slice(0, count)
    for (const topicKey of taken) this.#wanted.delete(topicKey)
    return taken
  }

  giveOlder(topicKey: string, older: OlderEnds, nowMs: number): void {
    this.#older.delete(topicKey)
    this.#older.set(topicKey, { ...older, loadedMs: nowMs })
    const oldest = this.#older.keys().next().value
    if (this.#older.size > OLDER_TOPICS_MAX && oldest !== undefined) this.#older.delete(oldest)
  }

  /** A cycle of an earlier process: what it saw of one group. Times must grow and precede `observe`. */
  replay(group: TrackedGroup, tMs: number): void {
    this.#sawTopicsOf(group, tMs)
    this.#take(group, tMs)
  }

  /** `endsOf`: this cycle's end offsets of a topic; undefined when it is gone. */
  observe(cycle: {
    tMs: number
    groups: readonly TrackedGroup[]
    endsOf: (topicKey: string) => ReadonlyMap<number, number> | undefined
  }): Map<string, TrackedLag> {
    const { tMs } = cycle
    for (const group of cycle.groups) this.#sawTopicsOf(group, tMs)
    this.#frames.append(tMs, this.#endsOfSeen(tMs, cycle.endsOf))
    const lags = new Map<string, TrackedLag>()
    for (const group of cycle.groups) {
      const state = this.#take(group, tMs)
      lags.set(group.groupId, this.#lagOf(group, state, tMs))
    }
    for (const [groupId, state] of this.#groups) {
      if (tMs - state.seenMs > FORGET_AFTER_MS) this.#groups.delete(groupId)
    }
    return lags
  }

  #sawTopicsOf({ partitions, topicKeys }: TrackedGroup, tMs: number): void {
    for (const topic of new Set(partitions.map(([name]) => name))) {
      const key = topicKeys[topic]
      if (key !== undefined) this.#topicSeenMs.set(key, tMs)
    }
  }

  #endsOfSeen(
    tMs: number,
    endsOf: (topicKey: string) => ReadonlyMap<number, number> | undefined,
  ): Map<string, ReadonlyMap<number, number>> {
    const topics = new Map<string, ReadonlyMap<number, number>>()
    for (const [topicKey, seenMs] of this.#topicSeenMs) {
      if (tMs - seenMs > FORGET_AFTER_MS) {
        this.#topicSeenMs.delete(topicKey)
        this.#older.delete(topicKey)
      } else topics.set(topicKey, endsOf(topicKey) ?? new Map())
    }
    return topics
  }

  #take(group: TrackedGroup, tMs: number): GroupState {
    const known = this.#groups.get(group.groupId)
    const state: GroupState = known ?? {
      partitions: new Map(),
      flow: [],
      produced: 0,
      consumed: 0,
      seenMs: tMs,
    }
    this.#groups.set(group.groupId, state)
    state.seenMs = tMs
    let lag = 0
    let isBroken = false
    let count = 0
    for (const [topic, partition, committed, , end] of group.partitions) {
      if (committed === null) continue
      count++
      const key = `${group.topicKeys[topic] ?? topic}/${partition}`
      let one = state.partitions.get(key)
      if (one === undefined) {
        one = { watch: new PartitionWatch(), committed, end }
        state.partitions.set(key, one)
        isBroken = true
      }
      one.watch.observe({ tMs, committed, end })
      state.produced += Math.max(0, (end ?? 0) - (one.end ?? end ?? 0))
      state.consumed += Math.max(0, committed - one.committed)
      if (end === null || committed < one.committed) isBroken = true
      else lag += Math.max(0, end - committed)
      one.committed = committed
      one.end = end ?? one.end
    }
    if (count < state.partitions.size) isBroken = this.#dropMissing(group, state) || isBroken
    // A jump is no rate: whoever came, left or went back, rates begin anew.
    if (isBroken) state.flow = []
    const { produced, consumed } = state
    if (count > 0) state.flow.push({ tMs, produced, consumed, lag })
    while (state.flow.length > 2 && (state.flow[1]?.tMs ?? tMs) <= tMs - FLOW_WINDOW_MS) {
      state.flow.shift()
    }
    return state
  }

  #dropMissing(group: TrackedGroup, state: GroupState): boolean {
    const present = new Set<string>()
    for (const [topic, partition, committed] of group.partitions) {
      if (committed !== null) present.add(`${group.topicKeys[topic] ?? topic}/${partition}`)
    }
    let isChanged = false
    for (const key of state.partitions.keys()) {
      if (!present.has(key)) isChanged = state.partitions.delete(key)
    }
    return isChanged
  }

  #lagOf(group: TrackedGroup, state: GroupState, tMs: number): TrackedLag {
    const worst: WorstPartition[] = []
    const partitions = group.partitions.map((packed): PartitionLag | null => {
      const [topic, partition, committed, , end, member] = packed
      const topicKey = group.topicKeys[topic] ?? topic
      const watch = state.partitions.get(`${topicKey}/${partition}`)?.watch
      if (committed === null || watch === undefined) return null
      const verdict = watch.judge({ nowMs: tMs, isOwned: member !== -1 })
      worst.push({ topic, partition, ...verdict })
      if (end === null) return { lagTime: null, verdict }
      const at = { committed, end, nowMs: tMs }
      return { lagTime: this.#lagTime(topicKey, partition, at), verdict }
    })
    const judged = worstOf(worst)
    return {
      partitions,
      group: {
        lagTime: longestOf(partitions.map((one) => one?.lagTime ?? null)),
        verdict: groupVerdictOf(judged?.verdict ?? null),
        cause: judged?.verdict ?? null,
        worst: judged,
        flow: flowOf(state.flow),
        forecast: forecastOf(state.flow),
      },
    }
  }

  #lagTime(
    topicKey: string,
    partition: number,
    at: { committed: number; end: number; nowMs: number },
  ): LagTime | null {
    if (at.end <= at.committed) return NO_LAG
    const recent = this.#frames.historyOf(topicKey, partition)
    const time = lagTimeOf(recent, at)
    if (time !== null && time.estimateMs !== null) return roundLagTime(time)
    const older = this.#older.get(topicKey)
    if (older === undefined || at.nowMs - older.loadedMs > OLDER_VALID_MS) {
      this.#wanted.add(topicKey)
    }
    const ends = older?.ends.get(partition)
    if (older === undefined || ends === undefined) return time === null ? null : roundLagTime(time)
    const whole = lagTimeOf(joinedHistory(historyOf(older.times, ends), recent), at)
    return whole === null ? null : roundLagTime(whole)
  }
}
