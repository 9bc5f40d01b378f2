import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Message, TailEvent, TailMessagesInput } from '../../contracts/messages.ts'
import { ErrorCode, errorName } from '../../protocol/errors.ts'
import { clusterOf } from '../clusters/registry.ts'
import type { ServiceContext } from '../context.ts'
import { type FetchedPartition, fetchRecords } from '../kafka/fetch-records.ts'
import { type LedPartition, listOffsets } from '../kafka/offsets.ts'
import { onCluster } from '../kafka/service-error.ts'
import type { Purpose, WireClient } from '../kafka/wire-client.ts'
import { messageOf as textOfError } from '../kafka/wire-error.ts'
import { messageOf } from './content.ts'
import { createFilter, type RecordFilter } from './filter.ts'
import { wantedPartitions } from './list.ts'
import { readBatches } from './read-batches.ts'

const EVENT_EVERY_MS = 250
const MESSAGES_PER_EVENT = 50
const CONTENT_BYTES = 64 * 1024
const PARTITION_BYTES = 256 * 1024
const LONG_POLL_MS = 500
const RETRY_MS = 500

/** What has come since the last event. */
class Inbox {
  #items: Message[] = []
  #scanned = 0
  #matched = 0
  #skipped = 0
  #errors = new Set<string>()

  /** `messages`: the newest of those that matched. */
  add(messages: Message[], counts: { scanned: number; matched: number }): void {
    this.#scanned += counts.scanned
    this.#matched += counts.matched
    this.#skipped += counts.matched - messages.length
    for (const message of messages) this.#items.push(message)
    const over = this.#items.length - MESSAGES_PER_EVENT
    // The newest are kept: a page that is behind shows what is live.
    if (over > 0) {
      this.#items.splice(0, over)
      this.#skipped += over
    }
  }

  fail(message: string): void {
    this.#errors.add(message)
  }

