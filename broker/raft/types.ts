// What the metadata quorum gives to the layers above it. `RaftNode` in driver.ts implements RaftClient.

/** A batch of committed metadata records, in log order. */
export interface CommittedBatch {
  baseOffset: number
  lastOffset: number
  epoch: number
  appendTimestampMs: number
  /** Each value as Kafka frames it (frame version, api key, version, body); control records are not passed on. */
  records: readonly Buffer[]
}

export interface LeaderAndEpoch {
  leaderId: number | null
  epoch: number
}

/** Receives what the quorum decides, in order, one call at a time (each awaited before the next). */
export interface RaftListener {
  handleCommit(batch: CommittedBatch): void | Promise<void>
  /** Replace everything: a snapshot that covers offsets below `endOffset`. */
  handleLoadSnapshot(snapshot: {
    endOffset: number
    epoch: number
    lastContainedLogTimestampMs: number
    records: readonly Buffer[]
  }): void | Promise<void>
  /** On a new leader: called for the leader itself only after all batches of earlier epochs were handled. */
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
   * On the leader of `epoch` only: appends the records as one batch and returns the last offset (known at once).
   * They count when `handleCommit` brings them. Returns null when this node no longer leads that epoch.
   */
  scheduleAppend(epoch: number, records: readonly Buffer[]): number | null
  /** Gives up leadership (controlled shutdown, or a controller that cannot go on). */
  resign(epoch: number): void
  /** Writes a snapshot of the state through `endOffset` (exclusive) and drops what it makes needless. */
  createSnapshot(snapshot: {
    endOffset: number
    epoch: number
    lastContainedLogTimestampMs: number
    records: readonly Buffer[]
  }): Promise<void>
  describe(): QuorumInfo
  shutdown(): Promise<void>
}
