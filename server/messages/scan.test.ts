import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { listMessagesContract } from '../../contracts/messages.ts'
import { buildBatch, compressBatch } from '../../protocol/records/build.ts'
import { WireClient } from '../kafka/wire-client.ts'
import { type FakePartition, startFakeTopic } from '../testing/fake-topic.ts'
import { PartitionCursor } from './cursor.ts'
import { createFilter } from './filter.ts'
import { decodePageCursor, encodePageCursor } from './page-cursor.ts'
import { scan } from './scan.ts'

/** Nothing here takes so long, however busy the machine. */
const TIMEOUT_MS = 60_000

const closers: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

interface Written {
  partition: number
  offset: number
  timestamp: number
  value: string
}

type Gap = { offset: number; timestampMs: number; value: string }

/** Records in batches of three; offsets may have gaps, as after compaction. */
function partitionOf(records: readonly Gap[], end?: number): FakePartition {
  const batches: Buffer[] = []
  for (let i = 0; i < records.length; i += 3) {
    const group = records.slice(i, i + 3)
    const baseOffset = group[0]?.offset ?? 0
    const inputs = group.map(({ offset, timestampMs, value }) => ({
      key: null,
      value: Buffer.from(value),
      timestampMs,
      offsetDelta: offset - baseOffset,
    }))
    batches.push(buildBatch({ baseOffset, records: inputs }))
  }
  const last = records.at(-1)
  const logStart = records[0]?.offset ?? 0
  return { log: Buffer.concat(batches), logStart, end: end ?? (last ? last.offset + 1 : logStart) }
}

interface Wish {
  direction: 'up' | 'down'
  limit: number
  contains?: string
  scanLimit?: number
  windowRecords?: number
  /** Of the page before. */
  page?: string
}

async function browse(partitions: readonly FakePartition[], wish: Wish) {
  const broker = await startFakeTopic('t', partitions)
  closers.push(() => broker.close())
  const endpoint = { host: '127.0.0.1', port: broker.port }
  const client = new WireClient({ bootstrap: [endpoint], connectTimeoutMs: TIMEOUT_MS })
  client.setNodes([[1, endpoint]])
  closers.push(() => client.close())
  const positions = wish.page === undefined ? null : decodePageCursor(wish.page).positions
  const isUp = wish.direction === 'up'
  const cursors = partitions.map(
    ({ logStart, end }, partition) =>
      new PartitionCursor({
        topic: 't',
        partition,
        leader: 1,
        start: positions && isUp ? (positions.get(partition) ?? end) : logStart,
        end: positions && !isUp ? (positions.get(partition) ?? logStart) : end,
        direction: wish.direction,
        filter: createFilter(wish.contains, undefined),
        windowRecords: wish.windowRecords ?? 4,
      }),
  )
  const result = await scan(client, cursors, {
    limit: wish.limit,
    scanLimit: wish.scanLimit ?? 1_000_000,
    deadlineMs: Date.now() + TIMEOUT_MS,
    maxBytes: 1_000,
    signal: new AbortController().signal,
  })
  const left = cursors.flatMap(({ partition, next }) =>
    next === null ? [] : [[partition, next] as const],
  )
  const next = encodePageCursor({ direction: wish.direction, positions: new Map(left) })
  return { ...result, cursors, next }
}

const gapped = fc
  .array(fc.record({ step: fc.integer({ min: 1, max: 4 }), wait: fc.nat(50), hit: fc.boolean() }), {
    maxLength: 30,
  })
  .map((steps) => {
    let offset = 0
    let timestampMs = 1_000
    return steps.map(({ step, wait, hit }): Gap => {
      offset += step
      timestampMs += wait
      return { offset, timestampMs, value: hit ? `hit ${offset}` : `miss ${offset}` }
    })
  })

test('the newest and the oldest are exactly those over all partitions, gaps or not', async () => {
  const wish = fc.record({
    direction: fc.constantFrom('up' as const, 'down' as const),
    limit: fc.integer({ min: 1, max: 40 }),
    isFiltered: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(gapped, { minLength: 1, maxLength: 4 }), wish, async (logs, w) => {
      const all = logs.flatMap((log, partition): Written[] =>
        log
          .filter(({ value }) => !w.isFiltered || value.startsWith('hit'))
          .map(({ offset, timestampMs, value }) => {
            return { partition, offset, timestamp: timestampMs, value }
          }),
      )
      const sign = w.direction === 'up' ? 1 : -1
      all.sort(
        (a, b) =>
          sign * (a.timestamp - b.timestamp) ||
          a.partition - b.partition ||
          sign * (a.offset - b.offset),
      )
      const contains = w.isFiltered ? { contains: 'HIT' } : {}
      const partitions = logs.map((log) => partitionOf(log))
      const { items } = await browse(partitions, { ...w, ...contains })
      const given = items.map(({ partition, offset, timestamp, value }) => {
        return { partition, offset, timestamp, value }
      })
      expect(given).toEqual(all.slice(0, w.limit))
      for (const close of closers.splice(0).reverse()) await close()
    }),
    { numRuns: 40 },
  )
})

