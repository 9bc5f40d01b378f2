import type { GroupItem } from '../../contracts/groups.ts'
import type { GroupLag, LagTime } from '../../contracts/lag.ts'
import type { PackedPartitionLag } from '../clusters/snapshot.ts'
import { NO_LAG } from './lag-time.ts'
import type { PartitionLag, TrackedLag } from './tracker.ts'

export const UNKNOWN_GROUP_LAG: GroupLag = {
  lagTime: null,
  verdict: null,
  cause: null,
  worst: null,
  flow: { producerRate: null, consumerRate: null, windowMs: 0 },
  forecast: { kind: 'unknown', atLeastMs: null, atMostMs: null },
}

/** A row's item; rows of older versions know nothing of lag in time. */
export function groupItemOf(json: string): GroupItem {
  // Safe because the collector alone writes the column, in this shape.
  return { ...UNKNOWN_GROUP_LAG, ...(JSON.parse(json) as GroupItem) }
}

/** As the inventory keeps them: 0 for a partition that has been read to its end. */
export function packedLags(lag: TrackedLag): (PackedPartitionLag | 0 | null)[] {
  return lag.partitions.map((one) => {
    if (one === null) return null
    const { lagTime, verdict } = one
    if (verdict.reason === 'no-lag') return 0
    const { reason, sinceMs, lag: records, lagThen, from, commits } = verdict
    const time = lagTime && packedTime(lagTime)
    return [time, verdict.verdict, reason, sinceMs, records, lagThen, from, commits]
  })
}

function packedTime({ estimateMs, atLeastMs, atMostMs }: LagTime) {
  return [estimateMs, atLeastMs, atMostMs] as const
}

/** Null: no commit, or written by an older version. */
export function unpackedLag(
  packed: PackedPartitionLag | 0 | null | undefined,
): PartitionLag | null {
  if (packed === null || packed === undefined) return null
  const none = { sinceMs: null, lagThen: null, from: null }
  if (packed === 0) {
    const verdict = { verdict: 'OK', reason: 'no-lag', ...none, lag: 0, commits: 0 } as const
    return { lagTime: NO_LAG, verdict }
  }
  const [time, verdict, reason, sinceMs, lag, lagThen, from, commits] = packed
  return {
    lagTime: time && { estimateMs: time[0], atLeastMs: time[1], atMostMs: time[2] },
    verdict: { verdict, reason, sinceMs, lag, lagThen, from, commits },
  }
}
