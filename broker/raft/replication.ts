// What a leader knows of its replicas: their log ends, when they last fetched, whether a majority
// still follows. Pure; made anew with each leadership.
import type { FetchRequestData } from './core-types.ts'

/** Times are monotonic milliseconds; -1 is never. */
export interface ReplicaProgress {
  replicaId: number
  directoryId: string
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
const ZERO_UUID = 'AAAAAAAAAAAAAAAAAAAAAA'

export class Replication {
  readonly #nodeId: number
  readonly #checkQuorumTimeoutMs: number
  readonly #voters = new Map<number, ReplicaProgress>()
  readonly #observers = new Map<number, ReplicaProgress>()
  readonly #fetchedVoters = new Set<number>()
  #checkQuorumDeadlineMs: number
  parked: ParkedFetch[] = []

  constructor(options: {
    nodeId: number
    voters: readonly number[]
    checkQuorumTimeoutMs: number
    nowMs: number
  }) {
    this.#nodeId = options.nodeId
    this.#checkQuorumTimeoutMs = options.checkQuorumTimeoutMs
    this.#checkQuorumDeadlineMs = options.nowMs + options.checkQuorumTimeoutMs
    for (const voter of options.voters) this.#voters.set(voter, newProgress(voter, ZERO_UUID))
  }

  /** When leadership ends unless a majority fetches before; never for a lone voter. */
  get checkQuorumDeadlineMs(): number {
    return this.#voters.size === 1 ? Number.POSITIVE_INFINITY : this.#checkQuorumDeadlineMs
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
    this.heardFrom(nowMs, request.replicaId)
    replica.lastFetchMs = nowMs
  }

  /** Check-quorum: the deadline moves each time a majority, this node included, has fetched. */
  heardFrom(nowMs: number, replicaId: number): void {
    if (!this.#voters.has(replicaId) || replicaId === this.#nodeId) return
    this.#fetchedVoters.add(replicaId)
    const othersNeeded = Math.floor(this.#voters.size / 2)
    if (this.#fetchedVoters.size < othersNeeded) return
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

  #progressOf(request: FetchRequestData): ReplicaProgress {
    const voter = this.#voters.get(request.replicaId)
    if (voter !== undefined) return voter
    const known = this.#observers.get(request.replicaId)
    if (known !== undefined && known.directoryId === request.replicaDirectoryId) return known
    const observer = newProgress(request.replicaId, request.replicaDirectoryId)
    this.#observers.set(request.replicaId, observer)
    return observer
  }
}

function newProgress(replicaId: number, directoryId: string): ReplicaProgress {
  return {
    replicaId,
    directoryId,
    logEndOffset: -1,
    lastFetchMs: -1,
    lastCaughtUpMs: -1,
    leaderEndOffsetAtLastFetch: -1,
  }
}
