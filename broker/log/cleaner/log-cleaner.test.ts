import { expect, test } from 'vitest'
import {
  batchDeleteHorizonMs,
  batchPositions,
  batchProducerId,
  batchRecordCount,
  isControlBatch,
} from '../../../protocol/records/batch.ts'
import { buildBatch } from '../../../protocol/records/build.ts'
import { buildEndTransactionMarker } from '../../../protocol/records/control.ts'
import { client, openTestLog } from '../../../tests/support/log-fixtures.ts'
import { createMemoryRuntime, SeededRandom } from '../../../tests/support/memory-runtime.ts'
import { checkIndexes } from '../index-check.fixture.ts'
import { createLogShared } from '../log-shared.ts'
import type { PartitionLog } from '../partition-log.ts'
import type { LogConfig } from '../types.ts'
import { checkAgainstModel, cleanerOf, consume, RandomWork } from './cleaner.fixture.ts'

/** Thousands of small operations: slow on a busy machine. */
const MODEL_TIMEOUT_MS = 240_000

const config: Partial<LogConfig> = {
  cleanupDelete: false,
  cleanupCompact: true,
  segmentBytes: 1200,
  indexIntervalBytes: 300,
  fileDeleteDelayMs: 0,
  minCleanableDirtyRatio: 0,
  deleteRetentionMs: 1000,
}

function open(seed: string, change: Partial<LogConfig> = {}) {
  const { runtime, world } = createMemoryRuntime({ seed, startMs: 1_000_000 })
  const shared = createLogShared(runtime, { tailRingBytes: 0 })
  return openTestLog(runtime, { shared, config: { ...config, ...change } }).then((log) => ({
    runtime,
    world,
    log,
    cleaner: cleanerOf(runtime, log),
  }))
}

/** One record a batch; null is a tombstone. */
async function write(log: PartitionLog, entries: readonly [string, string | null][]) {
  for (const [key, value] of entries) {
    const record = { key: Buffer.from(key), value: value === null ? null : Buffer.from(value) }
    const timestampMs = 1_000_000
    await log.append(buildBatch({ records: [{ ...record, timestampMs }] }), client)
    log.setHighWatermark(log.logEndOffset)
  }
}

/** Enough of another key that everything before leaves the active segment. */
const fill = (log: PartitionLog) =>
  write(
    log,
    [...Array(2).keys()].map((i) => [`filler`, `${i} `.repeat(400)]),
  )

async function batchesOf(log: PartitionLog) {
  const end = log.logEndOffset
  const found: Buffer[] = []
  for (let next = log.logStartOffset; next < end; ) {
    const request = { offset: next, maxBytes: 1e6, minOneBatch: true, endOffsetExclusive: end }
    const { records, nextOffset } = await log.read(request)
    for (const at of batchPositions(records)) found.push(records.subarray(at))
    next = nextOffset
  }
  return found
}

async function cleanAll(cleaner: ReturnType<typeof cleanerOf>): Promise<number> {
  let rounds = 0
  while (await cleaner.cleanNext()) rounds++
  return rounds
}

test.each([1, 2, 3, 4, 5, 6])(
  'random work, cleaned now and then, reads as its last values (seed %i)',
  async (seed) => {
    const { runtime, world, log } = await open(`model ${seed}`)
    const random = new SeededRandom(`work ${seed}`)
    const work = new RandomWork(log, random, { keys: 12, isCompressed: true })
    // A map of a few keys needs several passes.
    const small = seed % 2 === 0 ? { dedupeBufferBytes: 24 * 8 } : {}
    const cleaner = cleanerOf(runtime, log, small)
    let kept = Number.POSITIVE_INFINITY
    for (let round = 0; round < 12; round++) {
      for (let i = 0; i < 25; i++) await work.step(runtime.clock.nowMs())
      if (round % 4 === 3) await work.settle(runtime.clock.nowMs())
      await cleanAll(cleaner)
      kept = (await checkAgainstModel(log, work.records)).length
      await checkIndexes(runtime, log)
      await world.runFor(random.int(900))
    }
    expect(kept).toBeLessThan(work.records.length / 2)
    expect(log.segmentCount).toBeLessThan(15)
    expect(cleaner.uncleanable.size).toBe(0)
    // Compaction may take the record with the largest timestamp out of a batch.
    const producers = (of: PartitionLog) =>
      of
        .activeProducers()
        .map((producer) => ({ ...producer, lastTimestampMs: 0 }))
        .sort((a, b) => a.producerId - b.producerId)
    const before = producers(log)
    const { logEndOffset } = log
    await log.close()
    const again = await openTestLog(runtime, { config, highWatermark: logEndOffset })
    expect(again.logEndOffset).toBe(logEndOffset)
    // After a recovery from its first byte the log knows its producers as before.
    expect(producers(again)).toEqual(before)
    await checkAgainstModel(again, work.records)
  },
  MODEL_TIMEOUT_MS,
)

