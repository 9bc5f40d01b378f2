// What the metadata quorum gives to the layers above it. `RaftNode` in driver.ts implements both
// interfaces.
import type { Encodable } from '../../protocol/api.ts'
import type { FetchRequest, FetchResponse } from '../../protocol/schemas/01-fetch.ts'
import type { VoteRequest, VoteResponse } from '../../protocol/schemas/52-vote.ts'
import type {
  BeginQuorumEpochRequest,
  BeginQuorumEpochResponse,
} from '../../protocol/schemas/53-begin-quorum-epoch.ts'
import type {
  EndQuorumEpochRequest,
  EndQuorumEpochResponse,
} from '../../protocol/schemas/54-end-quorum-epoch.ts'
import type {
  DescribeQuorumRequest,
  DescribeQuorumResponse,
} from '../../protocol/schemas/55-describe-quorum.ts'
import type {
  FetchSnapshotRequest,
  FetchSnapshotResponse,
} from '../../protocol/schemas/59-fetch-snapshot.ts'
import type {
  AddRaftVoterRequest,
  AddRaftVoterResponse,
} from '../../protocol/schemas/80-add-raft-voter.ts'
import type {
  RemoveRaftVoterRequest,
  RemoveRaftVoterResponse,
} from '../../protocol/schemas/81-remove-raft-voter.ts'
import type {
  UpdateRaftVoterRequest,
  UpdateRaftVoterResponse,
} from '../../protocol/schemas/82-update-raft-voter.ts'
import type { ConnectionContext } from '../network/types.ts'

/** A batch of committed metadata records, in log order. */
export interface CommittedBatch {
  baseOffset: number
  lastOffset: number
  epoch: number
  appendTimestampMs: number
  /**
   * Each value as Kafka frames it (frame version, api key, version, body); control records are not
   * passed on.
   */
  records: readonly Buffer[]
}

export interface LeaderAndEpoch {
  leaderId: number | null
  epoch: number
}

/**
 * Receives what the quorum decides, in order, one call at a time (each awaited before the next).
 */
export interface RaftListener {
  handleCommit(batch: CommittedBatch): void | Promise<void>
  /** Replace everything: a snapshot that covers offsets below `endOffset`. */
  handleLoadSnapshot(snapshot: {
    endOffset: number
    epoch: number
    lastContainedLogTimestampMs: number
    records: readonly Buffer[]
  }): void | Promise<void>
  /**
   * On a new leader: called for the leader itself only after all batches of earlier epochs were
   * handled.
   */
  handleLeaderChange(leader: LeaderAndEpoch): void
}

export interface QuorumReplicaState {
  replicaId: number
  replicaDirectoryId: string
  logEndOffset: number
  /** Wall clock, -1 when never. */
  lastFetchTimestampMs: number
  lastCaughtUpTimestampMs: number
}

export interface QuorumInfo {
  leaderId: number
  leaderEpoch: number
  highWatermark: number
  voters: readonly QuorumReplicaState[]
  observers: readonly QuorumReplicaState[]
}

export interface RaftClient {
  readonly nodeId: number
  readonly leaderAndEpoch: LeaderAndEpoch
  readonly highWatermark: number
  readonly logEndOffset: number
  register(listener: RaftListener): void
  /**
   * On the leader of `epoch` only: appends the records as one batch and returns the last offset
   * (known at once). They count when `handleCommit` brings them. Returns null when this node no
   * longer leads that epoch.
   */
  scheduleAppend(epoch: number, records: readonly Buffer[]): number | null
  /** Gives up leadership (controlled shutdown, or a controller that cannot go on). */
  resign(epoch: number): void
  /**
   * Writes a snapshot of the state through `endOffset` (exclusive) and drops what it makes
   * needless.
   */
  createSnapshot(snapshot: {
    endOffset: number
    epoch: number
    lastContainedLogTimestampMs: number
    records: readonly Buffer[]
  }): Promise<void>
  describe(): QuorumInfo
  shutdown(): Promise<void>
}

/**
 * The quorum's own requests, as the controller listener gets them (broker/api 01, 52 to 55, 59).
 */
export interface RaftEndpoint {
  handleVote(request: VoteRequest): Promise<Encodable<VoteResponse>>
  handleBeginQuorumEpoch(
    request: BeginQuorumEpochRequest,
  ): Promise<Encodable<BeginQuorumEpochResponse>>
  handleEndQuorumEpoch(request: EndQuorumEpochRequest): Promise<Encodable<EndQuorumEpochResponse>>
  /** Waits as asked, no longer than the connection lives. */
  handleFetch(
    request: FetchRequest,
    connection: Pick<ConnectionContext, 'onClose'>,
  ): Promise<Encodable<FetchResponse>>
  handleFetchSnapshot(request: FetchSnapshotRequest): Promise<Encodable<FetchSnapshotResponse>>
  /** NOT_LEADER_OR_FOLLOWER anywhere but on the leader. */
  handleDescribeQuorum(request: DescribeQuorumRequest): Encodable<DescribeQuorumResponse>
}

/** kraft.version as the controller needs it. */
export interface QuorumVersion {
  /** As the newest record in the log says. */
  readonly kraftVersion: number
  /** Why it cannot become `level` in `epoch`; null when it can, or is that already. */
  checkKRaftUpgrade(
    epoch: number,
    level: number,
  ): { errorCode: number; errorMessage: string } | null
  /** Resolves to null once `level` is committed, else to why not. */
  upgradeKRaftVersion(
    epoch: number,
    level: number,
  ): Promise<{ errorCode: number; errorMessage: string } | null>
}

/** Changes of who votes (80 to 82); refused anywhere but on the leader. */
export interface VoterEndpoints extends QuorumVersion {
  handleAddRaftVoter(request: AddRaftVoterRequest): Promise<Encodable<AddRaftVoterResponse>>
  handleRemoveRaftVoter(
    request: RemoveRaftVoterRequest,
  ): Promise<Encodable<RemoveRaftVoterResponse>>
  handleUpdateRaftVoter(
    request: UpdateRaftVoterRequest,
  ): Promise<Encodable<UpdateRaftVoterResponse>>
}
