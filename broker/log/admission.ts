// Decides whether batches may be appended, and what they become: the checks a leader makes on what
// producers send, and those a follower makes on what its leader sent. Pure; changes only the given bytes.
import { codecNames } from '../../protocol/compression/index.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import {
  batchBaseOffset,
  batchBaseSequence,
  batchBaseTimestamp,
  batchCodec,
  batchLastOffsetDelta,
  batchMagic,
  batchMaxTimestamp,
  batchNextOffset,
  batchProducerId,
  batchRecordCount,
  CURRENT_MAGIC,
  isControlBatch,
  NO_TIMESTAMP,
  setBatchBaseOffset,
  setBatchLeaderEpoch,
  setBatchLogAppendTime,
  verifyBatchCrc,
  wholeBatchSizeBytes,
} from '../../protocol/records/batch.ts'
import { type DecodedRecord, readRecords, readRecordsSync } from '../../protocol/records/read.ts'
import { AppendError, type AppendInfo, type AppendOrigin, type LogConfig } from './types.ts'

export interface Admitted {
  /** What is written: all of what was given, or without a partial batch at its end. */
  records: Buffer
  recordCount: number
  maxTimestampMs: number
}

function invalid(message: string): AppendError {
  return new AppendError(ErrorCode.INVALID_RECORD, message)
}

/** Throws AppendError unless one whole, undamaged v2 batch is what the producer sent. */
function checkClientBatch(records: Buffer, sizeBytes: number | null): void {
  if (sizeBytes === null) {
    throw new AppendError(ErrorCode.CORRUPT_MESSAGE, 'The batch is shorter than its length says')
  }
  if (batchMagic(records, 0) !== CURRENT_MAGIC) throw invalid('Only record batches v2 are taken')
  if (sizeBytes !== records.length) throw invalid('A partition takes exactly one record batch')
  if (batchBaseOffset(records, 0) !== 0) {
    throw invalid(`The base offset should be 0, not ${batchBaseOffset(records, 0)}`)
  }
  if (!verifyBatchCrc(records, 0)) {
    throw new AppendError(ErrorCode.CORRUPT_MESSAGE, 'The CRC does not match')
  }
  if (batchCodec(records, 0) >= codecNames.length) {
    throw new AppendError(
      ErrorCode.UNSUPPORTED_COMPRESSION_TYPE,
      `Compression codec ${batchCodec(records, 0)} is not known`,
    )
  }
  if (isControlBatch(records, 0)) throw invalid('Clients cannot write control records')
  const count = batchRecordCount(records, 0)
  if (count <= 0 || batchLastOffsetDelta(records, 0) !== count - 1) {
    throw invalid(
      `${count} records do not fit a last offset delta of ${batchLastOffsetDelta(records, 0)}`,
    )
  }
  if (batchProducerId(records, 0) === Number.MAX_SAFE_INTEGER) {
    throw invalid('The producer ID is none that a controller gives: they stay below 2^53')
  }
  if (batchProducerId(records, 0) >= 0 && batchBaseSequence(records, 0) < 0) {
    throw invalid(`Sequence ${batchBaseSequence(records, 0)} of an idempotent producer`)
  }
}

export function checkSize(sizeBytes: number, config: LogConfig): void {
  if (sizeBytes > config.maxMessageBytes) {
    throw new AppendError(
      ErrorCode.MESSAGE_TOO_LARGE,
      `The batch has ${sizeBytes} bytes, max.message.bytes is ${config.maxMessageBytes}`,
    )
  }
  if (sizeBytes > config.segmentBytes) {
    throw new AppendError(
      ErrorCode.RECORD_LIST_TOO_LARGE,
      `The batch has ${sizeBytes} bytes, segment.bytes is ${config.segmentBytes}`,
    )
  }
}

/** Whether the batch's timestamps lie within message.timestamp.before/after.max.ms of `nowMs`. */
function timestampsFit(records: Buffer, config: LogConfig, nowMs: number): boolean {
  if (config.messageTimestampType === 'LogAppendTime') return true
  const max = batchMaxTimestamp(records, 0)
  const base = batchBaseTimestamp(records, 0)
  const isTooNew = max !== NO_TIMESTAMP && max - nowMs > config.messageTimestampAfterMaxMs
  const oldest = Math.min(max, base)
  return (
    !isTooNew && (oldest === NO_TIMESTAMP || nowMs - oldest <= config.messageTimestampBeforeMaxMs)
  )
}

/**
 * Whether records must be read one by one before the batch may be taken: the header tells the newest timestamp,
 * and nothing of the oldest.
 */
export function needsInspection(records: Buffer, config: LogConfig, nowMs: number): boolean {
  const hasOldest =
    config.messageTimestampType === 'CreateTime' &&
    config.messageTimestampBeforeMaxMs < Number.MAX_SAFE_INTEGER
  return config.cleanupCompact || hasOldest || !timestampsFit(records, config, nowMs)
}

/** Checks of a producer's batch that need only its header and bytes. */
export function checkFromClient(records: Buffer, config: LogConfig): void {
  const sizeBytes = wholeBatchSizeBytes(records, 0)
  checkClientBatch(records, sizeBytes)
  checkSize(records.length, config)
}

