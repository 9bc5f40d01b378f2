// What a leader knows of its replicas: their log ends, when they last fetched, whether a majority
// still follows. Pure; made anew with each leadership.
import { ZERO_UUID } from '../../protocol/primitives.ts'
import type { FetchRequestData } from './core-types.ts'
import type { VoterSet } from './voter-set.ts'

/** Times are monotonic milliseconds; -1 is never. */
export interface ReplicaProgress {
  replicaId: number
  /** As the voter set says, or as an observer told. */
  directoryId: string
  /** As the replica told itself; ZERO_UUID before it fetched. */
  toldDirectoryId: string
  logEndOffset: number
  lastFetchMs: number
  lastCaughtUpMs: number
  leaderEndOffsetAtLastFetch: number
}

export interface ParkedFetch {
  token: number
  request: FetchRequestData
  deadlineMs: number
}

/** An observer that has not fetched for so long is forgotten. */
const OBSERVER_TIMEOUT_MS = 300_000
/** Who fetched everything within this time may be made a voter. */
const CAUGHT_UP_WITHIN_MS = 3_600_000

export class Replication {
  readonly #nodeId: number
  readonly #checkQuorumTimeoutMs: number
  readonly #voters = new Map<number, ReplicaProgress>()
  /** By id and directory: a node with a new disk is not the voter that it was. */
  readonly #observers = new Map<string, ReplicaProgress>()
  #voterSet: VoterSet
  readonly #fetchedVoters = new Set<number>()
  #checkQuorumDeadlineMs: number
  parked: ParkedFetch[] = []

  constructor(options: {
    nodeId: number
    voters: VoterSet
    checkQuorumTimeoutMs: number
    nowMs: number
  }) {
    this.#nodeId = options.nodeId
    this.#checkQuorumTimeoutMs = options.checkQuorumTimeoutMs
    this.#checkQuorumDeadlineMs = options.nowMs + options.checkQuorumTimeoutMs
    this.#voterSet = options.voters
    for (const { id, directoryId } of options.voters.voters) {
      this.#voters.set(id, newProgress(id, directoryId))
    }
  }

