import { expect, test } from 'vitest'
import { createMemoryRuntime } from '../../tests/support/memory-runtime.ts'
import { ReadAheads } from './read-ahead.ts'
import { ReadBuffers } from './read-buffers.ts'

const KB = 1024

test('memory is used again only after it was released, and only once for each release', () => {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  const buffers = new ReadBuffers(runtime.timers)
  const first = buffers.take(1024 * KB)
  const second = buffers.take(1024 * KB)
  expect(second.bytes.buffer).not.toBe(first.bytes.buffer)
  first.release()
  first.release()
  const third = buffers.take(700 * KB)
  expect(third.bytes.buffer).toBe(first.bytes.buffer)
  expect(third.bytes.length).toBe(700 * KB)
  expect(buffers.take(1024 * KB).bytes.buffer).not.toBe(first.bytes.buffer)
})

test('a buffer has no more than twice the size asked for, and some room besides', () => {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  const buffers = new ReadBuffers(runtime.timers)
  for (const sizeBytes of [16 * KB, 64 * KB, 81 * KB, 500 * KB, 1040 * KB]) {
    const { bytes } = buffers.take(sizeBytes)
    expect(bytes.length).toBe(sizeBytes)
    expect(bytes.buffer.byteLength).toBeLessThanOrEqual(Math.max(80 * KB, 2 * sizeBytes))
  }
})

test('what is too small or too large is not kept', () => {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  const buffers = new ReadBuffers(runtime.timers)
  for (const sizeBytes of [0, 4 * KB, 5000 * KB]) {
    const { bytes, release } = buffers.take(sizeBytes)
    expect(bytes.length).toBe(sizeBytes)
    release()
  }
  expect(buffers.freeBytes).toBe(0)
})

test('free memory is bounded, and goes when nobody reads any more', async () => {
  const { runtime, world } = createMemoryRuntime({ seed: 1 })
  const boundBytes = 4 * 1024 * KB
  const buffers = new ReadBuffers(runtime.timers, boundBytes)
  const taken = Array.from({ length: 20 }, () => buffers.take(1024 * KB))
  for (const { release } of taken) release()
  expect(buffers.freeBytes).toBeGreaterThan(0)
  expect(buffers.freeBytes).toBeLessThanOrEqual(boundBytes)
  await world.runFor(10_000)
  expect(buffers.freeBytes).toBe(0)
})

test('what reads go on to need is kept', async () => {
  const { runtime, world } = createMemoryRuntime({ seed: 1 })
  const buffers = new ReadBuffers(runtime.timers)
  const [one, two] = [buffers.take(1024 * KB), buffers.take(1024 * KB)]
  one.release()
  two.release()
  for (let round = 0; round < 50; round++) {
    await world.runFor(100)
    buffers.take(1024 * KB).release()
  }
  expect(buffers.freeBytes).toBe(1040 * KB)
})

test('what was read ahead is handed out once, or given back when nobody comes for it', async () => {
  const { runtime, world } = createMemoryRuntime({ seed: 1 })
  const aheads = new ReadAheads(runtime.timers)
  const buffers = new ReadBuffers(runtime.timers)
  const read = () => aheads.add(1024 * KB, Promise.resolve(buffers.take(1024 * KB)))
  const [taken, forgotten] = [read(), read()]
  const buffer = await taken.take()
  expect(taken.take()).toBeNull()
  taken.drop()
  await world.runFor(3000)
  await Promise.resolve()
  expect(forgotten.take()).toBeNull()
  // Only the forgotten one is free again.
  expect(buffers.freeBytes).toBe(1040 * KB)
  buffer?.release()
  expect(buffers.freeBytes).toBe(2 * 1040 * KB)
})

test('a read ahead that fails is nothing; there are so many at most', async () => {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  const aheads = new ReadAheads(runtime.timers)
  const failing = aheads.add(1, Promise.reject(new Error('EIO')))
  expect(await failing.take()).toBeNull()
  let count = 0
  for (; !aheads.isFull; count++) aheads.add(1, new Promise(() => undefined))
  expect(count).toBe(16)
})
