// Topic configurations that act on a log, each changed while the log is open.
import { expect, test } from 'vitest'
import {
  batchBaseTimestamp,
  batchCodec,
  batchMaxTimestamp,
  isLogAppendTimeBatch,
} from '../../protocol/records/batch.ts'
import { buildBatch } from '../../protocol/records/build.ts'
import { client, openTestLog, testBatch, testLogConfig } from '../../tests/support/log-fixtures.ts'
import { createMemoryRuntime } from '../../tests/support/memory-runtime.ts'
import type { PartitionLog } from './partition-log.ts'
import type { LogConfig } from './types.ts'

const START_MS = 1_000_000

async function open(change: Partial<LogConfig> = {}) {
  const { runtime, world } = createMemoryRuntime({ seed: 'settings', startMs: START_MS })
  const log = await openTestLog(runtime, { config: change })
  const set = (next: Partial<LogConfig>) => log.updateConfig({ ...testLogConfig, ...next })
  return { runtime, world, log, set }
}

const append = (log: PartitionLog, value: string, timestampMs = START_MS) =>
  log.append(testBatch([value], { timestampMs }), client)

async function lastBatch(log: PartitionLog): Promise<Buffer> {
  const { records } = await log.read({
    offset: log.logEndOffset - 1,
    maxBytes: 1e6,
    minOneBatch: true,
    endOffsetExclusive: log.logEndOffset,
  })
  return records
}

test('a smaller segment.bytes rolls at the next append, segment.ms by the age of the first record', async () => {
  const { log, set } = await open()
  for (let i = 0; i < 5; i++) await append(log, 'x'.repeat(500))
  expect(log.segmentCount).toBe(1)
  set({ segmentBytes: 1000 })
  await append(log, 'y')
  expect(log.segmentCount).toBe(2)
  set({ segmentMs: 5000 })
  await append(log, 'z', START_MS + 5000)
  expect(log.segmentCount).toBe(2)
  await append(log, 'z', START_MS + 5001)
  expect(log.segmentCount).toBe(3)
})

test('segment.jitter.ms takes a random part of itself off each segment', async () => {
  const ages: number[] = []
  const { log } = await open({ segmentMs: 10_000, segmentJitterMs: 8000 })
  let first = START_MS
  await append(log, 'x', first)
  for (let at = first + 100; ages.length < 8; at += 100) {
    const before = log.segmentCount
    await append(log, 'x', at)
    if (log.segmentCount === before) continue
    ages.push(at - first)
    first = at
  }
  expect(Math.min(...ages)).toBeGreaterThan(2000)
  expect(Math.max(...ages)).toBeLessThanOrEqual(10_100)
  expect(new Set(ages).size).toBeGreaterThan(4)
})

test('segment.index.bytes rolls when the offset index is full', async () => {
  const { log, set } = await open({ indexIntervalBytes: 100 })
  set({ indexIntervalBytes: 100, segmentIndexBytes: 16 })
  for (let i = 0; i < 12; i++) await append(log, 'x'.repeat(80))
  expect(log.segmentCount).toBeGreaterThan(2)
})

test('preallocate gives a file its full size, and a roll or a clean close takes the rest back', async () => {
  const { log, runtime, set } = await open({ preallocate: true, segmentBytes: 4096 })
  const size = async (base: number) =>
    (await runtime.disk.stat(`/data/t-0/${String(base).padStart(20, '0')}.log`))?.sizeBytes
  await append(log, 'x')
  expect(await size(0)).toBe(4096)
  const { sizeBytes } = log
  set({ preallocate: true, segmentBytes: sizeBytes })
  await append(log, 'x')
  expect(await size(0)).toBe(sizeBytes)
  await log.close()
  expect(await size(1)).toBe(sizeBytes)
  const again = await openTestLog(runtime, { hadCleanShutdown: true })
  expect(again.logEndOffset).toBe(2)
})

test('a kill leaves zeros behind the last batch of a preallocated file, which recovery cuts off', async () => {
  const { log, runtime } = await open({ preallocate: true, segmentBytes: 4096 })
  await append(log, 'x')
  await log.abandon()
  const again = await openTestLog(runtime)
  expect(again.logEndOffset).toBe(1)
  expect(again.sizeBytes).toBe(log.sizeBytes)
})

test('flush.messages syncs as soon as so many records are not on disk', async () => {
  const { log, set } = await open()
  await append(log, 'x')
  expect(log.recoveryPoint).toBe(0)
  set({ flushMessages: 2 })
  await append(log, 'x')
  expect(log.recoveryPoint).toBe(2)
})

