// What the replica manager gives to api/ and coordinator/. Implemented by `ReplicaManager` in replica-manager.ts.
import type {
  AbortedTransaction,
  AppendInfo,
  Log,
  TopicPartition,
  VerificationGuard,
} from '../log/types.ts'

export interface ProduceEntry extends TopicPartition {
  records: Buffer
  /** Of a transactional batch: from `verifyTransaction`. */
  verificationGuard?: VerificationGuard | null
  /** Of an end-of-transaction marker; default 0. */
  transactionVersion?: number
}

/**
 * What a client's version of Produce or TxnOffsetCommit understands (KIP-890): the errors it had before; also
 * TRANSACTION_ABORTABLE; or that the partition is added to its transaction by the request itself.
 */
export type TransactionOperation = 'default-errors' | 'abortable-errors' | 'add-partition'

/** A producer's transaction as its request names it. */
export interface ProducerTransaction {
  transactionalId: string
  producerId: number
  producerEpoch: number
  operation: TransactionOperation
}

/** Asks the coordinators of transactions, wherever they are. */
export interface TransactionVerifier {
  /**
   * NONE when the partition is in the ongoing transaction ('add-partition': is from now on), else why not:
   * INVALID_TXN_STATE, TRANSACTION_ABORTABLE, INVALID_PRODUCER_EPOCH, CONCURRENT_TRANSACTIONS, a coordinator
   * error or NETWORK_EXCEPTION. Never rejects; bounded by request.timeout.ms.
   */
  verify(partition: TopicPartition, transaction: ProducerTransaction): Promise<number>
  /** What waits is answered COORDINATOR_NOT_AVAILABLE. */
  close(): void
}

/** What is told that a request waits for others from now on. */
export interface LocalProgress {
  locallyDone(): void
  /** A batch was made anew, which took so long and so much memory on the way. */
  converted?(durationMs: number, temporaryBytes: number): void
}

export interface ProduceResult extends TopicPartition {
  errorCode: number
  errorMessage: string | null
  info: AppendInfo | null
  /** As answered to the producer: -1 where Kafka says nothing. */
  logStartOffset: number
  recordErrors: readonly { batchIndex: number; message: string | null }[]
  /** With NOT_LEADER_OR_FOLLOWER and FENCED_LEADER_EPOCH: who leads now (KIP-951); -1 when not known. */
  currentLeader: { leaderId: number; leaderEpoch: number } | null
}

export interface FetchEntry extends TopicPartition {
  topicId: string
  fetchOffset: number
  maxBytes: number
  /** -1 when the client did not say. */
  currentLeaderEpoch: number
  lastFetchedEpoch: number
  /** The follower's log start; -1 from consumers. */
  logStartOffset: number
  /** What was found the last time that this entry was read; the reader's own. */
  lastPlan?: object | undefined
}

export interface FetchResult extends TopicPartition {
  topicId: string
  errorCode: number
  highWatermark: number
  lastStableOffset: number
  logStartOffset: number
  records: Buffer | null
  abortedTransactions: readonly AbortedTransaction[] | null
  divergingEpoch: { epoch: number; endOffset: number } | null
  currentLeader: { leaderId: number; leaderEpoch: number } | null
  /** -1, or where a consumer should rather read (KIP-392). */
  preferredReadReplica: number
}

export interface FetchOptions {
  /** -1 consumer; a broker id for a follower. */
  replicaId: number
  replicaEpoch: number
  maxWaitMs: number
  minBytes: number
  maxBytes: number
  /** 0 read_uncommitted, 1 read_committed. */
  isolationLevel: number
  /** Default true. false: a consumer may read from a follower, up to the high watermark known there (KIP-392). */
  fetchOnlyLeader?: boolean
  /** Of a consumer; it may be sent to a replica in its rack (KIP-392). Left out or '': not told. */
  clientRack?: string
  /** Where the client came in: a replica without an endpoint there is no use to it. */
  listenerName?: string
  /** Lets the wait end early when the connection closed. */
  isCancelled: () => boolean
  /** As of `Log.read`: who sends the records says when they are sent. */
  hold?: ((release: () => void) => void) | undefined
  /** Told once what is here has been read for the first time. */
  times?: LocalProgress | undefined
}

