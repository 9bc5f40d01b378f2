// What goes into the Raft core and what comes out of it, as plain data. Shared by the core, the
// driver that carries it out, and the simulation that plays network and disk.
import type { BatchSummary, LogModelState, OffsetAndEpoch } from './log-model.ts'
import type { QuorumChange, QuorumChangeAt, Voter, VoterSet } from './voter-set.ts'

export interface RaftTimings {
  /** controller.quorum.election.timeout.ms */
  electionTimeoutMs: number
  /** controller.quorum.election.backoff.max.ms */
  electionBackoffMaxMs: number
  /** controller.quorum.fetch.timeout.ms */
  fetchTimeoutMs: number
  /** controller.quorum.retry.backoff.ms */
  retryBackoffMs: number
  /** How long a follower's fetch may wait at the leader. */
  fetchMaxWaitMs: number
}

/** What must be on disk before anything that follows from it leaves this node. */
export interface ElectionState {
  epoch: number
  leaderId: number | null
  votedId: number | null
  /** Left out or ZERO_UUID: not said. */
  votedDirectoryId?: string
}

export interface RaftCoreOptions {
  nodeId: number
  /** Of this node's metadata log; left out: nobody asks. */
  directoryId?: string
  /** Who votes until the log says otherwise; this node is an observer when it is not among them. */
  voters: readonly number[]
  /** What snapshot and log say of voters and kraft.version. */
  changes?: readonly QuorumChangeAt[]
  /** How this node wants to stand in the voter set; null: it is no controller. */
  self?: Voter | null
  /** controller.quorum.auto.join.enable */
  joinsByItself?: boolean
  /** Negative ids of bootstrap servers: whom else to ask who leads. */
  bootstrapIds?: readonly number[]
  timings: RaftTimings
  random: { int(boundExclusive: number): number }
  nowMs: number
  election: ElectionState
  log: LogModelState
}

export interface VoteRequestData {
  epoch: number
  candidateId: number
  candidateDirectoryId?: string
  /** -1 when the asker did not say whom it means. */
  voterId: number
  voterDirectoryId?: string
  lastOffset: number
  lastEpoch: number
  isPreVote: boolean
}

export interface LeaderRequestData {
  epoch: number
  leaderId: number
  voterId: number
  voterDirectoryId?: string
}

export interface EndEpochRequestData extends LeaderRequestData {
  /** Best first. */
  preferredCandidates: readonly number[]
}

export interface FetchRequestData {
  /** -1: neither voter nor observer. */
  replicaId: number
  replicaDirectoryId: string
  epoch: number
  fetchOffset: number
  lastFetchedEpoch: number
  maxWaitMs: number
  maxBytes: number
  /** What the replica knows; MAX_SAFE_INTEGER when it does not want to be told of a new one. */
  highWatermark: number
}

export interface FetchSnapshotRequestData {
  epoch: number
  id: OffsetAndEpoch
  positionBytes: number
}

export type PeerRequest =
  | { kind: 'vote'; data: VoteRequestData }
  | { kind: 'beginEpoch'; data: LeaderRequestData }
  | { kind: 'endEpoch'; data: EndEpochRequestData }
  | { kind: 'fetch'; data: FetchRequestData }
  | { kind: 'fetchSnapshot'; data: FetchSnapshotRequestData }
  /** Asks the leader to change this node's place among the voters. */
  | { kind: 'addVoter' | 'removeVoter' | 'updateVoter'; data: { epoch: number; voter: Voter } }

/** Common to all answers: an error code and what the answering node knows of the leader. */
export interface ReplyHeader {
  errorCode: number
  epoch: number
  /** -1: none known. */
  leaderId: number
}

export interface VoteReply extends ReplyHeader {
  isGranted: boolean
}

export interface FetchReply extends ReplyHeader {
  highWatermark: number
  logStartOffset: number
  divergingEpoch: { epoch: number; endOffset: number } | null
  snapshotId: OffsetAndEpoch | null
  /** What the driver reads and adds: batches of [offset, endOffsetExclusive). */
  read: { offset: number; endOffsetExclusive: number; maxBytes: number } | null
}

export type PeerResponse =
  | { kind: 'vote'; header: ReplyHeader; isGranted: boolean }
  | { kind: 'beginEpoch'; header: ReplyHeader }
  | { kind: 'endEpoch'; header: ReplyHeader }
  | { kind: 'voterChange'; header: ReplyHeader }
  | {
      kind: 'fetch'
      header: ReplyHeader
      highWatermark: number
      divergingEpoch: { epoch: number; endOffset: number } | null
      snapshotId: OffsetAndEpoch | null
      records: Buffer
      batches: readonly BatchSummary[]
    }
  | {
      kind: 'fetchSnapshot'
      header: ReplyHeader
      id: OffsetAndEpoch | null
      sizeBytes: number
      positionBytes: number
      bytes: Buffer
    }

/**
 * To be carried out in order. `persist` is a barrier: nothing behind it may leave this node or
 * touch the log before the state is on disk. Log changes (append…, truncate, storeChunk,
 * installSnapshot) are carried out one after the other.
 */
export type Output =
  | { kind: 'persist'; election: ElectionState }
  | { kind: 'send'; requestId: number; to: number; request: PeerRequest }
  | { kind: 'replyVote'; token: number; reply: VoteReply }
  | { kind: 'reply'; token: number; reply: ReplyHeader }
  | { kind: 'replyFetch'; token: number; reply: FetchReply }
  /** The record that starts an epoch; `written` and `flushed` are owed. */
  | {
      kind: 'appendLeaderChange'
      epoch: number
      baseOffset: number
      grantingVoters: readonly number[]
    }
  /** Control records that say who votes; `written` and `flushed` are owed. */
  | { kind: 'appendVoters'; epoch: number; baseOffset: number; change: QuorumChange }
  /** Who votes has changed, by what was just appended, fetched or truncated. */
  | { kind: 'voters'; voters: VoterSet; kraftVersion: number }
  /** Batches as fetched; `flushed` is owed. */
  | { kind: 'appendFetched'; records: Buffer; endOffset: number }
  /** `truncated` is owed. */
  | { kind: 'truncate'; offset: number }
  /** `chunkStored` is owed. */
  | {
      kind: 'storeChunk'
      id: OffsetAndEpoch
      positionBytes: number
      bytes: Buffer
      isLast: boolean
    }
  /** The stored snapshot replaces the log; `snapshotInstalled` is owed. */
  | { kind: 'installSnapshot'; id: OffsetAndEpoch }
  | { kind: 'commit'; highWatermark: number }
  | { kind: 'leader'; leaderId: number | null; epoch: number; epochStartOffset: number | null }
