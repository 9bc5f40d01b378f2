// What the partition log gives to the layers above it (raft, replication, coordinators, api).
// Offsets and timestamps are numbers (below 2^53); record data stays opaque bytes, whole v2 batches.

/** Effective settings of one topic's logs; swapped as a whole when a config changes. */
export interface LogConfig {
  segmentBytes: number
  segmentMs: number
  segmentJitterMs: number
  segmentIndexBytes: number
  indexIntervalBytes: number
  retentionMs: number
  retentionBytes: number
  maxMessageBytes: number
  cleanupDelete: boolean
  cleanupCompact: boolean
  compressionType: 'producer' | 'uncompressed' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
  messageTimestampType: 'CreateTime' | 'LogAppendTime'
  messageTimestampBeforeMaxMs: number
  messageTimestampAfterMaxMs: number
  flushMessages: number
  flushMs: number
  fileDeleteDelayMs: number
  minInsyncReplicas: number
  uncleanLeaderElectionEnable: boolean
  /** A new segment file gets its full size at once. */
  preallocate: boolean
  /** Share of the log that must be dirty before it is compacted. */
  minCleanableDirtyRatio: number
  minCompactionLagMs: number
  maxCompactionLagMs: number
  deleteRetentionMs: number
  /** For batches that the leader compresses anew. */
  compressionLevels: Readonly<CompressionLevels>
}

export interface CompressionLevels {
  /** 1 to 9, -1 the codec's own choice. */
  gzip: number
  /** 1 to 17. */
  lz4: number
  /** -131072 to 22. */
  zstd: number
}

/** Kafka's defaults, for logs that nobody configures. */
export const defaultCleaningConfig = {
  preallocate: false,
  minCleanableDirtyRatio: 0.5,
  minCompactionLagMs: 0,
  maxCompactionLagMs: Number.MAX_SAFE_INTEGER,
  deleteRetentionMs: 86_400_000,
  compressionLevels: { gzip: -1, lz4: 9, zstd: 3 },
} as const

export interface TopicPartition {
  topic: string
  partition: number
}

/**
 * client: one leader append from a producer (offsets assigned, sequences checked, CRC verified);
 * coordinator: a leader append by a coordinator of this broker; raft: the metadata log's leader;
 * replica: batches as a leader sent them: offsets and epochs kept, CRC verified.
 */
export type AppendOrigin = 'client' | 'coordinator' | 'raft' | 'replica'

/** Says that a producer's transaction was verified at its coordinator; given out by one log, for it alone. */
export interface VerificationGuard {
  readonly producerId: number
}

export interface AppendOptions {
  origin: AppendOrigin
  leaderEpoch: number
  /** From `beginVerification`, once the coordinator said yes. */
  verificationGuard?: VerificationGuard | null
  /** Of an end-of-transaction marker: 2 makes its epoch newer than the data's (KIP-890); default 0. */
  transactionVersion?: number
}

export interface AppendInfo {
  /** Offset of the first record; for a recognised duplicate the original one. */
  firstOffset: number
  lastOffset: number
  /** -1 unless message.timestamp.type is LogAppendTime. */
  logAppendTimeMs: number
  logStartOffset: number
  /** Batches were already in the log (same producer, epoch and sequences): nothing was written. */
  isDuplicate: boolean
  sizeBytes: number
  recordCount: number
  /** Where the producer's batch was made anew. */
  conversion?: RecordConversion
}

/** What making a batch anew took. */
export interface RecordConversion {
  recordCount: number
  durationMs: number
  /** Needed on the way. */
  temporaryBytes: number
}

/** A refused append; `code` is Kafka's error code (protocol/errors.ts), nothing was written. */
export class AppendError extends Error {
  override readonly name = 'AppendError'
  readonly code: number
  /** Per-record errors for ProduceResponse v8+ (INVALID_RECORD). */
  readonly recordErrors: readonly { batchIndex: number; message: string | null }[]
  constructor(
    code: number,
    message: string,
    recordErrors: readonly { batchIndex: number; message: string | null }[] = [],
  ) {
    super(message)
    this.code = code
    this.recordErrors = recordErrors
  }
}