  take(): TailEvent[] {
    const events: TailEvent[] = [...this.#errors].map((message) => ({ type: 'error', message }))
    this.#errors.clear()
    if (this.#scanned > 0) {
      const items = this.#items.sort((a, b) => a.timestamp - b.timestamp)
      const counts = { scanned: this.#scanned, matched: this.#matched, skipped: this.#skipped }
      events.push({ type: 'messages', items, ...counts })
    }
    this.#items = []
    this.#scanned = 0
    this.#matched = 0
    this.#skipped = 0
    return events
  }
}

interface Tail {
  readonly client: WireClient
  readonly topic: string
  readonly purpose: Purpose
  readonly filter: RecordFilter | null
  readonly inbox: Inbox
  readonly signal: AbortSignal
  readonly positions: Map<number, number>
  leaders: Map<number, number | null>
}

/**
 * Messages written from now on, an event at most each quarter second; the first event comes at
 * once, empty. Follows leaders when they move. Ends when `ctx.signal` is aborted.
 */
export async function* tailMessages({
  ctx,
  input,
}: {
  ctx: ServiceContext
  input: TailMessagesInput
}): AsyncGenerator<TailEvent> {
  const { client } = clusterOf(input.cluster)
  const partitions = await onCluster(() => wantedPartitions(client, input))
  const { offsets } = await onCluster(() => listOffsets(client, partitions, 'latest'))
  const ended = new AbortController()
  const signal = AbortSignal.any([ctx.signal, ended.signal])
  const tail: Tail = {
    client,
    topic: input.topic,
    purpose: `tail-${randomUUID()}`,
    filter: createFilter(input.contains, input.in),
    inbox: new Inbox(),
    signal,
    positions: new Map(
      [...(offsets.get(input.topic) ?? [])].map(([id, { offset }]) => [id, offset] as const),
    ),
    leaders: leadersOf(partitions),
  }
  const followers = follow(tail, input)
  try {
    yield { type: 'messages', items: [], scanned: 0, matched: 0, skipped: 0 }
    while (!signal.aborted) {
      for (const event of tail.inbox.take()) yield event
      await pause(EVENT_EVERY_MS, signal)
    }
  } finally {
    ended.abort()
    client.closePurpose(tail.purpose)
    await followers
  }
}

function leadersOf(partitions: readonly LedPartition[]): Map<number, number | null> {
  return new Map(partitions.map(({ partition, leader }) => [partition, leader] as const))
}

/** A long poll per leader, side by side; after any trouble the leaders are looked up again. */
async function follow(tail: Tail, input: TailMessagesInput): Promise<void> {
  while (!tail.signal.aborted) {
    const leaders = new Set([...tail.leaders.values()].filter((leader) => leader !== null))
    const round = new AbortController()
    await Promise.all([...leaders].map((leader) => followLeader(tail, leader, round)))
    if (tail.signal.aborted) return
    await pause(RETRY_MS, tail.signal)
    try {
      const partitions = await wantedPartitions(tail.client, input)
      tail.leaders = leadersOf(partitions)
      await startNewPartitions(tail, partitions)
    } catch (error) {
      tail.inbox.fail(textOfError(error))
    }
  }
}

async function startNewPartitions(tail: Tail, partitions: LedPartition[]): Promise<void> {
  const unknown = partitions.filter(({ partition }) => !tail.positions.has(partition))
  if (unknown.length === 0) return
  const { offsets } = await listOffsets(tail.client, unknown, 'earliest')
  for (const [id, { offset }] of offsets.get(tail.topic) ?? []) tail.positions.set(id, offset)
}

/** Ends at the first error of one of its partitions, and has the other leaders end too. */
async function followLeader(tail: Tail, leader: number, round: AbortController): Promise<void> {
  for (let turn = 0; !tail.signal.aborted && !round.signal.aborted; turn++) {
    const mine = [...tail.positions].filter(([id]) => tail.leaders.get(id) === leader)
    const first = turn % Math.max(1, mine.length)
    // Only the first of a request is sure to get a batch that is larger than its share.
    const positions = [...mine.slice(first), ...mine.slice(0, first)].map(([partition, offset]) => {
      return { topic: tail.topic, partition, leader, offset, maxBytes: PARTITION_BYTES }
    })
    if (positions.length === 0) return
    try {
      const fetched = await fetchRecords(tail.client, leader, positions, {
        purpose: tail.purpose,
        signal: tail.signal,
        timeoutMs: LONG_POLL_MS + 5_000,
        maxWaitMs: LONG_POLL_MS,
        minBytes: 1,
        maxBytes: 4 * 1024 * 1024,
      })
      for (const partition of fetched) await takePartition(tail, partition)
    } catch (error) {
      if (!tail.signal.aborted) tail.inbox.fail(textOfError(error))
      round.abort()
    }
  }
}

async function takePartition(tail: Tail, fetched: FetchedPartition): Promise<void> {
  const { partition, errorCode } = fetched
  const from = tail.positions.get(partition) ?? 0
  if (errorCode === ErrorCode.OFFSET_OUT_OF_RANGE) {
    tail.positions.set(partition, Math.max(fetched.logStartOffset, 0))
    return
  }
  if (errorCode !== ErrorCode.NONE) throw new Error(errorName(errorCode))
  const range = { partition, from, toExclusive: Number.MAX_SAFE_INTEGER }
  const { records, nextOffset } = await readBatches(fetched.records, range)
  tail.positions.set(partition, nextOffset)
  const matching = records.filter(({ record }) => tail.filter?.(record) ?? true)
  const messages = matching
    .slice(-MESSAGES_PER_EVENT)
    .map((scanned) => messageOf(scanned, CONTENT_BYTES))
  tail.inbox.add(messages, { scanned: records.length, matched: matching.length })
}

async function pause(timeMs: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(timeMs, undefined, { signal })
  } catch {
    // Aborted: the caller looks at the signal.
    return
  }
}
