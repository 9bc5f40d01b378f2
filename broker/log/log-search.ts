// Finds records by timestamp in one log's segments (ListOffsets): time index to a segment's neighbourhood,
// batch headers to the batch, and only that batch is looked into. Used by PartitionLog. Changes nothing.
import {
  batchBaseOffset,
  batchLeaderEpoch,
  batchMaxTimestamp,
} from '../../protocol/records/batch.ts'
import { type DecodedRecord, readRecords } from '../../protocol/records/read.ts'
import { walkBatches } from './batch-walker.ts'
import type { Segment } from './segment.ts'

export interface TimestampOffset {
  offset: number
  timestampMs: number
  leaderEpoch: number
}

export interface SearchRange {
  startOffset: number
  endOffsetExclusive: number
}

/** The first record with a timestamp at or above `timestampMs` within the range. */
export async function findByTimestamp(
  segments: readonly Segment[],
  timestampMs: number,
  range: SearchRange,
): Promise<TimestampOffset | null> {
  for (const [index, segment] of segments.entries()) {
    if (segment.baseOffset >= range.endOffsetExclusive) return null
    const next = segments[index + 1]?.baseOffset ?? Number.POSITIVE_INFINITY
    if (next <= range.startOffset) continue
    const { timestampMs: largest } = await segment.largestTimestamp()
    if (largest < timestampMs) continue
    const indexes = await segment.indexes()
    const fromBytes = indexes.offset.lookup(indexes.time.lookup(timestampMs))
    const isHit = (record: DecodedRecord) => record.timestampMs >= timestampMs
    const found = await searchSegment(segment, { fromBytes, timestampMs, range, isHit })
    if (found !== null) return found
  }
  return null
}

/** The first record with the largest timestamp of all. */
export async function findLargestTimestamp(
  segments: readonly Segment[],
  range: SearchRange,
): Promise<TimestampOffset | null> {
  let best: { segment: Segment; timestampMs: number; offset: number } | null = null
  for (const segment of segments) {
    const largest = await segment.largestTimestamp()
    if (largest.timestampMs < 0 || largest.offset < range.startOffset) continue
    if (best === null || largest.timestampMs > best.timestampMs) best = { segment, ...largest }
  }
  if (best === null) return null
  const { segment, timestampMs, offset } = best
  const fromBytes = (await segment.indexes()).offset.lookup(offset)
  const isHit = (record: DecodedRecord) => record.timestampMs === timestampMs
  return searchSegment(segment, { fromBytes, timestampMs, range, isHit })
}

async function searchSegment(
  segment: Segment,
  search: {
    fromBytes: number
    /** Batches whose largest timestamp is below are passed over unread. */
    timestampMs: number
    range: SearchRange
    isHit: (record: DecodedRecord) => boolean
  },
): Promise<TimestampOffset | null> {
  const { range } = search
  let found: TimestampOffset | null = null
  await segment.withFile((handle) =>
    walkBatches(
      handle,
      { fromBytes: search.fromBytes, toBytes: segment.sizeBytes, chunkBytes: 64 * 1024 },
      ({ buffer, at }) => {
        if (batchBaseOffset(buffer, at) >= range.endOffsetExclusive) return false
        if (batchMaxTimestamp(buffer, at) < search.timestampMs) return true
        return readRecords(buffer, at).then((records) => {
          const record = records.find(
            (r) =>
              search.isHit(r) &&
              r.offset >= range.startOffset &&
              r.offset < range.endOffsetExclusive,
          )
          if (record === undefined) return true
          const { offset, timestampMs } = record
          found = { offset, timestampMs, leaderEpoch: batchLeaderEpoch(buffer, at) }
          return false
        })
      },
    ),
  )
  return found
}