export interface ReadResult {
  /** Whole batches from the one containing the asked offset; may be empty. */
  records: Buffer
  /** Start of the first returned batch, or the asked offset when empty. */
  baseOffset: number
  /** Offset after the last returned batch, or the asked offset when empty. */
  nextOffset: number
}

export interface EpochEntry {
  epoch: number
  startOffset: number
}

/** An aborted transaction as read_committed consumers are told of it. */
export interface AbortedTransaction {
  producerId: number
  firstOffset: number
}

/**
 * One partition's log on this broker. One owner appends; reads may run side by side. Implemented by
 * `PartitionLog` in partition-log.ts.
 */
export interface Log {
  readonly topic: string
  readonly partition: number
  readonly topicId: string
  readonly directory: string
  readonly config: LogConfig
  /** First offset a client may read (moved by retention and DeleteRecords). */
  readonly logStartOffset: number
  /** Offset the next record gets; everything below is held by the operating system. */
  readonly logEndOffset: number
  /** Everything below is on disk (fsync). */
  readonly recoveryPoint: number
  /** As last set; never above logEndOffset. Checkpointed by LogManager. */
  readonly highWatermark: number
  /** High watermark, or the first offset of an older transaction that is open or ended above it. */
  readonly lastStableOffset: number
  /** When the producer of the oldest open transaction last wrote; null while none is open. */
  readonly oldestTransactionMs: number | null
  readonly sizeBytes: number
  readonly segmentCount: number
  /** Largest epoch in the leader-epoch cache, -1 when empty. */
  readonly latestEpoch: number

  updateConfig(config: LogConfig): void
  setHighWatermark(offset: number): void
  /** Called by a new leader before its first append. */
  assignEpochStart(epoch: number, startOffset: number): void
  /**
   * Appends whole v2 batches, in call order; resolves once the operating system holds them and
   * `logEndOffset` has moved. `records` is owned by the log from now on: base offset and leader epoch
   * are patched in place. Rejects with AppendError (nothing written) or a disk error (the log is offline).
   */
  append(records: Buffer, options: AppendOptions): Promise<AppendInfo>
  /**
   * Reads batches from the one containing `offset`, up to `maxBytes` (at least one whole batch when
   * `minOneBatch`), none that starts at or after `endOffsetExclusive`. From the tail ring it answers at once,
   * from files it gives a promise. Throws AppendError-like OffsetOutOfRange when offset is outside [logStartOffset, logEndOffset].
   * With `hold` the records may lie in memory that is used again: it is called before the answer, with what must be
   * called once when nobody looks at them any more. Without, they are the caller's.
   */
  read(options: {
    offset: number
    maxBytes: number
    minOneBatch: boolean
    endOffsetExclusive: number
    hold?: ((release: () => void) => void) | undefined
  }): ReadResult | Promise<ReadResult>
  /** ListOffsets by timestamp: first record with timestamp >= timestampMs below `endOffsetExclusive`. */
  findOffsetByTimestamp(
    timestampMs: number,
    endOffsetExclusive: number,
  ): Promise<{ offset: number; timestampMs: number; leaderEpoch: number } | null>
  /** ListOffsets -3: the record with the largest timestamp. */
  findMaxTimestamp(): Promise<{ offset: number; timestampMs: number; leaderEpoch: number } | null>
  /** Those whose records lie in the range, in the order of their markers; a promise where files are read. */
  abortedTransactions(
    startOffset: number,
    endOffsetExclusive: number,
  ): AbortedTransaction[] | Promise<AbortedTransaction[]>
  /**
   * A transactional batch is about to come: null when its transaction is known here, else what the append
   * must carry after the coordinator was asked. `supportsEpochBump`: the producer follows transaction version 2.
   */
  beginVerification(batch: {
    producerId: number
    producerEpoch: number
    baseSequence: number
    supportsEpochBump: boolean
  }): VerificationGuard | null
  /** OffsetForLeaderEpoch: end of the largest epoch <= requested; epoch -1 and offset -1 when unknown. */
  endOffsetForEpoch(epoch: number): { epoch: number; endOffset: number }
  epochOf(offset: number): number
  epochs(): readonly EpochEntry[]
  /** Drops everything at and after `offset` (follower, Raft). */
  truncateTo(offset: number): Promise<void>
  /** Drops everything and starts at `offset` (follower below the leader's log start, Raft snapshot). */
  truncateFullyAndStartAt(offset: number): Promise<void>
  /** DeleteRecords, and a follower following its leader's log start. Never past the high watermark on a leader. */
  advanceLogStartOffset(offset: number): Promise<void>
  /** Rolls and drops segments by retention.ms, retention.bytes and log start. Returns bytes freed. */
  applyRetention(nowMs: number): Promise<number>
  flush(): Promise<void>
  /** Flushes, writes the producer snapshot, closes the files. */
  close(): Promise<void>
  /** Idempotent producers with live state (DescribeProducers, metrics). */
  activeProducers(): readonly {
    producerId: number
    producerEpoch: number
    lastSequence: number
    lastTimestampMs: number
    coordinatorEpoch: number
    currentTxnStartOffset: number
  }[]
}

