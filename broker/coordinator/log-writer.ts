// Appends a coordinator's records to its partition of an internal topic: those of one tick as one batch,
// in order; each caller hears when its records are committed (past the high watermark).
import { ErrorCode } from '../../protocol/errors.ts'
import { buildBatch } from '../../protocol/records/build.ts'
import type { TopicPartition, VerificationGuard } from '../log/types.ts'
import type { Replicas } from '../replication/types.ts'
import type { Runtime } from '../runtime/runtime.ts'

export interface WritableRecord {
  key: Buffer
  value: Buffer | null
}

/** `firstOffset`: of the caller's first record; -1 with an error. */
export type WriteDone = (errorCode: number, firstOffset: number) => void

/** Whose transaction the records of a write belong to. */
export interface TransactionalProducer {
  producerId: number
  producerEpoch: number
  /** From the verification of the transaction; null where the log asks for none. */
  verificationGuard: VerificationGuard | null
}

/** Told about each batch: how long it waited for its tick, then for this log, and then for the in-sync replicas. */
interface BatchMeter {
  batch(lingerMs: number, flushMs: number, purgatoryMs: number): void
}

interface Write {
  records: readonly WritableRecord[]
  producer: TransactionalProducer | null
  done: WriteDone
}

export interface LogWriterSettings {
  /** How long a write may wait for the in-sync replicas (offsets.commit.timeout.ms). */
  commitTimeoutMs: number
  /** A batch is cut there (offsets.load.buffer.size and message size bound it in Kafka). */
  maxBatchBytes: number
  /** Writes waiting for their tick; beyond it callers get COORDINATOR_NOT_AVAILABLE. */
  maxQueuedRecords: number
}

/** What a failed append means to a client of the coordinator. */
export function coordinatorError(errorCode: number): number {
  switch (errorCode) {
    case ErrorCode.NONE:
      return ErrorCode.NONE
    case ErrorCode.UNKNOWN_TOPIC_OR_PARTITION:
    case ErrorCode.NOT_ENOUGH_REPLICAS:
    case ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND:
    case ErrorCode.REQUEST_TIMED_OUT:
      return ErrorCode.COORDINATOR_NOT_AVAILABLE
    case ErrorCode.NOT_LEADER_OR_FOLLOWER:
    case ErrorCode.FENCED_LEADER_EPOCH:
    case ErrorCode.KAFKA_STORAGE_ERROR:
      return ErrorCode.NOT_COORDINATOR
    case ErrorCode.INVALID_PRODUCER_EPOCH:
    case ErrorCode.PRODUCER_FENCED:
    case ErrorCode.INVALID_TXN_STATE:
    case ErrorCode.TRANSACTION_ABORTABLE:
      return errorCode
    default:
      return ErrorCode.UNKNOWN_SERVER_ERROR
  }
}

export class LogWriter {
  readonly #tp: TopicPartition
  readonly #replicas: Replicas
  readonly #runtime: Runtime
  readonly #settings: LogWriterSettings
  readonly #measures: BatchMeter | null
  #queue: Write[] = []
  #queuedSinceMs = 0
  #queuedRecords = 0
  #isScheduled = false
  #isClosed = false

  constructor(options: {
    tp: TopicPartition
    replicas: Replicas
    runtime: Runtime
    settings: LogWriterSettings
    measures?: BatchMeter
  }) {
    this.#tp = options.tp
    this.#replicas = options.replicas
    this.#runtime = options.runtime
    this.#settings = options.settings
    this.#measures = options.measures ?? null
  }

  /** With a producer the records are a batch of their own, which counts once its transaction commits. */
  write(
    records: readonly WritableRecord[],
    done: WriteDone,
    producer: TransactionalProducer | null = null,
  ): void {
    if (records.length === 0) return done(ErrorCode.NONE, -1)
    if (this.#isClosed) return done(ErrorCode.NOT_COORDINATOR, -1)
    if (this.#queuedRecords + records.length > this.#settings.maxQueuedRecords) {
      return done(ErrorCode.COORDINATOR_NOT_AVAILABLE, -1)
    }
    this.#queue.push({ records, producer, done })
    this.#queuedRecords += records.length
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#queuedSinceMs = this.#runtime.clock.monotonicMs()
    this.#runtime.timers.immediate(() => this.#flush())
  }

  #flush(): void {
    this.#isScheduled = false
    const queue = this.#queue
    this.#queue = []
    this.#queuedRecords = 0
    let part: Write[] = []
    let size = 0
    for (const write of queue) {
      const bytes = write.records.reduce((sum, r) => sum + r.key.length + (r.value?.length ?? 0), 0)
      const isOther = write.producer !== null || (part[0]?.producer ?? null) !== null
      if (part.length > 0 && (isOther || size + bytes > this.#settings.maxBatchBytes)) {
        void this.#append(part)
        part = []
        size = 0
      }
      part.push(write)
      size += bytes
    }
    if (part.length > 0) void this.#append(part)
  }

  async #append(writes: readonly Write[]): Promise<void> {
    const { clock } = this.#runtime
    const timestampMs = clock.nowMs()
    const startedMs = clock.monotonicMs()
    const lingerMs = startedMs - this.#queuedSinceMs
    const records = writes.flatMap((w) => w.records.map((r) => ({ ...r, timestampMs })))
    const { verificationGuard, ...producer } = writes[0]?.producer ?? { verificationGuard: null }
    const isTransactional = 'producerId' in producer
    const batch = buildBatch({ records, ...producer, isTransactional })
    const entry = { ...this.#tp, records: batch, verificationGuard }
    let appendedMs: number | null = null
    const locallyDone = () => {
      appendedMs = clock.monotonicMs()
    }
    const [result] = await this.#replicas.produce([entry], {
      acks: -1,
      timeoutMs: this.#settings.commitTimeoutMs,
      origin: 'coordinator',
      allowInternalTopics: true,
      times: { locallyDone },
    })
    const doneMs = clock.monotonicMs()
    const flushedMs = appendedMs ?? doneMs
    this.#measures?.batch(lingerMs, flushedMs - startedMs, doneMs - flushedMs)
    const code = this.#isClosed
      ? ErrorCode.NOT_COORDINATOR
      : coordinatorError(result?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR)
    let firstOffset = result?.info?.firstOffset ?? -1
    for (const write of writes) {
      write.done(code, code === ErrorCode.NONE ? firstOffset : -1)
      firstOffset += write.records.length
    }
  }

  /** Fails what waits for its tick; appends under way end with NOT_COORDINATOR. */
  close(): void {
    this.#isClosed = true
    const queue = this.#queue
    this.#queue = []
    this.#queuedRecords = 0
    for (const write of queue) write.done(ErrorCode.NOT_COORDINATOR, -1)
  }
}