  /** Whoever was an observer keeps what is known of it, and the other way round. */
  setVoters(nowMs: number, voterSet: VoterSet): void {
    const known = [...this.#voters.values(), ...this.#observers.values()]
    this.#voterSet = voterSet
    this.#voters.clear()
    this.#observers.clear()
    for (const { id, directoryId } of voterSet.voters) {
      const isIt = (replica: ReplicaProgress) =>
        replica.replicaId === id && voterSet.isVoter(id, replica.toldDirectoryId)
      const before = known.find(isIt)
      this.#voters.set(id, { ...(before ?? newProgress(id, directoryId)), directoryId })
    }
    for (const replica of known) {
      const { replicaId, toldDirectoryId } = replica
      if (voterSet.isVoter(replicaId, toldDirectoryId) || replicaId === this.#nodeId) continue
      const directoryId = toldDirectoryId
      this.#observers.set(`${replicaId} ${directoryId}`, { ...replica, directoryId })
    }
    for (const id of this.#fetchedVoters) if (!this.#voters.has(id)) this.#fetchedVoters.delete(id)
    this.#checkQuorumDeadlineMs = Math.max(
      this.#checkQuorumDeadlineMs,
      nowMs + this.#checkQuorumTimeoutMs,
    )
  }

  /** Whether that replica has lately had all that there was. */
  isCaughtUp(nowMs: number, replicaId: number, directoryId: string): boolean {
    const replica = this.#observers.get(`${replicaId} ${directoryId}`)
    if (replica === undefined || replica.lastCaughtUpMs < 0) return false
    return nowMs - replica.lastFetchMs < CAUGHT_UP_WITHIN_MS
  }

  /** When leadership ends unless a majority fetches before; never for a lone voter. */
  get checkQuorumDeadlineMs(): number {
    return this.#othersNeeded === 0 ? Number.POSITIVE_INFINITY : this.#checkQuorumDeadlineMs
  }

  get voters(): readonly ReplicaProgress[] {
    return [...this.#voters.values()]
  }

  observers(nowMs: number): readonly ReplicaProgress[] {
    for (const [id, observer] of this.#observers) {
      if (nowMs - observer.lastFetchMs > OBSERVER_TIMEOUT_MS) this.#observers.delete(id)
    }
    return [...this.#observers.values()]
  }

  /**
   * A valid fetch at `request.fetchOffset`: the replica holds everything below, on disk if it is a
   * voter.
   */
  fetched(nowMs: number, request: FetchRequestData, leaderEndOffset: number): void {
    if (request.replicaId < 0 || request.replicaId === this.#nodeId) return
    const replica = this.#progressOf(request)
    if (request.fetchOffset >= leaderEndOffset) {
      replica.lastCaughtUpMs = nowMs
    } else if (
      replica.lastFetchMs >= 0 &&
      request.fetchOffset >= replica.leaderEndOffsetAtLastFetch
    ) {
      replica.lastCaughtUpMs = Math.max(replica.lastCaughtUpMs, replica.lastFetchMs)
    }
    replica.logEndOffset = request.fetchOffset
    replica.leaderEndOffsetAtLastFetch = leaderEndOffset
    this.heardFrom(nowMs, request.replicaId, request.replicaDirectoryId)
    replica.lastFetchMs = nowMs
  }

  /** Check-quorum: the deadline moves each time a majority, this node included, has fetched. */
  heardFrom(nowMs: number, replicaId: number, directoryId: string): void {
    if (!this.#voterSet.isVoter(replicaId, directoryId) || replicaId === this.#nodeId) return
    this.#fetchedVoters.add(replicaId)
    if (this.#fetchedVoters.size < this.#othersNeeded) return
    this.#fetchedVoters.clear()
    this.#checkQuorumDeadlineMs = nowMs + this.#checkQuorumTimeoutMs
  }

  /**
   * The offset below which a majority holds everything; `ownFlushedOffset` stands for this node.
   */
  majorityEndOffset(ownFlushedOffset: number): number {
    const ends = this.voters.map((voter) =>
      voter.replicaId === this.#nodeId ? ownFlushedOffset : voter.logEndOffset,
    )
    ends.sort((left, right) => right - left)
    return ends[Math.floor(ends.length / 2)] ?? -1
  }

  /** Other voters, the one with the longest log first. */
  successors(): number[] {
    return this.voters
      .filter((voter) => voter.replicaId !== this.#nodeId)
      .sort((left, right) => right.logEndOffset - left.logEndOffset)
      .map((voter) => voter.replicaId)
  }

  /** Voters that have not fetched since `sinceMs`: they may not know who leads. */
  silentVoters(sinceMs: number): number[] {
    return this.voters
      .filter((voter) => voter.replicaId !== this.#nodeId)
      .filter((voter) => voter.lastFetchMs < 0 || voter.lastFetchMs < sinceMs)
      .map((voter) => voter.replicaId)
  }

  /** Voters beside this node that make a majority, with it if it is a voter (it may have been removed). */
  get #othersNeeded(): number {
    const majority = Math.floor(this.#voters.size / 2) + 1
    return this.#voters.has(this.#nodeId) ? majority - 1 : majority
  }

  #progressOf({ replicaId, replicaDirectoryId }: FetchRequestData): ReplicaProgress {
    const voter = this.#voters.get(replicaId)
    if (voter !== undefined && this.#voterSet.isVoter(replicaId, replicaDirectoryId)) {
      voter.toldDirectoryId = replicaDirectoryId
      return voter
    }
    const key = `${replicaId} ${replicaDirectoryId}`
    const known = this.#observers.get(key)
    if (known !== undefined) return known
    const observer = newProgress(replicaId, replicaDirectoryId)
    observer.toldDirectoryId = replicaDirectoryId
    this.#observers.set(key, observer)
    return observer
  }
}

function newProgress(replicaId: number, directoryId: string): ReplicaProgress {
  return {
    replicaId,
    directoryId,
    toldDirectoryId: ZERO_UUID,
    logEndOffset: -1,
    lastFetchMs: -1,
    lastCaughtUpMs: -1,
    leaderEndOffsetAtLastFetch: -1,
  }
}
