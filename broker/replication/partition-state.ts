// The pure core of one replica: leadership, ISR, what the leader knows of each follower, and the rules that
// move the high watermark. Owned by Partition (partition.ts). It reads no clock, disk or socket: times are
// monotonic milliseconds handed in. Nothing of it survives a crash; metadata and log rebuild it.
import { ErrorCode } from '../../protocol/errors.ts'
import { isDirectoryOnline } from '../metadata/directories.ts'

/** What the core asks of a partition's metadata (PartitionImage has it). */
export interface PartitionAssignment {
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
  readonly addingReplicas: readonly number[]
  readonly removingReplicas: readonly number[]
  readonly leader: number
  readonly leaderEpoch: number
  readonly partitionEpoch: number
  /** Log directory of each replica, in the order of `replicas`. */
  readonly directories?: readonly string[]
}

/** What the core asks of a broker's registration (BrokerImage has it). */
export interface BrokerStatus {
  readonly epoch: number
  readonly isFenced: boolean
  readonly inControlledShutdown: boolean
  /** Ids of the log directories that work. */
  readonly logDirs?: readonly string[]
}

/** Registered brokers by id. */
export interface BrokerStatuses {
  get(brokerId: number): BrokerStatus | undefined
}

/** What the leader knows of one follower; -1 where it has not fetched from this leader yet. */
export interface FollowerState {
  readonly brokerId: number
  logStartOffset: number
  logEndOffset: number
  /** The leader's log end offset when this follower fetched last. */
  lastFetchLeaderLogEndOffset: number
  lastFetchMs: number
  /** Largest time at which it had everything; -Infinity: never under this leader. */
  lastCaughtUpMs: number
  /** Of its last fetch; null before the first. */
  brokerEpoch: number | null
}

/** An ISR change on its way to the controller. */
export interface IsrProposal {
  readonly kind: 'expand' | 'shrink'
  readonly changed: readonly number[]
  readonly isr: readonly { brokerId: number; brokerEpoch: number }[]
  readonly leaderEpoch: number
  readonly partitionEpoch: number
}

/** What the controller made of a proposal. */
export type AlterPartitionOutcome =
  | { errorCode: 0; leaderEpoch: number; isr: readonly number[]; partitionEpoch: number }
  | { errorCode: number }

export type Role = 'none' | 'leader' | 'follower'

export class PartitionState {
  readonly #localBrokerId: number
  readonly #replicaLagTimeMaxMs: number
  #role: Role = 'none'
  #leaderId = -1
  #leaderEpoch = -1
  #partitionEpoch = -1
  #leaderEpochStartOffset = -1
  #assignment: PartitionAssignment | null = null
  #isr: readonly number[] = []
  #maximalIsr: readonly number[] = []
  #pending: IsrProposal | null = null
  readonly #followers = new Map<number, FollowerState>()
  #followerList: readonly FollowerState[] = []

  constructor(options: { localBrokerId: number; replicaLagTimeMaxMs: number }) {
    this.#localBrokerId = options.localBrokerId
    this.#replicaLagTimeMaxMs = options.replicaLagTimeMaxMs
  }

  get role(): Role {
    return this.#role
  }
  get leaderId(): number {
    return this.#leaderId
  }
  get leaderEpoch(): number {
    return this.#leaderEpoch
  }
  get partitionEpoch(): number {
    return this.#partitionEpoch
  }
  /** Log end offset when this broker became leader in this epoch; -1 unless it leads. */
  get leaderEpochStartOffset(): number {
    return this.#leaderEpochStartOffset
  }
  /** As the controller committed it; empty on a follower. */
  get isr(): readonly number[] {
    return this.#isr
  }
  /** The committed ISR and, while an expansion is on its way, its newcomer too. */
  get maximalIsr(): readonly number[] {
    return this.#maximalIsr
  }
  get pending(): IsrProposal | null {
    return this.#pending
  }
  get followers(): ReadonlyMap<number, FollowerState> {
    return this.#followers
  }
  get replicas(): readonly number[] {
    return this.#assignment?.replicas ?? []
  }
  /** Replicas not counting those that a reassignment adds. */
  get replicationFactor(): number {
    const assignment = this.#assignment
    if (assignment === null) return 0
    const adding = assignment.addingReplicas
    return assignment.replicas.filter((id) => !adding.includes(id)).length
  }
  get isReassigning(): boolean {
    const assignment = this.#assignment
    if (assignment === null) return false
    return assignment.addingReplicas.length > 0 || assignment.removingReplicas.length > 0
  }