test('each key is left once below the dirty part, with its offset', async () => {
  const { log, cleaner } = await open('once')
  await write(log, [
    ['a', '1'],
    ['b', '1'],
    ['a', '2'],
    ['c', '1'],
    ['b', '2'],
    ['a', '3'],
  ])
  await fill(log)
  await cleanAll(cleaner)
  const left = await consume(log, 'read_uncommitted')
  expect(left.slice(0, 3)).toMatchObject([
    { offset: 3, key: 'c', value: '1' },
    { offset: 4, key: 'b', value: '2' },
    { offset: 5, key: 'a', value: '3' },
  ])
  // Nothing is due any more.
  expect(await cleaner.cleanNext()).toBe(false)
})

test('a tombstone gets its horizon in the first pass and goes once it is past', async () => {
  const { log, cleaner, world, runtime } = await open('tombstones')
  await write(log, [
    ['a', '1'],
    ['b', '1'],
    ['a', null],
  ])
  await fill(log)
  await cleanAll(cleaner)
  const horizons = (batches: Buffer[]) =>
    batches.map((b) => batchDeleteHorizonMs(b, 0)).filter((h) => h !== null)
  const horizonMs = runtime.clock.nowMs() + 1000
  expect(horizons(await batchesOf(log))).toEqual([horizonMs])
  expect((await consume(log, 'read_committed')).find((r) => r.key === 'a')).toMatchObject({
    offset: 2,
    value: null,
    timestampMs: 1_000_000,
  })
  await world.runFor(999)
  await fill(log)
  await cleanAll(cleaner)
  expect(horizons(await batchesOf(log))).toEqual([horizonMs])
  await world.runFor(1)
  await fill(log)
  await cleanAll(cleaner)
  expect((await consume(log, 'read_committed')).map((r) => r.key)).not.toContain('a')
  expect((await consume(log, 'read_committed')).map((r) => r.key)).toContain('b')
})

test('aborted data goes, its marker a delete.retention.ms later; the last batch of a producer stays as a header', async () => {
  const { log, cleaner, world } = await open('aborted')
  const producer = { producerId: 7, producerEpoch: 0 }
  const record = (key: string) => ({
    key: Buffer.from(key),
    value: Buffer.from('x'),
    timestampMs: 1_000_000,
  })
  const append = async (keys: string[], baseSequence: number) => {
    const records = keys.map(record)
    await log.append(
      buildBatch({ ...producer, baseSequence, isTransactional: true, records }),
      client,
    )
  }
  await append(['a'], 0)
  await append(['b'], 1)
  const marker = {
    ...producer,
    coordinatorEpoch: 0,
    kind: 'abort',
    timestampMs: 1_000_000,
  } as const
  await log.append(buildEndTransactionMarker(marker), { origin: 'coordinator', leaderEpoch: 0 })
  log.setHighWatermark(log.logEndOffset)
  await fill(log)
  await cleanAll(cleaner)
  const own = async () => (await batchesOf(log)).filter((b) => batchProducerId(b, 0) === 7)
  const shape = (batches: Buffer[]) =>
    batches.map((b) => [isControlBatch(b, 0), batchRecordCount(b, 0)])
  expect(shape(await own())).toEqual([
    [false, 0],
    [true, 1],
  ])
  expect((await consume(log, 'read_committed')).map((r) => r.key)).not.toContain('b')
  // The header is no data of the transaction, but while it is there the marker is kept for it.
  await append(['c'], 2)
  const commit = { ...marker, kind: 'commit' } as const
  await log.append(buildEndTransactionMarker(commit), { origin: 'coordinator', leaderEpoch: 0 })
  log.setHighWatermark(log.logEndOffset)
  await fill(log)
  await cleanAll(cleaner)
  await fill(log)
  await cleanAll(cleaner)
  expect(shape(await own())[0]).toEqual([true, 1])
  await world.runFor(1001)
  await fill(log)
  await cleanAll(cleaner)
  expect(shape(await own())).toEqual([
    [false, 1],
    [true, 1],
  ])
})

