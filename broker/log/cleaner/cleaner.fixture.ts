// A log under random work, cleaned again and again, and what must stay true of it: for tests of the cleaner.
import { expect } from 'vitest'
import {
  batchLastOffset,
  batchPositions,
  batchProducerId,
  isControlBatch,
  isTransactionalBatch,
  verifyBatchCrc,
} from '../../../protocol/records/batch.ts'
import { buildBatch, compressBatch } from '../../../protocol/records/build.ts'
import { buildEndTransactionMarker } from '../../../protocol/records/control.ts'
import { readRecords } from '../../../protocol/records/read.ts'
import type { SeededRandom } from '../../../tests/support/memory-runtime.ts'
import type { Runtime } from '../../runtime/runtime.ts'
import { loadAborted } from '../aborted-transactions.ts'
import type { PartitionLog } from '../partition-log.ts'
import { defaultLogCleanerSettings, LogCleaner, type LogCleanerSettings } from './log-cleaner.ts'

export interface ModelRecord {
  offset: number
  key: string
  /** null: a tombstone. */
  value: string | null
  isAborted: boolean
}

interface ModelProducer {
  producerId: number
  epoch: number
  sequence: number
  /** Records of the transaction that is open. */
  open: ModelRecord[] | null
}

const CODECS = ['none', 'none', 'gzip', 'lz4', 'snappy', 'zstd'] as const

/** Appends random batches and keeps what was appended. */
export class RandomWork {
  readonly records: ModelRecord[] = []
  readonly #log: PartitionLog
  readonly #random: SeededRandom
  readonly #producers: ModelProducer[]
  readonly #keys: number

  /** Codecs work on threads that a virtual clock knows nothing of. */
  readonly #isCompressed: boolean

  constructor(
    log: PartitionLog,
    random: SeededRandom,
    options: { keys: number; isCompressed: boolean },
  ) {
    this.#log = log
    this.#random = random
    this.#keys = options.keys
    this.#isCompressed = options.isCompressed
    this.#producers = [1, 2, 3].map((producerId) => ({
      producerId,
      epoch: 0,
      sequence: 0,
      open: null,
    }))
  }

  async step(nowMs: number): Promise<void> {
    const producer = this.#producers[this.#random.int(3)]
    if (producer === undefined) return
    const what = this.#random.int(10)
    if (what < 3 && producer.open !== null) return this.#end(producer, nowMs)
    const isTransactional = producer.open !== null || (producer.producerId !== 3 && what < 6)
    await this.#append(what === 9 ? null : producer, isTransactional && what !== 9, nowMs)
  }

  /** Ends every transaction, so that all of it is stable. */
  async settle(nowMs: number): Promise<void> {
    for (const producer of this.#producers) if (producer.open) await this.#end(producer, nowMs)
  }

  async #end(producer: ModelProducer, timestampMs: number): Promise<void> {
    const kind = this.#random.int(2) === 0 ? 'commit' : 'abort'
    for (const record of producer.open ?? []) record.isAborted = kind === 'abort'
    producer.open = null
    const { producerId, epoch: producerEpoch } = producer
    await this.#log.append(
      buildEndTransactionMarker({
        producerId,
        producerEpoch,
        coordinatorEpoch: 1,
        kind,
        timestampMs,
      }),
      { origin: 'coordinator', leaderEpoch: 0 },
    )
    this.#log.setHighWatermark(this.#log.logEndOffset)
  }

  async #append(producer: ModelProducer | null, isTransactional: boolean, nowMs: number) {
    const count = 1 + this.#random.int(4)
    const added = Array.from({ length: count }, (_, index) => ({
      offset: this.#log.nextOffset + index,
      key: `key-${this.#random.int(this.#keys)}`,
      value: this.#random.int(5) === 0 ? null : `value ${this.#random.int(1e6)}`,
      isAborted: false,
    }))
    const plain = buildBatch({
      records: added.map(({ key, value }, index) => ({
        key: Buffer.from(key),
        value: value === null ? null : Buffer.from(value),
        headers: [{ key: 'h', value: Buffer.from(String(index)) }],
        timestampMs: nowMs + index,
      })),
      ...(producer === null
        ? {}
        : {
            producerId: producer.producerId,
            producerEpoch: producer.epoch,
            baseSequence: producer.sequence,
            isTransactional,
          }),
    })
    const codec = CODECS[this.#random.int(CODECS.length)] ?? 'none'
    const batch = this.#isCompressed ? await compressBatch(plain, codec) : plain
    // Before it is appended: after a crash it may be there although nobody was told.
    this.records.push(...added)
    if (producer !== null) producer.sequence += count
    if (isTransactional && producer !== null) producer.open = [...(producer.open ?? []), ...added]
    await this.#log.append(batch, { origin: 'client', leaderEpoch: 0 })
    this.#log.setHighWatermark(this.#log.logEndOffset)
  }
}

