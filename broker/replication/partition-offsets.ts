// Questions about offsets of one replica: by timestamp, by leader epoch, and moving the log's start. Called
// by ReplicaManager for ListOffsets, OffsetForLeaderEpoch and DeleteRecords.
import { ErrorCode } from '../../protocol/errors.ts'
import { AppendError, type Log } from '../log/types.ts'
import type { Purgatory } from './delayed-operations.ts'
import type { Partition } from './partition.ts'
import { isInternalTopic } from './partition-lookup.ts'

/** Timestamps that name an offset. */
export const ListOffsetsTimestamp = {
  LATEST: -1,
  EARLIEST: -2,
  MAX_TIMESTAMP: -3,
  EARLIEST_LOCAL: -4,
  LATEST_TIERED: -5,
  EARLIEST_PENDING_UPLOAD: -6,
} as const

const CONSUMER = -1
const DEBUGGING = -2
/** DeleteRecords: up to the high watermark. */
const TO_HIGH_WATERMARK = -1

export interface FoundOffset {
  errorCode: number
  timestampMs: number
  offset: number
  leaderEpoch: number
}

/** `replicaId` −1 sees up to the high watermark (or last stable offset), −2 may ask followers too. */
export async function listOffset(
  partition: Partition,
  timestampMs: number,
  options: { replicaId: number; isolationLevel: number; currentLeaderEpoch: number },
): Promise<FoundOffset> {
  const errorCode = partition.checkServing({
    currentLeaderEpoch: options.currentLeaderEpoch,
    leaderOnly: options.replicaId !== DEBUGGING,
  })
  const { log } = partition
  if (errorCode !== ErrorCode.NONE || log === null) return nothingFound(errorCode)
  const isConsumer = options.replicaId === CONSUMER
  const lastOffset = isConsumer ? readableEnd(log, options.isolationLevel) : log.logEndOffset
  // Until the high watermark reaches this leader's first offset, what consumers saw last may lie above it.
  const isLagging =
    isConsumer && partition.isLeader && partition.state.leaderEpochStartOffset > log.highWatermark
  switch (timestampMs) {
    case ListOffsetsTimestamp.LATEST:
      if (isLagging) return nothingFound(ErrorCode.OFFSET_NOT_AVAILABLE)
      return found({ timestampMs: -1, offset: lastOffset, leaderEpoch: partition.leaderEpoch })
    case ListOffsetsTimestamp.EARLIEST:
    case ListOffsetsTimestamp.EARLIEST_LOCAL:
      return found({
        timestampMs: -1,
        offset: log.logStartOffset,
        leaderEpoch: earliestEpoch(log),
      })
    case ListOffsetsTimestamp.LATEST_TIERED:
    case ListOffsetsTimestamp.EARLIEST_PENDING_UPLOAD:
      return nothingFound(ErrorCode.NONE)
    default: {
      const match =
        timestampMs === ListOffsetsTimestamp.MAX_TIMESTAMP
          ? await log.findMaxTimestamp()
          : await log.findOffsetByTimestamp(timestampMs, log.logEndOffset)
      if (match !== null && match.offset < lastOffset) return found(match)
      return nothingFound(isLagging ? ErrorCode.OFFSET_NOT_AVAILABLE : ErrorCode.NONE)
    }
  }
}

export function epochEndOffset(
  partition: Partition,
  asked: { currentLeaderEpoch: number; leaderEpoch: number },
): { errorCode: number; leaderEpoch: number; endOffset: number } {
  const errorCode = partition.checkServing({
    currentLeaderEpoch: asked.currentLeaderEpoch,
    leaderOnly: true,
  })
  const { log } = partition
  if (errorCode !== ErrorCode.NONE || log === null) {
    return { errorCode, leaderEpoch: -1, endOffset: -1 }
  }
  const end = log.endOffsetForEpoch(asked.leaderEpoch)
  return { errorCode, leaderEpoch: end.epoch, endOffset: end.endOffset }
}

/**
 * Moves the log start to `offset` (−1: the high watermark) and waits until every live replica has done so.
 * `wakeFollowers` makes them ask for the new log start at once.
 */
export async function deleteRecordsBefore(
  partition: Partition,
  offset: number,
  options: { timeoutMs: number; purgatory: Purgatory; wakeFollowers: () => void },
): Promise<{ errorCode: number; lowWatermark: number }> {
  if (isInternalTopic(partition.topic)) return notDeleted(ErrorCode.INVALID_TOPIC_EXCEPTION)
  const errorCode = partition.checkServing({ currentLeaderEpoch: -1, leaderOnly: true })
  const { log, leaderEpoch } = partition
  if (errorCode !== ErrorCode.NONE || log === null) return notDeleted(errorCode)
  if (!log.config.cleanupDelete) return notDeleted(ErrorCode.POLICY_VIOLATION)
  const target = offset === TO_HIGH_WATERMARK ? log.highWatermark : offset
  if (target < 0 || target > log.highWatermark) return notDeleted(ErrorCode.OFFSET_OUT_OF_RANGE)
  try {
    if (target > log.logStartOffset) await log.advanceLogStartOffset(target)
  } catch (error) {
    if (error instanceof AppendError) return notDeleted(error.code)
    partition.markOffline(error)
    return notDeleted(ErrorCode.KAFKA_STORAGE_ERROR)
  }
  const hasLead = (): boolean => partition.isLeader && partition.leaderEpoch === leaderEpoch
  if (!hasLead()) return notDeleted(ErrorCode.NOT_LEADER_OR_FOLLOWER)
  if (partition.lowWatermark() < target) {
    options.wakeFollowers()
    await new Promise<void>((resolve) => {
      options.purgatory.watch({
        isReady: () => !hasLead() || partition.lowWatermark() >= target,
        complete: () => resolve(),
        watchers: [partition.deleteWatchers],
        timeoutMs: options.timeoutMs,
      })
    })
  }
  if (!hasLead()) return notDeleted(ErrorCode.NOT_LEADER_OR_FOLLOWER)
  const lowWatermark = partition.lowWatermark()
  return {
    errorCode: lowWatermark >= target ? ErrorCode.NONE : ErrorCode.REQUEST_TIMED_OUT,
    lowWatermark,
  }
}

function readableEnd(log: Log, isolationLevel: number): number {
  return isolationLevel === 1 ? log.lastStableOffset : log.highWatermark
}

/** Epoch of the log start, where the epoch cache reaches back to it. */
function earliestEpoch(log: Log): number {
  const first = log.epochs()[0]
  return first !== undefined && first.startOffset <= log.logStartOffset ? first.epoch : -1
}

function found(match: { timestampMs: number; offset: number; leaderEpoch: number }): FoundOffset {
  return { errorCode: ErrorCode.NONE, ...match }
}

function nothingFound(errorCode: number): FoundOffset {
  return { errorCode, timestampMs: -1, offset: -1, leaderEpoch: -1 }
}

function notDeleted(errorCode: number): { errorCode: number; lowWatermark: number } {
  return { errorCode, lowWatermark: -1 }
}
