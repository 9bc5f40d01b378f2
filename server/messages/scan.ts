import type { ListMessagesOutput, Message } from '../../contracts/messages.ts'
import { fetchTopic } from '../kafka/describe-cluster.ts'
import { fetchRecords } from '../kafka/fetch-records.ts'
import type { WireClient } from '../kafka/wire-client.ts'
import { messageOf } from './content.ts'
import type { PartitionCursor } from './cursor.ts'
import { bestHead, blockersOf } from './merge.ts'

export interface ScanLimits {
  readonly limit: number
  readonly scanLimit: number
  readonly deadlineMs: number
  /** Longest key or value given in full. */
  readonly maxBytes: number
  readonly signal: AbortSignal
}

export interface ScanResult {
  readonly items: Message[]
  readonly scanned: number
  /** Also those that were found and not given for want of room. */
  readonly matched: number
  readonly stoppedBecause: ListMessagesOutput['stoppedBecause']
}

/** An answer larger than this helps nobody. */
const CONTENT_BYTES_MAX = 32 * 1024 * 1024
const FETCH_TIMEOUT_MS = 5_000
const FETCH_BYTES_MAX = 8 * 1024 * 1024

/** Merges the cursors by time until a limit is met; reads on only where that decides the order. */
export async function scan(
  client: WireClient,
  cursors: readonly PartitionCursor[],
  limits: ScanLimits,
): Promise<ScanResult> {
  const items: Message[] = []
  let contentBytes = 0
  let stopped: ScanResult['stoppedBecause'] | null = null
  while (stopped === null) {
    if (items.length >= limits.limit || contentBytes > CONTENT_BYTES_MAX) {
      stopped = 'limit'
      break
    }
    const best = bestHead(cursors)
    const blockers = blockersOf(cursors, best)
    if (blockers.length > 0) {
      stopped = exhausted(cursors, limits)
      if (stopped === null) await advance(client, blockers, limits)
      continue
    }
    if (best === null) {
      stopped = cursors.some((cursor) => cursor.error !== null) ? 'partition-error' : 'end-reached'
      break
    }
    contentBytes += give(best, items, limits)
  }
  // Out of time the order over partitions is no longer certain, but what was found is given.
  for (
    let best = bestHead(cursors);
    best !== null && stopped !== 'limit';
    best = bestHead(cursors)
  ) {
    if (items.length >= limits.limit || contentBytes > CONTENT_BYTES_MAX) break
    contentBytes += give(best, items, limits)
  }
  const waiting = cursors.reduce((sum, cursor) => sum + cursor.matches.length, 0)
  const scanned = cursors.reduce((sum, cursor) => sum + cursor.scanned, 0)
  return { items, scanned, matched: items.length + waiting, stoppedBecause: stopped }
}

function give(cursor: PartitionCursor, items: Message[], limits: ScanLimits): number {
  const scanned = cursor.matches.shift()
  if (scanned === undefined) return 0
  const message = messageOf(scanned, limits.maxBytes)
  items.push(message)
  return Math.min(message.sizeBytes, 2 * limits.maxBytes)
}

function exhausted(
  cursors: readonly PartitionCursor[],
  limits: ScanLimits,
): ScanResult['stoppedBecause'] | null {
  if (limits.signal.aborted || Date.now() >= limits.deadlineMs) return 'timeout'
  const scanned = cursors.reduce((sum, cursor) => sum + cursor.scanned, 0)
  return scanned >= limits.scanLimit ? 'scan-limit' : null
}

/** One fetch per leader, all at once. */
async function advance(
  client: WireClient,
  cursors: readonly PartitionCursor[],
  limits: ScanLimits,
): Promise<void> {
  const byLeader = new Map<number, PartitionCursor[]>()
  for (const cursor of cursors) {
    byLeader.set(cursor.leader, [...(byLeader.get(cursor.leader) ?? []), cursor])
  }
  const leftMs = Math.max(200, limits.deadlineMs - Date.now())
  const options = {
    purpose: 'data',
    timeoutMs: Math.min(FETCH_TIMEOUT_MS, leftMs + 500),
    signal: limits.signal,
    maxWaitMs: 100,
    minBytes: 1,
  } as const
  await Promise.all(
    [...byLeader].map(async ([leader, mine]) => {
      try {
        const positions = mine.map((cursor) => cursor.fetchPosition)
        const largest = Math.max(...positions.map((position) => position.maxBytes))
        const maxBytes = Math.max(FETCH_BYTES_MAX, largest)
        const fetched = await fetchRecords(client, leader, positions, { ...options, maxBytes })
        const moved: PartitionCursor[] = []
        for (const cursor of mine) {
          const answer = fetched.find((part) => part.partition === cursor.partition)
          if (answer === undefined) cursor.fail('the broker left the partition out')
          else if (await cursor.take(answer)) moved.push(cursor)
        }
        if (moved.length > 0) await findLeaders(client, moved)
      } catch (error) {
        for (const cursor of mine) cursor.fail(error)
      }
    }),
  )
}

async function findLeaders(client: WireClient, cursors: readonly PartitionCursor[]): Promise<void> {
  const topic = cursors[0]?.topic
  const state = topic === undefined ? null : await fetchTopic(client, topic)
  for (const cursor of cursors) {
    const found = state?.partitions.find((p) => p.partition === cursor.partition)
    if (found?.leader === undefined || found.leader === null) cursor.fail('LEADER_NOT_AVAILABLE')
    else cursor.leader = found.leader
  }
}
