import type { ScannedRecord } from './content.ts'
import type { PartitionCursor } from './cursor.ts'

type Mergeable = Pick<
  PartitionCursor,
  'direction' | 'isDone' | 'frontierMs' | 'matches' | 'partition'
>

/**
 * The waiting record that comes next over all partitions: the newest downwards, else the oldest.
 */
export function bestHead<C extends Mergeable>(cursors: readonly C[]): C | null {
  let best: C | null = null
  for (const cursor of cursors) {
    const head = cursor.matches[0]
    if (head === undefined) continue
    if (best === null || isBefore(cursor.direction, head, best.matches[0])) best = cursor
  }
  return best
}

function isBefore(
  direction: 'up' | 'down',
  a: ScannedRecord,
  b: ScannedRecord | undefined,
): boolean {
  if (b === undefined) return true
  const difference = a.record.timestampMs - b.record.timestampMs
  if (difference !== 0) return direction === 'up' ? difference < 0 : difference > 0
  return a.partition < b.partition
}

/**
 * Partitions that must be read on before `best` may be given: they have nothing waiting and have
 * not been read as far as its time, so that something that comes before it may still turn up there.
 */
export function blockersOf<C extends Mergeable>(cursors: readonly C[], best: C | null): C[] {
  const head = best?.matches[0]
  return cursors.filter((cursor) => {
    if (cursor.isDone || cursor.matches.length > 0) return false
    if (head === undefined || cursor.frontierMs === null) return true
    const aheadMs = cursor.frontierMs - head.record.timestampMs
    // Of records of the same time the lower partition's come first.
    if (aheadMs === 0) return cursor.partition < head.partition
    return cursor.direction === 'up' ? aheadMs < 0 : aheadMs > 0
  })
}
