// What a fetch finds of each partition before it reads: where it stands, what may be read, or why nothing is. Used by
// FetchReader. Holds nothing.
import { ErrorCode } from '../../protocol/errors.ts'
import type { Log } from '../log/types.ts'
import type { Partition } from './partition.ts'
import type { FetchEntry, FetchOptions, FetchResult } from './types.ts'

const READ_COMMITTED = 1

/** One entry as found before reading; `log` null: nothing is read. */
export interface Plan {
  readonly entry: FetchEntry
  readonly partition: Partition | null
  readonly log: Log | null
  readonly errorCode: number
  readonly divergingEpoch: { epoch: number; endOffset: number } | null
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly logStartOffset: number
  /** What may be read lies below. */
  readonly endOffset: number
  readonly leaderEpoch: number
  /** Running byte count of the partition when it was planned. */
  readonly bytesBefore: number
  /** -1, or where the consumer is sent instead of being read to. */
  readonly preferredReadReplica: number
  /** What a follower with nothing to read was answered; null until then. */
  nothingRead: FetchResult | null
}

/** Whether another broker asks. */
export function isFollower(options: FetchOptions): boolean {
  return options.replicaId >= 0
}

/** A consumer that must see neither open nor aborted transactions. */
export function isCommittedOnly(options: FetchOptions): boolean {
  return options.isolationLevel === READ_COMMITTED && !isFollower(options)
}

/** Running byte count of what such a reader may read. */
export function readableBytes({ bytes }: Partition, options: FetchOptions): number {
  if (isFollower(options)) return bytes.appended
  return isCommittedOnly(options) ? bytes.stable : bytes.committed
}

/** Nothing is read: `errorCode` is answered. */
export function failed(entry: FetchEntry, partition: Partition | null, errorCode: number): Plan {
  return {
    entry,
    partition,
    log: null,
    errorCode,
    divergingEpoch: null,
    highWatermark: -1,
    lastStableOffset: -1,
    logStartOffset: -1,
    endOffset: -1,
    leaderEpoch: partition?.leaderEpoch ?? -1,
    bytesBefore: 0,
    preferredReadReplica: -1,
    nothingRead: null,
  }
}

/** As the log `from` stands now; read from `log`, where that is given. */
export function plannedAt(
  entry: FetchEntry,
  found: {
    partition: Partition
    log: Log | null
    from: Log
    divergingEpoch: { epoch: number; endOffset: number } | null
    options: FetchOptions
  },
): Plan {
  const { partition, from, options } = found
  return {
    entry,
    partition,
    log: found.log,
    errorCode: ErrorCode.NONE,
    divergingEpoch: found.divergingEpoch,
    highWatermark: from.highWatermark,
    lastStableOffset: from.lastStableOffset,
    logStartOffset: from.logStartOffset,
    endOffset: endOffsetFor(from, options),
    leaderEpoch: partition.leaderEpoch,
    bytesBefore: readableBytes(partition, options),
    preferredReadReplica: -1,
    nothingRead: null,
  }
}

/** Whether reading again would give what the first look gave. */
export function isAsPlanned(plan: Plan, options: FetchOptions): boolean {
  const { partition, log } = plan
  if (partition === null || log === null || partition.log !== log) return false
  return (
    partition.leaderEpoch === plan.leaderEpoch &&
    log.highWatermark === plan.highWatermark &&
    log.lastStableOffset === plan.lastStableOffset &&
    log.logStartOffset === plan.logStartOffset &&
    endOffsetFor(log, options) === plan.endOffset
  )
}

/** What such a reader may read lies below. */
export function endOffsetFor(log: Log, options: FetchOptions): number {
  if (isFollower(options)) return log.logEndOffset
  return isCommittedOnly(options) ? log.lastStableOffset : log.highWatermark
}
