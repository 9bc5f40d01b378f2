// What a replica fetcher asks one leader for, and how its answer is taken in: append, truncate where the
// logs part, follow high watermark and log start. Called by ReplicaFetcher, one partition at a time.
import { ErrorCode } from '../../protocol/errors.ts'
import { batchBaseOffset } from '../../protocol/records/batch.ts'
import type { FetchResponse } from '../../protocol/schemas/01-fetch.ts'
import { AppendError, type Log } from '../log/types.ts'
import type { Logger } from '../runtime/runtime.ts'
import type { Partition } from './partition.ts'

export type FetchedPartition = FetchResponse['responses'][number]['partitions'][number]

/** A partition as followed from one leader in one epoch. */
export interface FollowedPartition {
  readonly partition: Partition
  readonly leaderEpoch: number
  /** Not asked for before this time. */
  delayedUntilMs: number
  failureCount: number
  /** Records behind the leader's high watermark, null before the first answer. */
  lagRecords: number | null
  /** Waits for metadata: this leader says the epoch is over, or the log failed. */
  isParked: boolean
  /** The taking in of an answer that is under way. */
  processing: Promise<unknown> | null
}

/** What was asked for a partition in one request. */
export interface AskedPartition {
  readonly followed: FollowedPartition
  readonly log: Log
  readonly fetchOffset: number
}

/** The leader's own log range, asked when our offset lies outside of it. */
export interface LeaderOffsets {
  latest(asked: AskedPartition): Promise<number>
  earliest(asked: AskedPartition): Promise<number>
}

/** ok: ask again at once; retry: after a pause; park: not before metadata says something new. */
export type TakeResult = 'ok' | 'retry' | 'park'

export async function takeFetched(
  asked: AskedPartition,
  fetched: FetchedPartition,
  context: { leaderOffsets: LeaderOffsets; logger: Logger },
): Promise<TakeResult> {
  const { followed, log, fetchOffset } = asked
  const { partition } = followed
  // A change of role or a truncation came between: the answer is about another log.
  if (log.logEndOffset !== fetchOffset) return 'ok'
  switch (fetched.errorCode) {
    case ErrorCode.NONE:
      if (fetched.divergingEpoch.epoch >= 0) {
        return truncateToCommonPrefix(asked, fetched.divergingEpoch, context.logger)
      }
      return appendFetched(asked, fetched, context.logger)
    case ErrorCode.OFFSET_OUT_OF_RANGE:
      return moveIntoRange(asked, context)
    case ErrorCode.FENCED_LEADER_EPOCH:
      context.logger.log('info', 'The leader has a newer epoch', {
        partition: partition.name,
        leaderEpoch: followed.leaderEpoch,
      })
      return 'park'
    default:
      context.logger.log('debug', 'The leader cannot answer', {
        partition: partition.name,
        errorCode: fetched.errorCode,
      })
      return 'retry'
  }
}

async function appendFetched(
  asked: AskedPartition,
  fetched: FetchedPartition,
  logger: Logger,
): Promise<TakeResult> {
  const { followed, log } = asked
  const { partition } = followed
  const records = fetched.records
  if (records !== null && records.length > 0) {
    try {
      const baseOffset = batchBaseOffset(records, 0)
      // The leader's log start lies inside its first batch: that batch is taken as a whole.
      if (baseOffset < log.logEndOffset && log.logEndOffset === log.logStartOffset) {
        await log.truncateFullyAndStartAt(baseOffset)
      }
      await partition.appendAsFollower(records, followed.leaderEpoch)
    } catch (error) {
      return onTakeError(partition, error, logger)
    }
  }
  followed.lagRecords = Math.max(0, fetched.highWatermark - log.logEndOffset)
  partition.followHighWatermark(fetched.highWatermark)
  if (fetched.logStartOffset > log.logStartOffset) {
    try {
      await log.advanceLogStartOffset(Math.min(fetched.logStartOffset, log.logEndOffset))
    } catch (error) {
      return onTakeError(partition, error, logger)
    }
  }
  return 'ok'
}

/**
 * The leader's log ends the epoch of our last record (or one before it) at `diverging.endOffset`: what we
 * hold beyond the common prefix was never committed. The next fetch finds out whether more has to go.
 */
async function truncateToCommonPrefix(
  asked: AskedPartition,
  diverging: { epoch: number; endOffset: number },
  logger: Logger,
): Promise<TakeResult> {
  const { followed, log } = asked
  const { partition } = followed
  const local = log.endOffsetForEpoch(diverging.epoch)
  let target = Math.min(diverging.endOffset, log.logEndOffset)
  if (local.endOffset >= 0) {
    target =
      local.epoch === diverging.epoch
        ? Math.min(local.endOffset, target)
        : Math.min(local.endOffset, log.logEndOffset)
  }
  logger.log(target < log.highWatermark ? 'warn' : 'info', 'Truncating to match the leader', {
    partition: partition.name,
    logEndOffset: log.logEndOffset,
    target,
    highWatermark: log.highWatermark,
    leaderEpochAsked: diverging.epoch,
  })
  try {
    await log.truncateTo(target)
  } catch (error) {
    return onTakeError(partition, error, logger)
  }
  return 'ok'
}

/** Our end lies outside the leader's log: beyond its end after an unclean election, or below its start. */
async function moveIntoRange(
  asked: AskedPartition,
  context: { leaderOffsets: LeaderOffsets; logger: Logger },
): Promise<TakeResult> {
  const { followed, log } = asked
  const { partition } = followed
  const leaderEnd = await context.leaderOffsets.latest(asked)
  const isStillOurs = (): boolean =>
    partition.state.role === 'follower' && partition.leaderEpoch === followed.leaderEpoch
  if (!isStillOurs()) return 'ok'
  try {
    if (leaderEnd < log.logEndOffset) {
      context.logger.log('warn', 'Truncating to the end of a shorter leader', {
        partition: partition.name,
        logEndOffset: log.logEndOffset,
        leaderEnd,
      })
      await log.truncateTo(leaderEnd)
      return 'ok'
    }
    const leaderStart = await context.leaderOffsets.earliest(asked)
    if (!isStillOurs()) return 'ok'
    if (leaderStart <= log.logEndOffset) return 'retry'
    context.logger.log('warn', 'Starting anew at the start of the leader', {
      partition: partition.name,
      logEndOffset: log.logEndOffset,
      leaderStart,
    })
    await log.truncateFullyAndStartAt(leaderStart)
    return 'ok'
  } catch (error) {
    return onTakeError(partition, error, context.logger)
  }
}

function onTakeError(partition: Partition, error: unknown, logger: Logger): TakeResult {
  if (!(error instanceof AppendError)) {
    partition.markOffline(error)
    return 'park'
  }
  if (error.code === ErrorCode.KAFKA_STORAGE_ERROR) return 'park'
  logger.log('error', 'Fetched records could not be taken', {
    partition: partition.name,
    errorCode: error.code,
    reason: error.message,
  })
  return 'retry'
}