test('compression.type makes the leader compress anew, or leave the batch as it came', async () => {
  const { log, set } = await open()
  await append(log, 'x'.repeat(200))
  expect(batchCodec(await lastBatch(log), 0)).toBe(0)
  for (const [compressionType, codec] of [
    ['gzip', 1],
    ['snappy', 2],
    ['lz4', 3],
    ['zstd', 4],
  ] as const) {
    set({ compressionType })
    await append(log, 'x'.repeat(200))
    expect(batchCodec(await lastBatch(log), 0)).toBe(codec)
  }
  // Large enough for a worker.
  await append(log, 'x'.repeat(100_000))
  expect((await lastBatch(log)).length).toBeLessThan(1000)
  set({ compressionType: 'uncompressed' })
  await append(log, 'x')
  expect(batchCodec(await lastBatch(log), 0)).toBe(0)
})

test('compression levels make a difference in size', async () => {
  const { log, set } = await open()
  const value = Array.from({ length: 5000 }, (_, i) => `${i * 7919}`).join(' ')
  const sizeAt = async (type: 'gzip' | 'zstd', level: number) => {
    const compressionLevels = { ...testLogConfig.compressionLevels, [type]: level }
    set({ compressionType: type, compressionLevels })
    await append(log, value)
    return (await lastBatch(log)).length
  }
  expect(await sizeAt('gzip', 9)).toBeLessThan(await sizeAt('gzip', 1))
  expect(await sizeAt('zstd', 19)).toBeLessThan(await sizeAt('zstd', 1))
})

test('message.timestamp.type and its bounds hold from the next append on', async () => {
  const { log, set, runtime } = await open({ messageTimestampAfterMaxMs: 1000 })
  await append(log, 'x', START_MS + 1000)
  await expect(append(log, 'x', START_MS + 1001)).rejects.toMatchObject({ code: 32 })
  set({ messageTimestampBeforeMaxMs: 500 })
  await append(log, 'x', START_MS - 500)
  // The second record is older than the header tells.
  const key = Buffer.from('k')
  const records = [START_MS, START_MS - 501].map((timestampMs) => ({
    key,
    value: key,
    timestampMs,
  }))
  await expect(log.append(buildBatch({ records }), client)).rejects.toMatchObject({
    code: 32,
    recordErrors: [{ batchIndex: 1 }],
  })
  set({ messageTimestampType: 'LogAppendTime', messageTimestampBeforeMaxMs: 500 })
  const { logAppendTimeMs } = await append(log, 'x', 5)
  expect(logAppendTimeMs).toBe(runtime.clock.nowMs())
  const batch = await lastBatch(log)
  expect([
    isLogAppendTimeBatch(batch, 0),
    batchMaxTimestamp(batch, 0),
    batchBaseTimestamp(batch, 0),
  ]).toEqual([true, START_MS, 5])
})

test('max.message.bytes counts the batch as it is stored', async () => {
  const { log, set } = await open()
  set({ maxMessageBytes: 1000 })
  await expect(append(log, 'x'.repeat(2000))).rejects.toMatchObject({ code: 10 })
  set({ maxMessageBytes: 3000 })
  await append(log, 'x'.repeat(2000))
})

test('a compacted topic takes no record without a key, from the change on', async () => {
  const { log, set } = await open()
  const keyless = () =>
    buildBatch({
      records: [
        { key: Buffer.from('k'), value: Buffer.from('v'), timestampMs: 1 },
        { key: null, value: Buffer.from('v'), timestampMs: 1 },
      ],
    })
  await log.append(keyless(), client)
  set({ cleanupCompact: true })
  await expect(log.append(keyless(), client)).rejects.toMatchObject({
    code: 87,
    recordErrors: [{ batchIndex: 1 }],
  })
})

test('retention.ms and retention.bytes drop what they no longer allow', async () => {
  const { log, set, runtime } = await open({ segmentBytes: 700, retentionMs: -1 })
  for (let i = 0; i < 8; i++) await append(log, 'x'.repeat(500), START_MS + i)
  log.setHighWatermark(log.logEndOffset)
  expect(await log.applyRetention(runtime.clock.nowMs())).toBe(0)
  set({ retentionMs: -1, retentionBytes: 2000 })
  expect(await log.applyRetention(runtime.clock.nowMs())).toBeGreaterThan(0)
  expect(log.logStartOffset).toBe(4)
  set({ retentionMs: 1 })
  expect(await log.applyRetention(START_MS + 8)).toBeGreaterThan(0)
  expect(log.logStartOffset).toBe(7)
  set({ retentionMs: 1, cleanupDelete: false })
  expect(await log.applyRetention(START_MS + 1_000_000)).toBe(0)
})
