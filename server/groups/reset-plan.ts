import type { ResetOffsetsInput, ResetOffsetsOutput } from '../../contracts/groups.ts'
import { lagOf } from './group-item.ts'

export interface ResetPartition {
  readonly topic: string
  readonly partition: number
  readonly before: number | null
  /** Null: not known, since the leader did not answer. */
  readonly logStart: number | null
  readonly end: number | null
  /** With `to: time`: first offset not earlier; −1: none is that late. */
  readonly atTime: number | null
}

export type ResetItem = ResetOffsetsOutput['items'][number]

type Target = Pick<ResetOffsetsInput, 'to' | 'offset' | 'by'>

/**
 * Where each partition would go. The target is held within log start and end, as Kafka's own tool
 * does: beyond them a consumer would only fall to its reset policy.
 */
export function planReset(partition: ResetPartition, target: Target): ResetItem {
  const { topic, before, logStart, end } = partition
  const common = { topic, partition: partition.partition, before, logStart, end }
  const lagBefore = lagOf(before, end)
  const refuse = (code: string, message: string): ResetItem => ({
    ...common,
    after: null,
    lagBefore,
    lagAfter: null,
    error: { code, message },
  })
  if (logStart === null || end === null) {
    return refuse('LEADER_NOT_AVAILABLE', 'the log of this partition cannot be read now')
  }
  if (target.to === 'shift' && before === null) {
    return refuse('NO_COMMIT', 'there is no committed offset to shift from')
  }
  const wanted = wantedOffset({ ...partition, logStart, end }, target)
  const after = Math.min(end, Math.max(logStart, wanted))
  return { ...common, after, lagBefore, lagAfter: lagOf(after, end), error: null }
}

function wantedOffset(
  partition: ResetPartition & { logStart: number; end: number },
  target: Target,
): number {
  switch (target.to) {
    case 'earliest':
      return partition.logStart
    case 'latest':
      return partition.end
    case 'offset':
      return target.offset ?? partition.logStart
    case 'time':
      return partition.atTime === null || partition.atTime < 0 ? partition.end : partition.atTime
    case 'shift':
      return (partition.before ?? 0) + (target.by ?? 0)
  }
}
