// Which neighbouring segments become one: as many as fit segment.bytes and segment.index.bytes together, so that
// cleaned segments do not shrink for ever. Pure.
import { OFFSET_ENTRY_BYTES } from '../offset-index.ts'
import { TIME_ENTRY_BYTES } from '../time-index.ts'
import type { SourceSegment } from './clean-plan.ts'

const RELATIVE_OFFSET_MAX = 0x7fff_ffff

export function groupSegments(
  segments: readonly SourceSegment[],
  limits: { segmentBytes: number; segmentIndexBytes: number; indexIntervalBytes: number },
): SourceSegment[][] {
  // At most one entry per interval, and one more when a segment ends.
  const entryCount = Math.max(1, Math.floor(limits.segmentIndexBytes / TIME_ENTRY_BYTES))
  const offsetBytesMax = (limits.segmentIndexBytes / OFFSET_ENTRY_BYTES) * limits.indexIntervalBytes
  const timeBytesMax = (entryCount - 1) * limits.indexIntervalBytes
  const indexedBytesMax = Math.max(1, Math.min(offsetBytesMax, timeBytesMax))
  const groups: SourceSegment[][] = []
  let sizeBytes = 0
  for (const segment of segments) {
    const group = groups.at(-1)
    const base = group?.[0]?.baseOffset ?? 0
    const together = sizeBytes + segment.sizeBytes
    const fits =
      together <= limits.segmentBytes &&
      together <= indexedBytesMax &&
      segment.endOffset - 1 - base <= RELATIVE_OFFSET_MAX
    if (group !== undefined && fits) {
      group.push(segment)
      sizeBytes = together
    } else {
      groups.push([segment])
      sizeBytes = segment.sizeBytes
    }
  }
  return groups
}
