import { describe, expect, test } from 'vitest'
import { createWorld } from '../../tests/support/memory-runtime.ts'
import { SnapshotStore } from './snapshots.ts'

const directory = '/data/__cluster_metadata-0'
const id = { offset: 120, epoch: 4 }
const content = {
  lastContainedLogTimestampMs: 77,
  records: Array.from({ length: 3000 }, (_unused, index) => Buffer.alloc(200, index)),
}

async function setUp() {
  const world = createWorld({ seed: 1 })
  const open = () => {
    const { disk, clock } = world.host('node1')
    return world.run(SnapshotStore.open({ disk, directory, nowMs: clock.nowMs }))
  }
  const { disk } = world.host('node1')
  await world.run(disk.mkdir(directory))
  await world.run(disk.syncDirectory('/data'))
  await world.run(disk.syncDirectory('/'))
  return { world, open, store: await open() }
}

describe('SnapshotStore', () => {
  test('gives back what was written, also after a restart', async () => {
    const { world, open, store } = await setUp()
    await world.run(store.write(id, content))
    world.crash('node1', { powerLoss: true })
    const again = await open()
    expect(again.latest).toMatchObject({ ...id, lastContainedLogTimestampMs: 77 })
    const read = await world.run(again.read(id))
    expect(read.lastContainedLogTimestampMs).toBe(77)
    expect(Buffer.concat(read.records).equals(Buffer.concat(content.records))).toBe(true)
  })

  test('has nothing or all of it, wherever a crash comes', async () => {
    const { world, open } = await setUp()
    for (let operation = 1; operation < 12; operation += 1) {
      const before = await open()
      if (before.latest !== null) await world.run(before.remove(id))
      world.crashAtDiskOperation('node1', operation, { powerLoss: true, tornWrites: true })
      const writing = before.write(id, content)
      writing.catch(() => undefined)
      await world.runFor(60_000)
      if (world.isRunning('node1')) await world.run(writing)
      world.crash('node1', { powerLoss: true })
      const after = await open()
      if (after.latest === null) continue
      expect((await world.run(after.read(id))).records.length).toBe(content.records.length)
    }
  })

  test('takes a snapshot in pieces and refuses a damaged one', async () => {
    const { world, store } = await setUp()
    await world.run(store.write(id, content))
    const pieces: Buffer[] = []
    for (let at = 0; ; ) {
      const chunk = await world.run(store.readChunk(id, at, 100_000))
      if (chunk === null || chunk.bytes.length === 0) break
      pieces.push(chunk.bytes)
      at += chunk.bytes.length
    }
    const copy = { offset: 121, epoch: 4 }
    const take = async (parts: readonly Buffer[]) => {
      let at = 0
      for (const part of parts) {
        await world.run(store.storeChunk(copy, at, part))
        at += part.length
      }
      return world.run(store.finishPartial(copy))
    }
    const damaged = pieces.map((piece) => Buffer.from(piece))
    damaged[3]?.writeUInt8(99, 50)
    expect(await take(damaged)).toBe(false)
    expect(await take(pieces.slice(0, -1))).toBe(false)
    expect(await take(pieces)).toBe(true)
    expect((await world.run(store.read(copy))).records.length).toBe(content.records.length)
  })

  test('knows nothing of a snapshot it does not have', async () => {
    const { world, store } = await setUp()
    expect(await world.run(store.readChunk({ offset: 5, epoch: 1 }, 0, 10))).toBeNull()
  })
})