/** One replica of one partition on this broker. */
export interface PartitionView {
  readonly topic: string
  readonly partition: number
  readonly topicId: string
  readonly log: Log | null
  readonly isLeader: boolean
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly partitionEpoch: number
  readonly isr: readonly number[]
  readonly highWatermark: number
  /** Follower id → what the leader knows (times are monotonic); empty on a follower. */
  readonly followers: ReadonlyMap<number, { logEndOffset: number; lastCaughtUpMs: number }>
  /** The log's disk failed; every request gets KAFKA_STORAGE_ERROR. */
  readonly isOffline: boolean
}

export interface Replicas {
  readonly localBrokerId: number
  /** -1 before this incarnation is registered. */
  readonly localBrokerEpoch: number
  /** null when this broker holds no replica. */
  get(tp: TopicPartition): PartitionView | null
  all(): Iterable<PartitionView>
  /**
   * Starts to move a replica to another log directory of this broker, an absolute path, or gives a move up by
   * naming the one it is in. Gives an error code as AlterReplicaLogDirs answers it; never rejects.
   */
  moveToDirectory(tp: TopicPartition, path: string): Promise<number>
  /**
   * Appends on the leader. acks 1: resolves once appended; -1: once the high watermark passed it, or with
   * REQUEST_TIMED_OUT after `timeoutMs`; 0: as 1. Results in the order of `entries`; never rejects.
   */
  produce(
    entries: readonly ProduceEntry[],
    options: {
      acks: -1 | 0 | 1
      timeoutMs: number
      origin: 'client' | 'coordinator'
      /** Told once all that can be appended here is. */
      times?: LocalProgress | undefined
      /** false refuses internal topics (INVALID_TOPIC_EXCEPTION). */
      allowInternalTopics: boolean
      /** Of the request's transactional batches; each is verified before it is appended. */
      transaction?: { transactionalId: string; operation: TransactionOperation }
    },
  ): Promise<ProduceResult[]>
  /**
   * What a coordinator asks before it appends a transactional batch of its own (TxnOffsetCommit). NONE: append
   * now, with the guard. Errors as of TransactionVerifier, or why the partition cannot be written here.
   */
  verifyTransaction(
    partition: TopicPartition,
    transaction: ProducerTransaction,
  ): Promise<{ errorCode: number; verificationGuard: VerificationGuard | null }>
  /** Long-polls as Kafka does; results in the order of `entries`; never rejects. */
  fetch(entries: readonly FetchEntry[], options: FetchOptions): Promise<FetchResult[]>
  listOffsets(
    entry: TopicPartition & { timestampMs: number; currentLeaderEpoch: number },
    options: {
      replicaId: number
      isolationLevel: number
    },
  ): Promise<{ errorCode: number; timestampMs: number; offset: number; leaderEpoch: number }>
  deleteRecords(
    entry: TopicPartition & { offset: number },
    timeoutMs: number,
  ): Promise<{ errorCode: number; lowWatermark: number }>
  offsetForLeaderEpoch(
    entry: TopicPartition & { currentLeaderEpoch: number; leaderEpoch: number },
  ): {
    errorCode: number
    leaderEpoch: number
    endOffset: number
  }
  /** Coordinators hear when a partition of their internal topic begins or ends to be led here. */
  onLeadership(
    topic: string,
    listener: {
      elected(partition: number, leaderEpoch: number): void
      resigned(partition: number, leaderEpoch: number | null): void
    },
  ): void
  /** Calls back (once) when the high watermark of `tp` is at or past `offset`, or the replica no longer leads in that epoch. */
  whenCommitted(
    tp: TopicPartition,
    offset: number,
    leaderEpoch: number,
  ): Promise<'committed' | 'lost'>
}