test('nothing at or above the last stable offset is touched', async () => {
  const { log, cleaner } = await open('stable')
  await write(log, [
    ['a', '1'],
    ['a', '2'],
  ])
  await fill(log)
  const inTransaction = { producerId: 9, producerEpoch: 0, baseSequence: 0, isTransactional: true }
  const key = Buffer.from('t')
  await log.append(
    buildBatch({ ...inTransaction, records: [{ key, value: key, timestampMs: 1 }] }),
    client,
  )
  await write(log, [['a', '3']])
  await fill(log)
  await cleanAll(cleaner)
  const { state } = log.compaction
  expect(log.lastStableOffset).toBe(4)
  expect(state.firstDirtyOffset).toBeLessThanOrEqual(4)
  const values = (await consume(log, 'read_uncommitted')).filter((r) => r.key === 'a')
  expect(values.map((r) => r.value)).toEqual(['2', '3'])
})

test('waits min.compaction.lag.ms, and goes by max.compaction.lag.ms whatever the ratio', async () => {
  const { log, cleaner, world } = await open('lags', { minCompactionLagMs: 5000 })
  await write(log, [
    ['a', '1'],
    ['a', '2'],
  ])
  await fill(log)
  expect(await cleaner.cleanNext()).toBe(false)
  await world.runFor(5001)
  expect(await cleaner.cleanNext()).toBe(true)
  const lazy = await open('max lag', { minCleanableDirtyRatio: 1, maxCompactionLagMs: 5000 })
  await write(lazy.log, [
    ['a', '1'],
    ['a', '2'],
  ])
  await fill(lazy.log)
  expect(await lazy.cleaner.cleanNext()).toBe(false)
  await lazy.world.runFor(5001)
  expect(await lazy.cleaner.cleanNext()).toBe(true)
  expect(lazy.cleaner.statistics.maxCompactionDelayMs).toBe(1)
})

test('small segments are put together up to segment.bytes', async () => {
  const { log, cleaner } = await open('groups')
  for (let i = 0; i < 30; i++) await write(log, [[`k${i % 3}`, 'v'.repeat(300)]])
  const before = log.segmentCount
  await cleanAll(cleaner)
  await fill(log)
  await cleanAll(cleaner)
  expect(before).toBeGreaterThan(8)
  expect(log.segmentCount).toBeLessThanOrEqual(before / 2)
})

test('a log that cannot be read is left alone and told of', async () => {
  const { log, cleaner, runtime } = await open('damaged')
  await write(log, [
    ['a', '1'],
    ['a', '2'],
  ])
  await fill(log)
  const handle = await runtime.disk.open('/data/t-0/00000000000000000000.log', 'r+')
  await handle.write([Buffer.from([9])], 16)
  await handle.close()
  expect(await cleaner.cleanNext()).toBe(false)
  expect([...cleaner.uncleanable.keys()]).toEqual([log])
  expect(log.failure).toBeNull()
  expect((await runtime.disk.readdir('/data/t-0')).filter((n) => n.endsWith('.cleaned'))).toEqual(
    [],
  )
  expect(await cleaner.cleanNext()).toBe(false)
  expect(cleaner.uncleanable.get(log)).toBeGreaterThan(0)
})