/** Per-record checks; give a promise only when the batch is compressed. */
export function inspectFromClient(
  records: Buffer,
  config: LogConfig,
  nowMs: number,
): Promise<void> | undefined {
  if (batchCodec(records, 0) !== 0) {
    return readRecords(records).then(
      (decoded) => inspect(decoded, config, nowMs),
      (error: unknown) => Promise.reject(damaged(error)),
    )
  }
  let decoded: DecodedRecord[]
  try {
    decoded = readRecordsSync(records)
  } catch (error) {
    throw damaged(error)
  }
  inspect(decoded, config, nowMs)
  return undefined
}

function damaged(cause: unknown): AppendError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new AppendError(ErrorCode.CORRUPT_MESSAGE, `The records cannot be read: ${reason}`)
}

function inspect(decoded: readonly DecodedRecord[], config: LogConfig, nowMs: number): void {
  const keyless: { batchIndex: number; message: string }[] = []
  const untimely: { batchIndex: number; message: string }[] = []
  decoded.forEach((record, batchIndex) => {
    if (config.cleanupCompact && record.key === null) {
      keyless.push({ batchIndex, message: 'A compacted topic takes no record without a key.' })
    }
    const aheadMs = record.timestampMs - nowMs
    const isUntimely =
      record.timestampMs !== NO_TIMESTAMP &&
      (aheadMs > config.messageTimestampAfterMaxMs || -aheadMs > config.messageTimestampBeforeMaxMs)
    if (isUntimely && config.messageTimestampType === 'CreateTime') {
      const message = `Timestamp ${record.timestampMs} is too far from the broker's time, ${nowMs}.`
      untimely.push({ batchIndex, message })
    }
  })
  if (keyless.length > 0) {
    throw new AppendError(ErrorCode.INVALID_RECORD, 'A compacted topic needs keys', keyless)
  }
  if (untimely.length > 0) {
    throw new AppendError(ErrorCode.INVALID_TIMESTAMP, 'Timestamps are out of range', untimely)
  }
}

/** What a leader's own appends (coordinators, the metadata log) must be: whole v2 batches. */
export function checkFromBroker(records: Buffer, config: LogConfig, origin: AppendOrigin): void {
  for (let at = 0; at < records.length; ) {
    const sizeBytes = wholeBatchSizeBytes(records, at)
    if (sizeBytes === null || batchMagic(records, at) !== CURRENT_MAGIC) {
      throw new AppendError(ErrorCode.CORRUPT_MESSAGE, 'Not a whole record batch v2')
    }
    if (origin === 'coordinator') checkSize(sizeBytes, config)
    at += sizeBytes
  }
}

/** Gives the batches their offsets and leader epoch, in place. */
export function assignOffsets(
  records: Buffer,
  options: { baseOffset: number; leaderEpoch: number; logAppendTimeMs: number },
): Admitted & { endOffset: number } {
  let offset = options.baseOffset
  let recordCount = 0
  let maxTimestampMs = NO_TIMESTAMP
  for (let at = 0; at < records.length; ) {
    setBatchBaseOffset(records, at, offset)
    setBatchLeaderEpoch(records, at, options.leaderEpoch)
    if (options.logAppendTimeMs !== NO_TIMESTAMP) {
      setBatchLogAppendTime(records, at, options.logAppendTimeMs)
    }
    maxTimestampMs = Math.max(maxTimestampMs, batchMaxTimestamp(records, at))
    recordCount += batchRecordCount(records, at)
    offset = batchNextOffset(records, at)
    at += wholeBatchSizeBytes(records, at) ?? records.length
  }
  return { records, recordCount, maxTimestampMs, endOffset: offset }
}

/**
 * A follower's checks: CRC of each batch, and that offsets go on from `nextOffset` (gaps are allowed,
 * compaction leaves them). Drops a partial batch at the end.
 */
export function admitFromLeader(
  given: Buffer,
  nextOffset: number,
): Admitted & { endOffset: number } {
  let expected = nextOffset
  let recordCount = 0
  let maxTimestampMs = NO_TIMESTAMP
  let at = 0
  for (;;) {
    const sizeBytes = wholeBatchSizeBytes(given, at)
    if (sizeBytes === null) break
    if (batchMagic(given, at) !== CURRENT_MAGIC || !verifyBatchCrc(given, at)) {
      throw new AppendError(
        ErrorCode.CORRUPT_MESSAGE,
        `The batch at offset ${batchBaseOffset(given, at)} from the leader is damaged`,
      )
    }
    const baseOffset = batchBaseOffset(given, at)
    if (baseOffset < expected) {
      throw new AppendError(
        ErrorCode.OFFSET_OUT_OF_RANGE,
        `The leader sent offset ${baseOffset} where ${expected} or later was due`,
      )
    }
    expected = batchNextOffset(given, at)
    recordCount += batchRecordCount(given, at)
    maxTimestampMs = Math.max(maxTimestampMs, batchMaxTimestamp(given, at))
    at += sizeBytes
  }
  const records = at === given.length ? given : given.subarray(0, at)
  return { records, recordCount, maxTimestampMs, endOffset: expected }
}

export type AppendFacts = Partial<AppendInfo> & { firstOffset: number; lastOffset: number }

export function appendInfo(logStartOffset: number, facts: AppendFacts): AppendInfo {
  return {
    logAppendTimeMs: NO_TIMESTAMP,
    logStartOffset,
    isDuplicate: false,
    sizeBytes: 0,
    recordCount: facts.lastOffset - facts.firstOffset + 1,
    ...facts,
  }
}
