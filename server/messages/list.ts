import type { ListMessagesInput, ListMessagesOutput } from '../../contracts/messages.ts'
import { errorName } from '../../protocol/errors.ts'
import { clusterOf } from '../clusters/registry.ts'
import type { ServiceContext } from '../context.ts'
import { refusal } from '../errors.ts'
import { fetchTopic } from '../kafka/describe-cluster.ts'
import { type LedPartition, listOffsets, type OffsetsFound } from '../kafka/offsets.ts'
import { onCluster } from '../kafka/service-error.ts'
import type { WireClient } from '../kafka/wire-client.ts'
import { PartitionCursor } from './cursor.ts'
import { createFilter } from './filter.ts'
import { decodePageCursor, encodePageCursor, type PageCursor } from './page-cursor.ts'
import { scan } from './scan.ts'

const OFFSETS_TIMEOUT_MS = 3_000
const FIRST_WINDOW_MIN = 10

/** Reads by ListOffsets and Fetch: no group is joined, no offset committed, nothing left behind. */
export async function listMessages({
  ctx,
  input,
}: {
  ctx: ServiceContext
  input: ListMessagesInput
}): Promise<ListMessagesOutput> {
  const { client } = clusterOf(input.cluster)
  const asOf = ctx.nowMs()
  const deadlineMs = Date.now() + input.timeoutMs
  const partitions = await onCluster(() => wantedPartitions(client, input))
  const page = input.cursor === undefined ? null : decodePageCursor(input.cursor)
  const ranges = await onCluster(() => readRanges(client, partitions, input, page))
  const direction = page?.direction ?? (input.from === 'newest' ? 'down' : 'up')
  const filter = createFilter(input.contains, input.in)
  const share = Math.ceil((input.limit * 1.5) / Math.max(1, partitions.length))
  const windowRecords = Math.max(FIRST_WINDOW_MIN, Math.min(input.limit, share))
  const cursors = ranges.map((range) => {
    const cursor = new PartitionCursor({
      topic: input.topic,
      partition: range.partition,
      leader: range.leader ?? -1,
      start: direction === 'up' ? range.from : (range.logStart ?? 0),
      end: range.to,
      direction,
      filter,
      windowRecords,
    })
    if (range.error !== null) cursor.fail(range.error)
    return cursor
  })
  const result = await scan(client, cursors, {
    limit: input.limit,
    scanLimit: input.scanLimit,
    deadlineMs,
    maxBytes: input.maxBytes,
    signal: ctx.signal,
  })
  const positions = new Map(
    cursors.flatMap(({ partition, next }) => (next === null ? [] : [[partition, next] as const])),
  )
  return {
    ...result,
    total: result.items.length,
    next: encodePageCursor({ direction, positions }),
    partitions: ranges.map(({ partition, logStart, highWatermark }, index) => ({
      partition,
      logStart,
      highWatermark,
      next: cursors[index]?.next ?? null,
      error: cursors[index]?.error ?? null,
    })),
    asOf,
  }
}

export async function wantedPartitions(
  client: WireClient,
  input: { topic: string; partition?: number | undefined },
): Promise<LedPartition[]> {
  const state = await fetchTopic(client, input.topic)
  if (state === null) throw refusal('topic-unknown', { topic: input.topic })
  const wanted = state.partitions.filter(
    ({ partition }) => input.partition === undefined || partition === input.partition,
  )
  if (wanted.length === 0) {
    throw refusal('partition-unknown', { topic: input.topic, partition: input.partition ?? '' })
  }
  return wanted.map(({ partition, leader }) => ({ topic: input.topic, partition, leader }))
}

interface PartitionRange {
  readonly partition: number
  readonly leader: number | null
  readonly logStart: number | null
  readonly highWatermark: number | null
  /** Upwards: the first offset to read. */
  readonly from: number
  /** Offsets below this one are read. */
  readonly to: number
  readonly error: string | null
}

async function readRanges(
  client: WireClient,
  partitions: readonly LedPartition[],
  input: ListMessagesInput,
  page: PageCursor | null,
): Promise<PartitionRange[]> {
  const options = { timeoutMs: OFFSETS_TIMEOUT_MS }
  if (page === null) assertStartGiven(input)
  const [earliest, latest, atTime] = await Promise.all([
    listOffsets(client, partitions, 'earliest', options),
    listOffsets(client, partitions, 'latest', options),
    page === null && input.from === 'time' && input.time !== undefined
      ? listOffsets(client, partitions, Math.max(0, input.time), options)
      : Promise.resolve(null),
  ])
  return partitions.map(({ topic, partition, leader }) => {
    const at = (found: OffsetsFound | null): number | null =>
      found?.offsets.get(topic)?.get(partition)?.offset ?? null
    const logStart = at(earliest)
    const highWatermark = at(latest)
    const isKnown = logStart !== null && highWatermark !== null
    const bounds = isKnown ? { logStart, highWatermark } : null
    return {
      partition,
      leader,
      logStart,
      highWatermark,
      ...(bounds === null
        ? { from: 0, to: 0 }
        : page === null
          ? { from: firstOffset(input, { ...bounds, atTime: at(atTime) }), to: highWatermark ?? 0 }
          : pageRange(page, partition, bounds)),
      error: isKnown ? null : whyUnknown(latest, { topic, partition, leader }),
    }
  })
}

function assertStartGiven(input: ListMessagesInput): void {
  if (input.from === 'offset' && input.offset === undefined) {
    throw refusal('offset-missing')
  }
  if (input.from === 'time' && input.time === undefined) {
    throw refusal('time-missing')
  }
}

/** What a cursor leaves to read of a partition; nothing of one that it does not name. */
function pageRange(
  page: PageCursor,
  partition: number,
  { logStart, highWatermark }: { logStart: number; highWatermark: number },
): { from: number; to: number } {
  const position = page.positions.get(partition)
  if (page.direction === 'down') {
    const to = Math.min(highWatermark, Math.max(logStart, position ?? logStart))
    return { from: logStart, to }
  }
  const from = Math.min(highWatermark, Math.max(logStart, position ?? highWatermark))
  return { from, to: highWatermark }
}

function firstOffset(
  input: ListMessagesInput,
  range: { logStart: number; highWatermark: number; atTime: number | null },
): number {
  const { logStart, highWatermark, atTime } = range
  const wanted =
    input.from === 'offset'
      ? (input.offset ?? logStart)
      : input.from === 'time'
        ? // −1: no record is that late.
          atTime === null || atTime < 0
          ? highWatermark
          : atTime
        : logStart
  return Math.min(highWatermark, Math.max(logStart, wanted))
}

function whyUnknown(found: OffsetsFound, at: LedPartition): string {
  const code = found.errors.get(at.topic)?.get(at.partition)
  if (code !== undefined) return errorName(code)
  const broker = at.leader === null ? undefined : found.brokerErrors.get(at.leader)
  return broker?.message ?? 'LEADER_NOT_AVAILABLE'
}