test('a truncation meanwhile undoes the cleaning, not the log', async () => {
  const { log, cleaner } = await open('truncated')
  for (let i = 0; i < 20; i++) await write(log, [[`k${i % 2}`, 'v'.repeat(300)]])
  const cleaning = cleaner.cleanNext()
  await log.truncateTo(3)
  expect(await cleaning).toBe(false)
  expect((await consume(log, 'read_uncommitted')).map((r) => r.offset)).toEqual([0, 1, 2])
  await write(log, [['k0', 'new']])
  await fill(log)
  expect(await cleaner.cleanNext()).toBe(true)
})

test('a read never ends with headers alone while there are records behind them', async () => {
  const { log, cleaner } = await open('hollow')
  for (let i = 0; i < 12; i++) await write(log, [['k', 'v'.repeat(400)]])
  await write(log, [['other', 'x']])
  await cleanAll(cleaner)
  const endOffsetExclusive = log.logEndOffset
  let reads = 0
  for (let offset = 0; offset < endOffsetExclusive; reads++) {
    const request = { offset, maxBytes: 1, minOneBatch: true, endOffsetExclusive }
    const { records, baseOffset, nextOffset } = await log.read(request)
    const counts = [...batchPositions(records)].map((at) => batchRecordCount(records, at))
    expect(counts.at(-1)).toBeGreaterThan(0)
    expect(baseOffset).toBeGreaterThanOrEqual(offset)
    offset = nextOffset
  }
  expect(reads).toBeLessThan(12)
})

test('the largest timestamp is that of a record that is left', async () => {
  const { log, cleaner } = await open('largest timestamp')
  const append = async (timestampMs: number, value: string) => {
    const records = [{ key: Buffer.from('k'), value: Buffer.from(value), timestampMs }]
    await log.append(buildBatch({ records }), client)
    log.setHighWatermark(log.logEndOffset)
  }
  await append(9_000_000, 'x'.repeat(1000))
  for (let i = 0; i < 3; i++) await append(5000 + i, 'y'.repeat(600))
  await cleanAll(cleaner)
  expect(await log.findMaxTimestamp()).toMatchObject({ offset: 3, timestampMs: 5002 })
  expect(await log.findOffsetByTimestamp(6000, log.logEndOffset)).toBeNull()
})

test('compact,delete: retention takes from the start what cleaning has left, and both go on', async () => {
  const { log, cleaner, runtime } = await open('compact and delete', {
    cleanupDelete: true,
    retentionBytes: 2500,
    retentionMs: -1,
  })
  for (let round = 0; round < 6; round++) {
    for (let i = 0; i < 12; i++) await write(log, [[`k${round}-${i % 4}`, 'v'.repeat(200)]])
    // Judged before, carried out after a cleaning has merged what it judged.
    const [, freed] = await Promise.all([
      cleanAll(cleaner),
      log.applyRetention(runtime.clock.nowMs()),
    ])
    expect(freed).toBeGreaterThanOrEqual(0)
    await log.applyRetention(runtime.clock.nowMs())
    await checkOrder(log)
  }
  expect(log.logStartOffset).toBeGreaterThan(0)
  expect(log.sizeBytes).toBeLessThan(2500 + 2 * 1200)
  const left = await consume(log, 'read_uncommitted')
  expect(left.at(-1)).toMatchObject({ offset: log.logEndOffset - 1, key: 'k5-3' })
  expect(left.every(({ offset }) => offset >= log.logStartOffset)).toBe(true)
})

/** What is read is in order, nothing twice. */
async function checkOrder(log: PartitionLog): Promise<void> {
  const offsets = (await consume(log, 'read_uncommitted')).map(({ offset }) => offset)
  expect(offsets).toEqual([...offsets].sort((a, b) => a - b))
  expect(new Set(offsets).size).toBe(offsets.length)
}
