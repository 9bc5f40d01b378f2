// The cleaner at work by itself: its threads, its pauses, its rate, and what its beans tell.
import { expect, test } from 'vitest'
import { buildBatch } from '../../../protocol/records/build.ts'
import { client, openTestLog } from '../../../tests/support/log-fixtures.ts'
import { createWorld, type World } from '../../../tests/support/memory-runtime.ts'
import { Registry } from '../../metrics/registry.ts'
import { createLogShared } from '../log-shared.ts'
import type { PartitionLog } from '../partition-log.ts'
import { registerCleanerBeans } from './beans.ts'
import { cleanerOf } from './cleaner.fixture.ts'
import { defaultLogCleanerSettings } from './log-cleaner.ts'

async function open(seed: string) {
  const world = createWorld({ seed, startMs: 1_000_000 })
  const runtime = world.host('a')
  const shared = createLogShared(runtime, { tailRingBytes: 0 })
  const config = { cleanupCompact: true, segmentBytes: 2000, fileDeleteDelayMs: 0 }
  const log = await world.run(openTestLog(runtime, { shared, config }))
  return { runtime, world, log }
}

async function write(world: World, log: PartitionLog, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const record = { key: Buffer.from('k'), value: Buffer.from(`${i}`.repeat(400)) }
    const batch = buildBatch({ records: [{ ...record, timestampMs: 1_000_000 }] })
    await world.run(log.append(batch, client))
  }
  log.setHighWatermark(log.logEndOffset)
}

test('looks again after log.cleaner.backoff.ms, cleans what has become dirty, and ends when closed', async () => {
  const { runtime, world, log } = await open('background')
  const cleaner = cleanerOf(runtime, log, { backoffMs: 1000 })
  cleaner.start()
  await world.runFor(10)
  await write(world, log, 10)
  const before = log.sizeBytes
  await world.runFor(900)
  expect(log.sizeBytes).toBe(before)
  await world.runFor(200)
  expect(log.sizeBytes).toBeLessThan(before)
  await world.run(cleaner.close())
  await write(world, log, 10)
  const after = log.sizeBytes
  await world.runFor(10_000)
  expect(log.sizeBytes).toBe(after)
})

test('log.cleaner.threads and log.cleaner.enable change while it runs', async () => {
  const { runtime, world, log } = await open('threads')
  const settings = { ...defaultLogCleanerSettings, backoffMs: 1000 }
  const cleaner = cleanerOf(runtime, log, { ...settings, isEnabled: false })
  cleaner.start()
  await write(world, log, 10)
  const before = log.sizeBytes
  await world.runFor(5000)
  expect(log.sizeBytes).toBe(before)
  expect(cleaner.missingThreads).toBe(0)
  cleaner.reconfigure({ ...settings, threads: 2 })
  expect(cleaner.missingThreads).toBe(0)
  await world.runFor(10)
  expect(log.sizeBytes).toBeLessThan(before)
  cleaner.reconfigure({ ...settings, threads: 1 })
  await world.runFor(10)
  await write(world, log, 10)
  const dirty = log.sizeBytes
  await world.runFor(1100)
  expect(log.sizeBytes).toBeLessThan(dirty)
  await world.run(cleaner.close())
})

test('reads and writes no faster than log.cleaner.io.max.bytes.per.second', async () => {
  const { runtime, world, log } = await open('rate')
  await write(world, log, 20)
  const { sizeBytes } = log
  const cleaner = cleanerOf(runtime, log, { ioMaxBytesPerSecond: sizeBytes / 10 })
  const startMs = runtime.clock.monotonicMs()
  expect(await world.run(cleaner.cleanNext())).toBe(true)
  // Read once for the map and once to be copied; the active segment not at all.
  expect(runtime.clock.monotonicMs() - startMs).toBeGreaterThan(12_000)
})

test('a cleaning in progress lets go of its log when the log is to go', async () => {
  const { runtime, world, log } = await open('release')
  await write(world, log, 20)
  const cleaner = cleanerOf(runtime, log, { ioMaxBytesPerSecond: 1000 })
  const cleaning = cleaner.cleanNext()
  await world.runFor(10)
  const released = cleaner.release(log)
  await world.runFor(2000)
  await world.run(released)
  expect(await world.run(cleaning)).toBe(false)
  const names = await world.run(runtime.disk.readdir('/data/t-0'))
  expect(names.filter((name) => name.endsWith('.cleaned'))).toEqual([])
})

test('the beans of LogCleaner and LogCleanerManager tell of the last cleaning', async () => {
  const { runtime, world, log } = await open('beans')
  const cleaner = cleanerOf(runtime, log)
  const metrics = new Registry(runtime)
  registerCleanerBeans(metrics, cleaner, { directories: ['/data'], nowMs: runtime.clock.nowMs })
  await write(world, log, 20)
  expect(await world.run(cleaner.cleanNext())).toBe(true)
  const lastMs = cleaner.statistics.lastLookMs
  await world.runFor(500)
  const read = (bean: string) => metrics.find(`kafka.log:type=${bean}`)?.read().Value
  expect(read('LogCleaner,name=cleaner-recopy-percent')).toBeLessThan(20)
  expect(read('LogCleaner,name=DeadThreadCount')).toBe(0)
  expect(read('LogCleanerManager,name=max-dirty-percent')).toBe(100)
  expect(read('LogCleanerManager,name=time-since-last-run-ms')).toBe(runtime.clock.nowMs() - lastMs)
  const directory = 'logDirectory=/data'
  expect(read(`LogCleanerManager,name=uncleanable-partitions-count,${directory}`)).toBe(0)
  expect(read(`LogCleanerManager,name=uncleanable-bytes,${directory}`)).toBe(0)
})