export function cleanerOf(
  runtime: Runtime,
  log: PartitionLog,
  settings: Partial<LogCleanerSettings> = {},
): LogCleaner {
  const owner = { all: () => [log], checkpointCleaned: async () => undefined }
  return new LogCleaner(runtime, owner, { ...defaultLogCleanerSettings, ...settings })
}

export interface FoundRecord {
  offset: number
  key: string | null
  value: string | null
  timestampMs: number
}

/** What a consumer of `isolation` reads from the log's start, by the rules that clients follow. */
export async function consume(
  log: PartitionLog,
  isolation: 'read_committed' | 'read_uncommitted',
): Promise<FoundRecord[]> {
  const found: FoundRecord[] = []
  const isCommitted = isolation === 'read_committed'
  const end = isCommitted ? log.lastStableOffset : log.logEndOffset
  const aborted = isCommitted ? await abortsOf(log) : []
  const aborting = new Set<number>()
  for (let next = log.logStartOffset; next < end; ) {
    const request = { offset: next, maxBytes: 1000, minOneBatch: true, endOffsetExclusive: end }
    const { records, nextOffset } = await log.read(request)
    if (nextOffset === next) break
    for (const at of batchPositions(records)) {
      expect(verifyBatchCrc(records, at)).toBe(true)
      const producerId = batchProducerId(records, at)
      while (aborted[0] !== undefined && aborted[0].firstOffset <= batchLastOffset(records, at)) {
        aborting.add(aborted[0].producerId)
        aborted.shift()
      }
      if (isControlBatch(records, at)) {
        aborting.delete(producerId)
        continue
      }
      const decoded = await readRecords(records, at)
      if (isCommitted && isTransactionalBatch(records, at) && aborting.has(producerId)) continue
      for (const { offset, key, value, timestampMs } of decoded) {
        if (offset < next) continue
        found.push({
          offset,
          key: key?.toString() ?? null,
          value: value?.toString() ?? null,
          timestampMs,
        })
      }
    }
    next = nextOffset
  }
  return found
}

async function abortsOf(log: PartitionLog) {
  const { state } = log.compaction
  const aborted: { producerId: number; firstOffset: number }[] = []
  for (const segment of [...state.segments.all()]) {
    aborted.push(...(await loadAborted(state, segment)).all())
  }
  return aborted.sort((a, b) => a.firstOffset - b.firstOffset)
}

/**
 * Read by a committed consumer, `log` tells of each key what the model's last committed record says; nothing that was
 * not written, nothing twice, nothing out of order. A tombstone may be gone, with all that it hides.
 */
export async function checkAgainstModel(
  log: PartitionLog,
  records: readonly ModelRecord[],
): Promise<FoundRecord[]> {
  const found = await consume(log, 'read_committed')
  const byOffset = new Map(records.map((record) => [record.offset, record]))
  let previous = -1
  const latest = new Map<string, string | null>()
  for (const record of found) {
    expect(record.offset).toBeGreaterThan(previous)
    previous = record.offset
    const original = byOffset.get(record.offset)
    expect(original).toMatchObject({ key: record.key, value: record.value, isAborted: false })
    latest.set(record.key ?? '', record.value)
  }
  const expected = new Map<string, string | null>()
  for (const { offset, key, value, isAborted } of records) {
    if (offset < log.lastStableOffset && !isAborted) expected.set(key, value)
  }
  for (const [key, value] of expected) {
    if (value === null) expect(latest.get(key) ?? null, key).toBeNull()
    else expect(latest.get(key), key).toBe(value)
  }
  for (const key of latest.keys()) expect(expected.has(key)).toBe(true)
  return found
}