test('of records of the same time the lower partition goes first, though they lie in several windows', async () => {
  const log = (...at: (readonly [offset: number, timestampMs: number])[]) =>
    partitionOf(at.map(([offset, timestampMs]) => ({ offset, timestampMs, value: `${offset}` })))
  const first = log([2, 50], [5, 50], [6, 94], [9, 95], [11, 141], [14, 153])
  const second = log([2, 0], [6, 23], [8, 46], [9, 50], [11, 100], [15, 105], [19, 123], [23, 157])
  const { items } = await browse([first, second], { direction: 'down', limit: 40 })
  const ofSameTime = items.filter(({ timestamp }) => timestamp === 50)
  expect(ofSameTime.map(({ partition, offset }) => [partition, offset])).toEqual([
    [0, 5],
    [0, 2],
    [1, 9],
  ])
})

test('page after page gives every record once, in order, older or later', async () => {
  const wish = fc.record({
    direction: fc.constantFrom('up' as const, 'down' as const),
    limit: fc.integer({ min: 3, max: 20 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(gapped, { minLength: 1, maxLength: 4 }), wish, async (logs, w) => {
      const partitions = logs.map((log) => partitionOf(log))
      const whole = await browse(partitions, { ...w, limit: 1_000 })
      const paged: unknown[] = []
      let next: string | null | undefined
      do {
        const page = await browse(partitions, { ...w, ...(next ? { page: next } : {}) })
        expect(page.items.length).toBeLessThanOrEqual(w.limit)
        paged.push(...page.items)
        next = page.next
      } while (next !== null)
      expect(paged).toEqual(whole.items)
      for (const close of closers.splice(0).reverse()) await close()
    }),
    { numRuns: 20 },
  )
})

test('a cursor is short, and what it was made from', () => {
  const positions = new Map([
    [0, 35],
    [40, 1_234_567_890_123],
  ])
  const text = encodePageCursor({ direction: 'down', positions })
  expect(text).toBe('d0~z.14~fr5hugnf')
  expect(listMessagesContract.query.parse({ cursor: text }).cursor).toBe(text)
  expect(decodePageCursor(text ?? '')).toEqual({ direction: 'down', positions })
  expect(encodePageCursor({ direction: 'up', positions: new Map() })).toBeNull()
  for (const broken of ['', 'd', 'x0~1', 'd0~1.', 'd0-1', 'd0~1;drop']) {
    expect(listMessagesContract.query.safeParse({ cursor: broken }).success, broken).toBe(false)
  }
})

const plain = (count: number): Gap[] =>
  Array.from({ length: count }, (_, offset) => ({
    offset,
    timestampMs: 1_000 + offset,
    value: `v${offset}`,
  }))

test('next says where to go on', async () => {
  const up = await browse([partitionOf(plain(10))], { direction: 'up', limit: 4 })
  expect([up.stoppedBecause, up.cursors[0]?.next]).toEqual(['limit', 4])
  const down = await browse([partitionOf(plain(10))], { direction: 'down', limit: 4 })
  expect(down.items.map((item) => item.offset)).toEqual([9, 8, 7, 6])
  expect(down.cursors[0]?.next).toBe(6)
  const all = await browse([partitionOf(plain(10))], { direction: 'up', limit: 40 })
  expect([all.stoppedBecause, all.cursors[0]?.next]).toEqual(['end-reached', null])
})

test('a search gives up at its limit and says how far it looked', async () => {
  const result = await browse([partitionOf(plain(5_000))], {
    direction: 'up',
    limit: 5,
    contains: 'no such thing',
    scanLimit: 500,
  })
  expect(result.stoppedBecause).toBe('scan-limit')
  expect(result.items).toEqual([])
  expect(result.scanned).toBeGreaterThanOrEqual(500)
  expect(result.cursors[0]?.next).toBeGreaterThan(400)
})

test('a batch larger than a fetch is read all the same', async () => {
  const value = 'x'.repeat(300_000)
  const log = [{ offset: 0, timestampMs: 1, value }]
  const { items } = await browse([partitionOf(log)], { direction: 'down', limit: 1 })
  expect(items[0]?.valueSizeBytes).toBe(300_000)
  expect([items[0]?.value?.length, items[0]?.isTruncated]).toEqual([1_000, true])
})

test('every codec is read, and named', async () => {
  const names = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
  const batches = await Promise.all(
    names.map((name, offset) =>
      compressBatch(
        buildBatch({
          baseOffset: offset,
          records: [{ key: null, value: Buffer.from(name.repeat(50)), timestampMs: offset }],
        }),
        name,
      ),
    ),
  )
  const partition = { log: Buffer.concat(batches), logStart: 0, end: names.length }
  const { items } = await browse([partition], { direction: 'up', limit: 10 })
  expect(items.map((item) => item.compression)).toEqual([...names])
  expect(items.map((item) => item.value)).toEqual(names.map((name) => name.repeat(50)))
})

test('control records and what they hide are passed over', async () => {
  const control = buildBatch({
    baseOffset: 1,
    isControl: true,
    isTransactional: true,
    records: [{ key: Buffer.from([0, 0, 0, 1]), value: Buffer.alloc(6), timestampMs: 2 }],
  })
  const before = buildBatch({ records: [{ key: null, value: Buffer.from('a'), timestampMs: 1 }] })
  const partition = { log: Buffer.concat([before, control]), logStart: 0, end: 2 }
  for (const direction of ['up', 'down'] as const) {
    const result = await browse([partition], { direction, limit: 10 })
    expect(result.items.map((item) => item.value)).toEqual(['a'])
    expect(result.stoppedBecause).toBe('end-reached')
  }
})
