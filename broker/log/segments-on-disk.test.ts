import { expect, test } from 'vitest'
import { batchCodec, verifyBatchCrc } from '../../protocol/records/batch.ts'
import { compressBatch } from '../../protocol/records/build.ts'
import { readRecords } from '../../protocol/records/read.ts'
import { client, openTestLog, testBatch } from '../../tests/support/log-fixtures.ts'
import { createMemoryRuntime } from '../../tests/support/memory-runtime.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { checkIndexes } from './index-check.fixture.ts'
import { createLogShared } from './log-shared.ts'
import type { PartitionLog } from './partition-log.ts'

const noRing = (runtime: Runtime) => createLogShared(runtime, { tailRingBytes: 0 })

async function append(log: PartitionLog, count: number, timestampMs = 1000): Promise<void> {
  for (let i = 0; i < count; i++) await log.append(testBatch(['a', 'b'], { timestampMs }), client)
}

test('a segment is rolled by the age of its records, across a reopening too', async () => {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  const config = { segmentMs: 500 }
  let log = await openTestLog(runtime, { config })
  await append(log, 2, 1000)
  await append(log, 1, 1500)
  expect(log.segmentCount).toBe(1)
  await log.close()
  log = await openTestLog(runtime, { config, hadCleanShutdown: true })
  await append(log, 1, 1502)
  expect(log.segmentCount).toBe(2)
  await append(log, 1, 1503)
  expect(log.segmentCount).toBe(2)
})

test('a segment is rolled when its index is full', async () => {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  const config = { segmentIndexBytes: 80, indexIntervalBytes: 50 }
  const log = await openTestLog(runtime, { config })
  await append(log, 50)
  expect(log.segmentCount).toBeGreaterThanOrEqual(5)
  await checkIndexes(runtime, log)
})

test('a batch larger than the read is given whole, or not at all', async () => {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  const log = await openTestLog(runtime, { shared: noRing(runtime) })
  const small = testBatch(['s'])
  const large = testBatch(['x'.repeat(100_000)])
  await log.append(small, client)
  await log.append(large, client)
  await log.append(testBatch(['t']), client)
  const read = (offset: number, maxBytes: number, minOneBatch: boolean) =>
    log.read({ offset, maxBytes, minOneBatch, endOffsetExclusive: 3 })
  expect((await read(1, 1000, true)).records.equals(large)).toBe(true)
  expect((await read(1, 1000, false)).records).toHaveLength(0)
  expect(await read(0, small.length + 1000, true)).toMatchObject({ nextOffset: 1 })
  expect(await read(2, 10, true)).toMatchObject({ baseOffset: 2, nextOffset: 3 })
})

test('sequential reads need no more bytes than they give', async () => {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  const log = await openTestLog(runtime, { shared: noRing(runtime) })
  await append(log, 200)
  const size = testBatch(['a', 'b']).length
  for (let offset = 0; offset < 400; ) {
    const request = { offset, maxBytes: size * 10, minOneBatch: true, endOffsetExclusive: 400 }
    const result = await log.read(request)
    expect(result).toMatchObject({ baseOffset: offset, nextOffset: offset + 20 })
    // The buffer under the answer is what was read from the file.
    expect(result.records.buffer.byteLength).toBe(size * 10)
    offset = result.nextOffset
  }
})

test('reads beside a truncation never give a mixture', async () => {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  const log = await openTestLog(runtime, { shared: noRing(runtime) })
  await append(log, 20)
  const reading = log.read({ offset: 0, maxBytes: 1e6, minOneBatch: true, endOffsetExclusive: 40 })
  await Promise.all([log.truncateTo(10), log.append(testBatch(['new']), client)])
  const { records } = await reading
  for (let at = 0; at < records.length; at += records.readInt32BE(at + 8) + 12) {
    expect(verifyBatchCrc(records, at)).toBe(true)
  }
})

test('flush.messages syncs before it answers', async () => {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  const log = await openTestLog(runtime, { config: { flushMessages: 4 } })
  await append(log, 1)
  expect(log.recoveryPoint).toBe(0)
  await append(log, 1)
  expect(log.recoveryPoint).toBe(4)
})

test('retention by size rolls and drops, and readers of old data learn it', async () => {
  const { runtime, world } = createMemoryRuntime({ seed: 1 })
  const config = { segmentBytes: 400, retentionBytes: 500, retentionMs: -1 }
  const log = await openTestLog(runtime, { config })
  await append(log, 40)
  const before = log.sizeBytes
  expect(await log.applyRetention(0)).toBe(0)
  log.setHighWatermark(80)
  const freed = await log.applyRetention(0)
  expect(log.sizeBytes).toBe(before - freed)
  expect(log.sizeBytes).toBeGreaterThanOrEqual(500)
  expect(log.sizeBytes).toBeLessThan(900)
  expect(() =>
    log.read({ offset: 0, maxBytes: 1, minOneBatch: true, endOffsetExclusive: 80 }),
  ).toThrow(expect.objectContaining({ code: 1 }))
  const deleted = async () =>
    (await runtime.disk.readdir(log.directory)).filter((name) => name.endsWith('.deleted')).length
  expect(await deleted()).toBeGreaterThan(0)
  await world.runFor(60_000)
  await log.flush()
  expect(await deleted()).toBe(0)
  expect(log.epochs()).toEqual([{ epoch: 0, startOffset: log.logStartOffset }])
  await checkIndexes(runtime, log)
})

test('DeleteRecords moves the start at once and retention drops what lies below', async () => {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  const log = await openTestLog(runtime, { config: { segmentBytes: 400, cleanupDelete: false } })
  await append(log, 20)
  log.setHighWatermark(40)
  await log.advanceLogStartOffset(25)
  await log.advanceLogStartOffset(3)
  expect(log.logStartOffset).toBe(25)
  await expect(log.advanceLogStartOffset(41)).rejects.toMatchObject({ code: 1 })
  const { segmentCount } = log
  await log.applyRetention(0)
  expect(log.segmentCount).toBeLessThan(segmentCount)
  expect(log.logStartOffset).toBe(25)
})

test('compression.type of the topic is what the log holds', async () => {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  const log = await openTestLog(runtime, { config: { compressionType: 'lz4' } })
  const producer = { producerId: 3, producerEpoch: 0 }
  const values = ['v'.repeat(500), 'w'.repeat(500)]
  const sent = [
    testBatch(values, { ...producer, baseSequence: 0 }),
    await compressBatch(testBatch(values, { ...producer, baseSequence: 2 }), 'gzip'),
    await compressBatch(testBatch(values, { ...producer, baseSequence: 4 }), 'lz4'),
  ]
  const infos = await Promise.all(sent.map((records) => log.append(records, client)))
  expect(infos.map((info) => info.firstOffset)).toEqual([0, 2, 4])
  for (const offset of [0, 2, 4]) {
    const request = { offset, maxBytes: 1, minOneBatch: true, endOffsetExclusive: 6 }
    const { records } = await log.read(request)
    expect(batchCodec(records, 0)).toBe(3)
    expect(verifyBatchCrc(records, 0)).toBe(true)
    const decoded = await readRecords(records)
    expect(decoded.map((r) => [r.offset, String(r.value)])).toEqual([
      [offset, values[0]],
      [offset + 1, values[1]],
    ])
  }
  expect(log.activeProducers()[0]).toMatchObject({ lastSequence: 5 })
})
