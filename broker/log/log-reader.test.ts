import { expect, test } from 'vitest'
import { client, openTestLog, testBatch } from '../../tests/support/log-fixtures.ts'
import { createMemoryRuntime, SeededRandom } from '../../tests/support/memory-runtime.ts'
import { createLogShared } from './log-shared.ts'

/** A log on disk whose readers hold what they got for a while, as slow connections do. */
async function heldReads(seed: number) {
  const { runtime, world } = createMemoryRuntime({ seed })
  const shared = createLogShared(runtime, { tailRingBytes: 0 })
  const log = await openTestLog(runtime, {
    shared,
    config: { segmentBytes: 600_000, indexIntervalBytes: 4096 },
  })
  const written: Buffer[] = []
  const add = async (count: number) => {
    for (let i = 0; i < count; i++) {
      const batch = testBatch([`${written.length}`.padEnd(16_000, `${written.length % 10}`)])
      await log.append(batch, client)
      written.push(Buffer.from(batch))
    }
  }
  const held: { records: Buffer; expected: Buffer; release: () => void }[] = []
  const read = async (offset: number, maxBytes: number) => {
    let release: () => void = () => undefined
    const { records, nextOffset } = await log.read({
      offset,
      maxBytes,
      minOneBatch: true,
      endOffsetExclusive: log.logEndOffset,
      hold: (given) => {
        release = given
      },
    })
    const expected = Buffer.concat(written.slice(offset, nextOffset))
    held.push({ records, expected, release })
    return nextOffset
  }
  const letGo = (index: number) => {
    const [gone] = held.splice(index, 1)
    if (gone === undefined) return
    expect(gone.records.equals(gone.expected)).toBe(true)
    gone.release()
  }
  return { log, shared, world, written, add, held, read, letGo }
}

test('bytes stay what they are until they are released, whatever else is read meanwhile', async () => {
  const { log, add, held, read, letGo, shared } = await heldReads(1)
  await add(120)
  const random = new SeededRandom(7)
  const offsets = [0, 0, 30, 77]
  for (let step = 0; step < 300; step++) {
    const reader = random.int(offsets.length)
    const maxBytes = [100_000, 100_000, 40_000][random.int(3)] ?? 0
    const next = await read(offsets[reader] ?? 0, maxBytes)
    offsets[reader] = next >= log.logEndOffset ? random.int(50) : next
    if (held.length > 12) letGo(random.int(held.length))
  }
  while (held.length > 0) letGo(0)
  expect(shared.readBuffers.freeBytes).toBeGreaterThan(0)
})

test('a truncation makes what was read ahead void', async () => {
  const { log, written, add, held, read, letGo } = await heldReads(2)
  await add(30)
  // Twice in a row: the third is being read ahead.
  const third = await read(await read(0, 100_000), 100_000)
  await log.truncateTo(third)
  written.length = third
  await add(10)
  await read(third, 100_000)
  while (held.length > 0) letGo(0)
})

test('once nobody reads, no memory is kept', async () => {
  const { add, held, read, letGo, shared, world } = await heldReads(3)
  await add(60)
  for (let offset = 0; offset < 60; ) offset = await read(offset, 100_000)
  while (held.length > 0) letGo(0)
  await world.runFor(10_000)
  await Promise.resolve()
  await world.runFor(10_000)
  expect(shared.readBuffers.freeBytes).toBe(0)
})