  /** Whether a reassignment is adding that replica. */
  isAdding(brokerId: number): boolean {
    return this.#assignment?.addingReplicas.includes(brokerId) ?? false
  }

  effectiveMinIsr(minInsyncReplicas: number): number {
    return Math.min(minInsyncReplicas, this.#followerList.length + 1)
  }

  /**
   * Takes the lead, or, when it has it already, the newer assignment. null: older than what is known.
   * `isNewEpoch`: the caller must record `logEndOffset` as the epoch's start in the log.
   */
  becomeLeader(
    assignment: PartitionAssignment,
    at: { logEndOffset: number; nowMs: number },
  ): { isNewLeader: boolean; isNewEpoch: boolean } | null {
    if (assignment.partitionEpoch < this.#partitionEpoch) return null
    const isNewLeader = this.#role !== 'leader'
    const isNewEpoch = assignment.leaderEpoch > this.#leaderEpoch || isNewLeader
    // The answer to an AlterPartition came first: what was proposed since must not be forgotten, or the
    // high watermark could pass a newcomer that the controller has already let in.
    const isKnown = !isNewEpoch && assignment.partitionEpoch === this.#partitionEpoch
    this.#assign(assignment)
    this.#updateFollowers(assignment.replicas)
    if (isKnown) return { isNewLeader, isNewEpoch }
    if (isNewEpoch) {
      this.#leaderEpochStartOffset = at.logEndOffset
      for (const follower of this.#followerList) {
        const isInSync = assignment.isr.includes(follower.brokerId)
        resetFollower(follower, { ...at, isNewLeader, isInSync })
      }
    }
    this.#role = 'leader'
    this.#leaderEpoch = assignment.leaderEpoch
    this.#setCommittedIsr(assignment.isr)
    return { isNewLeader, isNewEpoch }
  }

  /** Follows `assignment.leader` (-1: nobody). null: older than what is known. */
  becomeFollower(assignment: PartitionAssignment): { isNewEpoch: boolean } | null {
    if (assignment.partitionEpoch < this.#partitionEpoch) return null
    const isNewEpoch = assignment.leaderEpoch > this.#leaderEpoch || this.#role !== 'follower'
    this.#role = 'follower'
    this.#assign(assignment)
    this.#leaderEpoch = assignment.leaderEpoch
    this.#leaderEpochStartOffset = -1
    this.#setCommittedIsr([])
    this.#updateFollowers([])
    return { isNewEpoch }
  }

  /** Steps aside while a change of role is under way; requests are refused meanwhile. */
  suspend(): void {
    this.#role = 'none'
    this.#leaderId = -1
    this.#leaderEpochStartOffset = -1
    this.#setCommittedIsr([])
    this.#updateFollowers([])
  }

  /**
   * A follower's fetch at `fetchOffset` says that it holds everything below. 'unknown': not a replica;
   * 'stale': sent by an older incarnation of that broker.
   */
  recordFetch(
    followerId: number,
    fetch: {
      fetchOffset: number
      logStartOffset: number
      brokerEpoch: number
      leaderLogEndOffset: number
      nowMs: number
    },
    brokers: BrokerStatuses,
  ): 'recorded' | 'unknown' | 'stale' {
    const follower = this.#followers.get(followerId)
    if (follower === undefined) return 'unknown'
    const aliveEpoch = aliveBrokerEpoch(brokers, followerId)
    if (fetch.brokerEpoch !== -1 && aliveEpoch !== null && aliveEpoch > fetch.brokerEpoch) {
      return 'stale'
    }
    if (fetch.fetchOffset >= fetch.leaderLogEndOffset) {
      follower.lastCaughtUpMs = Math.max(follower.lastCaughtUpMs, fetch.nowMs)
    } else if (fetch.fetchOffset >= follower.lastFetchLeaderLogEndOffset) {
      follower.lastCaughtUpMs = Math.max(follower.lastCaughtUpMs, follower.lastFetchMs)
    }
    follower.logStartOffset = fetch.logStartOffset
    follower.logEndOffset = fetch.fetchOffset
    follower.lastFetchLeaderLogEndOffset = Math.max(
      fetch.leaderLogEndOffset,
      follower.lastFetchLeaderLogEndOffset,
    )
    follower.lastFetchMs = fetch.nowMs
    follower.brokerEpoch = fetch.brokerEpoch
    return 'recorded'
  }

  /** The high watermark as it may be now; `log.highWatermark` itself when it may not move. */
  highWatermark(
    log: {
      readonly logEndOffset: number
      readonly highWatermark: number
      readonly config: { readonly minInsyncReplicas: number }
    },
    nowMs: number,
    brokers: BrokerStatuses,
  ): number {
    if (this.#role !== 'leader') return log.highWatermark
    if (this.#isr.length < this.effectiveMinIsr(log.config.minInsyncReplicas))
      return log.highWatermark
    let candidate = log.logEndOffset
    for (const follower of this.#followerList) {
      if (follower.logEndOffset >= candidate) continue
      const holdsBack =
        this.#maximalIsr.includes(follower.brokerId) ||
        (this.#isCaughtUp(follower, log.logEndOffset, nowMs) && this.#isEligible(follower, brokers))
      if (holdsBack) candidate = follower.logEndOffset
    }
    return Math.max(candidate, log.highWatermark)
  }

  /** A caught-up follower asks in; null when it may not or another change is on its way. */
  proposeExpand(
    followerId: number,
    context: { highWatermark: number; localBrokerEpoch: number },
    brokers: BrokerStatuses,
  ): IsrProposal | null {
    if (this.#role !== 'leader' || this.#pending !== null) return null
    if (this.#isr.includes(followerId)) return null
    const follower = this.#followers.get(followerId)
    if (follower === undefined) return null
    if (follower.logEndOffset < context.highWatermark) return null
    if (follower.logEndOffset < this.#leaderEpochStartOffset) return null
    if (!this.#isEligible(follower, brokers)) return null
    const proposal = this.#propose('expand', {
      changed: [followerId],
      isr: [...this.#isr, followerId],
      localBrokerEpoch: context.localBrokerEpoch,
    })
    this.#maximalIsr = [...this.#isr, followerId]
    return proposal
  }

  /** Drops members that were not caught up for replica.lag.time.max.ms; null when all are or a change is on its way. */
  proposeShrink(context: {
    logEndOffset: number
    nowMs: number
    localBrokerEpoch: number
  }): IsrProposal | null {
    if (this.#role !== 'leader' || this.#pending !== null) return null
    const lagging = this.#isr.filter((id) => {
      if (id === this.#localBrokerId) return false
      const follower = this.#followers.get(id)
      return (
        follower === undefined || !this.#isCaughtUp(follower, context.logEndOffset, context.nowMs)
      )
    })
    if (lagging.length === 0) return null
    return this.#propose('shrink', {
      changed: lagging,
      isr: this.#isr.filter((id) => !lagging.includes(id)),
      localBrokerEpoch: context.localBrokerEpoch,
    })
  }

  /**
   * The controller's answer to `proposal`. 'updated': committed; 'reset': refused, the old ISR stands;
   * 'waiting': stays as proposed until metadata says more; 'retry': send again; 'ignored': out of date.
   */
  completeProposal(
    proposal: IsrProposal,
    outcome: AlterPartitionOutcome,
  ): 'updated' | 'reset' | 'waiting' | 'retry' | 'ignored' {
    if (this.#pending !== proposal) return 'ignored'
    if (!('isr' in outcome)) return this.#rejectProposal(outcome.errorCode)
    if (outcome.leaderEpoch !== this.#leaderEpoch) return 'waiting'
    if (outcome.partitionEpoch < this.#partitionEpoch) return 'waiting'
    this.#partitionEpoch = outcome.partitionEpoch
    this.#setCommittedIsr(outcome.isr)
    return 'updated'
  }

  /** Smallest log start over this leader's log and its live followers. */
  lowWatermark(logStartOffset: number, brokers: BrokerStatuses): number {
    let low = logStartOffset
    for (const follower of this.#followerList) {
      if (aliveBrokerEpoch(brokers, follower.brokerId) === null) continue
      if (follower.logStartOffset < low) low = follower.logStartOffset
    }
    return low
  }

  /** Whether every follower of the ISR has fetched since this leadership began. */
  hasHeardFromIsr(): boolean {
    return this.#followerList.every(
      (follower) => follower.logEndOffset >= 0 || !this.#isr.includes(follower.brokerId),
    )
  }

  #assign(assignment: PartitionAssignment): void {
    this.#assignment = assignment
    this.#leaderId = assignment.leader
    this.#partitionEpoch = assignment.partitionEpoch
  }

  #setCommittedIsr(isr: readonly number[]): void {
    this.#isr = isr
    this.#maximalIsr = isr
    this.#pending = null
  }

  #updateFollowers(replicas: readonly number[]): void {
    for (const id of [...this.#followers.keys()]) {
      if (!replicas.includes(id)) this.#followers.delete(id)
    }
    for (const id of replicas) {
      if (id === this.#localBrokerId || this.#followers.has(id)) continue
      this.#followers.set(id, newFollower(id))
    }
    this.#followerList = [...this.#followers.values()]
  }

  #isCaughtUp(follower: FollowerState, leaderLogEndOffset: number, nowMs: number): boolean {
    return (
      follower.logEndOffset === leaderLogEndOffset ||
      nowMs - follower.lastCaughtUpMs <= this.#replicaLagTimeMaxMs
    )
  }

  #isEligible(follower: FollowerState, brokers: BrokerStatuses): boolean {
    const broker = brokers.get(follower.brokerId)
    if (broker === undefined || broker.isFenced || broker.inControlledShutdown) return false
    if (!this.#isOnDisk(follower.brokerId, broker)) return false
    return follower.brokerEpoch === -1 || follower.brokerEpoch === broker.epoch
  }

  /** False once the log directory of a replica has failed: it will not be back soon. */
  #isOnDisk(brokerId: number, broker: BrokerStatus): boolean {
    const at = this.#assignment?.replicas.indexOf(brokerId) ?? -1
    const directory = this.#assignment?.directories?.[at]
    if (directory === undefined || broker.logDirs === undefined) return true
    return isDirectoryOnline(broker.logDirs, directory)
  }

  #propose(
    kind: 'expand' | 'shrink',
    change: { changed: readonly number[]; isr: readonly number[]; localBrokerEpoch: number },
  ): IsrProposal {
    const proposal: IsrProposal = {
      kind,
      changed: change.changed,
      // In the order in which Kafka's tools show it.
      isr: [...change.isr]
        .sort((a, b) => a - b)
        .map((brokerId) => ({
          brokerId,
          brokerEpoch:
            brokerId === this.#localBrokerId
              ? change.localBrokerEpoch
              : (this.#followers.get(brokerId)?.brokerEpoch ?? -1),
        })),
      leaderEpoch: this.#leaderEpoch,
      partitionEpoch: this.#partitionEpoch,
    }
    this.#pending = proposal
    return proposal
  }

  #rejectProposal(errorCode: number): 'reset' | 'waiting' | 'retry' {
    const verdict = verdicts.get(errorCode) ?? 'retry'
    if (verdict === 'reset') this.#setCommittedIsr(this.#isr)
    return verdict
  }
}

/** Whether the controller's answer to a proposal settles it; others say to ask again. */
export function isDecisive(errorCode: number): boolean {
  return errorCode === ErrorCode.NONE || verdicts.has(errorCode)
}

const verdicts: ReadonlyMap<number, 'reset' | 'waiting'> = new Map([
  // The controller says that nothing was changed and that our partition epoch is the current one.
  [ErrorCode.OPERATION_NOT_ATTEMPTED, 'reset'],
  [ErrorCode.INELIGIBLE_REPLICA, 'reset'],
  // What the controller holds differs from what we hold: only metadata can tell.
  [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, 'waiting'],
  [ErrorCode.UNKNOWN_TOPIC_ID, 'waiting'],
  [ErrorCode.FENCED_LEADER_EPOCH, 'waiting'],
  [ErrorCode.INVALID_UPDATE_VERSION, 'waiting'],
  [ErrorCode.INVALID_REQUEST, 'waiting'],
  [ErrorCode.NEW_LEADER_ELECTED, 'waiting'],
])

function newFollower(brokerId: number): FollowerState {
  return {
    brokerId,
    logStartOffset: -1,
    logEndOffset: -1,
    lastFetchLeaderLogEndOffset: -1,
    lastFetchMs: Number.NEGATIVE_INFINITY,
    lastCaughtUpMs: Number.NEGATIVE_INFINITY,
    brokerEpoch: null,
  }
}

/** In-sync followers count as caught up from the election on; others must prove it by fetching. */
function resetFollower(
  follower: FollowerState,
  at: { logEndOffset: number; nowMs: number; isNewLeader: boolean; isInSync: boolean },
): void {
  follower.lastCaughtUpMs = at.isInSync ? at.nowMs : Number.NEGATIVE_INFINITY
  if (at.isNewLeader) {
    follower.logStartOffset = -1
    follower.logEndOffset = -1
    follower.lastFetchLeaderLogEndOffset = -1
    follower.lastFetchMs = Number.NEGATIVE_INFINITY
    follower.brokerEpoch = null
  } else {
    follower.lastFetchLeaderLogEndOffset = at.logEndOffset
    follower.lastFetchMs = at.isInSync ? at.nowMs : Number.NEGATIVE_INFINITY
  }
}

function aliveBrokerEpoch(brokers: BrokerStatuses, brokerId: number): number | null {
  const broker = brokers.get(brokerId)
  return broker === undefined || broker.isFenced ? null : broker.epoch
}