/** Where a log that has to be made goes. */
export interface Placement {
  /** The replica was not here before: its log cannot be in a directory that is offline. */
  isNew: boolean
  /** The directory that metadata assigns; unless it is online here, the one with the fewest logs is taken. */
  directoryId?: string | undefined
}

/** All logs of one broker. Implemented by `LogManager` in log-manager.ts. */
export interface Logs {
  /** An id is '' while its directory cannot be read. */
  readonly directories: readonly {
    path: string
    directoryId: string
    isOnline: boolean
    isCordoned?: boolean
  }[]
  get(tp: TopicPartition): Log | null
  /** Of the directory that holds the partition's log. */
  directoryIdOf(tp: TopicPartition): string | null
  /** The copy that grows in another directory of this broker; null while the log does not move. */
  futureOf(tp: TopicPartition): Log | null
  allFutures(): readonly Log[]
  /** Starts an empty copy in the directory at `directoryPath`. Rejects with AppendError where that cannot be. */
  createFuture(tp: TopicPartition, directoryPath: string): Promise<Log>
  dropFuture(tp: TopicPartition): Promise<void>
  /** The copy takes the place of the log, which is deleted: both must hold the same, and nothing be appended. */
  promoteFuture(tp: TopicPartition): Promise<Log>
  /** Where the log of a replica goes that is not here yet. */
  preferDirectory(tp: TopicPartition, directoryPath: string): void
  all(): Iterable<Log>
  /**
   * Opens or creates; a directory with another topic id is moved aside to `-stray` first. Rejects with
   * KAFKA_STORAGE_ERROR when the log may be in a directory that is offline.
   */
  getOrCreate(
    tp: TopicPartition,
    topicId: string,
    config: LogConfig,
    placement?: Placement,
  ): Promise<Log>
  /** Renames to `<topic>-<p>.<uuid>-delete`, unlinks after file.delete.delay.ms. */
  remove(tp: TopicPartition): Promise<void>
  /** Closes the log and renames it to `<topic>-<p>.<uuid>-stray`, where nothing deletes it. */
  setAside(tp: TopicPartition): Promise<void>
  /** Writes all checkpoints now (also done periodically once `start`ed). */
  checkpoint(): Promise<void>
  /** Periodic retention, flush and checkpoints. */
  start(): void
  /** Flushes all, writes checkpoints and `.kafka_cleanshutdown` with the broker epoch. */
  close(brokerEpoch: number): Promise<void>
}
