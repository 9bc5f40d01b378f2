import { expect, test } from 'vitest'
import { client, openTestLog, testBatch } from '../../tests/support/log-fixtures.ts'
import { createMemoryRuntime, createWorld } from '../../tests/support/memory-runtime.ts'
import type { Disk, Runtime } from '../runtime/runtime.ts'
import { checkIndexes } from './index-check.fixture.ts'
import { createLogShared } from './log-shared.ts'
import { offsetName } from './names.ts'

const config = { segmentBytes: 500, indexIntervalBytes: 120 }
const directory = '/data/t-0'
const segment = (base: number, suffix = '.log') => `${directory}/${offsetName(base)}${suffix}`
const open = (runtime: Runtime, more: Parameters<typeof openTestLog>[1] = {}) =>
  openTestLog(runtime, { config, shared: createLogShared(runtime, { tailRingBytes: 0 }), ...more })

/** A closed log of 40 offsets in several segments. */
async function filled({ runtime } = createMemoryRuntime({ seed: 1 })): Promise<Runtime> {
  const log = await open(runtime)
  for (let i = 0; i < 20; i++) {
    const producer = { producerId: 1, producerEpoch: 0, baseSequence: i * 2 }
    const batch = testBatch(['a', 'b'], { ...producer, timestampMs: 1000 + i })
    await log.append(batch, { origin: 'client', leaderEpoch: i >> 3 })
  }
  expect(log.segmentCount).toBe(4)
  await log.close()
  return runtime
}

async function bases(disk: Disk): Promise<number[]> {
  const names = await disk.readdir(directory)
  return names
    .filter((n) => n.endsWith('.log'))
    .map((n) => Number(n.slice(0, 20)))
    .sort((a, b) => a - b)
}

async function change(disk: Disk, file: string, alter: (bytes: Buffer) => Buffer): Promise<void> {
  const bytes = alter(await disk.readFile(file))
  const handle = await disk.open(file, 'rw')
  await handle.truncate(0)
  await handle.write([bytes], 0)
  await handle.close()
}

test('a damaged batch cuts the log there and drops later segments', async () => {
  const runtime = await filled()
  const [, second = 0, third = 0] = await bases(runtime.disk)
  await change(runtime.disk, segment(second), (bytes) => {
    bytes[bytes.length - 5] = (bytes[bytes.length - 5] as number) ^ 1
    return bytes
  })
  const log = await open(runtime)
  expect(log.logEndOffset).toBe(third - 2)
  expect(log).toMatchObject({ segmentCount: 2, recoveryPoint: 0 })
  expect(log.activeProducers()[0]?.lastSequence).toBe(log.logEndOffset - 1)
  await checkIndexes(runtime, log)
})

test('what recovery cut off does not come back with a loss of power, behind what was written since', async () => {
  for (let seed = 1; seed <= 30; seed++) {
    const { runtime, world } = createMemoryRuntime({ seed })
    await filled({ runtime, world })
    const [, second = 0, third = 0] = await bases(runtime.disk)
    await change(runtime.disk, segment(second), (bytes) => {
      bytes[bytes.length - 5] = (bytes[bytes.length - 5] as number) ^ 1
      return bytes
    })
    const log = await open(runtime)
    // Up to where the first segment that was dropped begins.
    await log.append(testBatch(['new', 'new']), { origin: 'client', leaderEpoch: 3 })
    world.crash('local', { powerLoss: true, tornWrites: true })
    const again = await open(world.host('local'))
    expect(again.logEndOffset).toBeLessThanOrEqual(third)
  }
})

test('what lies below the recovery point is not read again', async () => {
  const runtime = await filled()
  const [, second = 0, third = 0] = await bases(runtime.disk)
  await change(runtime.disk, segment(second), (bytes) => {
    bytes[80] = (bytes[80] as number) ^ 1
    return bytes
  })
  expect(await open(runtime, { recoveryPoint: third })).toMatchObject({ logEndOffset: 40 })
})

test('a hole between segments ends the log before it', async () => {
  const runtime = await filled()
  const [, second = 0, third = 0] = await bases(runtime.disk)
  await change(runtime.disk, segment(second), () => Buffer.alloc(0))
  expect(third).toBeGreaterThan(second)
  const log = await open(runtime)
  expect(log).toMatchObject({ logEndOffset: second, segmentCount: 2 })
  expect(await log.append(testBatch(['next']), client)).toMatchObject({ firstOffset: second })
})

test('garbage behind the last batch is found even after a clean stop', async () => {
  const runtime = await filled()
  const last = (await bases(runtime.disk)).at(-1) ?? 0
  await change(runtime.disk, segment(last), (bytes) => Buffer.concat([bytes, Buffer.alloc(30, 7)]))
  const log = await open(runtime, { hadCleanShutdown: true, recoveryPoint: 40 })
  expect(log.logEndOffset).toBe(40)
  await checkIndexes(runtime, log)
})

test('missing or senseless indexes are made anew', async () => {
  const runtime = await filled()
  const [first = 0, second = 0, , last = 0] = await bases(runtime.disk)
  await runtime.disk.unlink(segment(first, '.index'))
  await runtime.disk.unlink(segment(last, '.timeindex'))
  await change(runtime.disk, segment(second, '.index'), () =>
    Buffer.from('00000001000fffff', 'hex'),
  )
  const log = await open(runtime, { hadCleanShutdown: true, recoveryPoint: 40 })
  for (let offset = 0; offset < 40; offset++) {
    const request = { offset, maxBytes: 1, minOneBatch: true, endOffsetExclusive: 40 }
    expect(await log.read(request)).toMatchObject({ baseOffset: offset - (offset % 2) })
    expect(await log.findOffsetByTimestamp(1000 + (offset >> 1), 40)).not.toBeNull()
  }
  await checkIndexes(runtime, log)
})

test('leftovers of deletion and compaction are swept, a finished swap takes its place', async () => {
  const runtime = await filled()
  const [first = 0, second = 0, third = 0, fourth = 0] = await bases(runtime.disk)
  const { disk } = runtime
  const merged = Buffer.concat([
    await disk.readFile(segment(first)),
    await disk.readFile(segment(second)),
  ])
  const write = (file: string, bytes: Buffer) => disk.writeFileAtomic(file, bytes)
  await write(segment(first, '.log.swap'), merged)
  await write(segment(first, '.index.swap'), Buffer.alloc(8))
  await write(segment(third, '.log.cleaned'), Buffer.alloc(5))
  await write(segment(third, '.log.swap'), Buffer.alloc(5))
  await write(segment(7, '.log.deleted'), Buffer.alloc(5))
  await write(segment(99, '.index'), Buffer.alloc(8))
  const log = await open(runtime, { hadCleanShutdown: true, recoveryPoint: 40 })
  expect(await bases(disk)).toEqual([0, third, fourth])
  expect(log).toMatchObject({ logEndOffset: 40, segmentCount: 3 })
  const left = (await disk.readdir(directory)).filter((n) =>
    /cleaned|deleted|swap|99\.index/.test(n),
  )
  expect(left).toEqual([])
  // The merged segment's indexes are made when first needed.
  const inside = { offset: second + 1, maxBytes: 1, minOneBatch: true, endOffsetExclusive: 40 }
  expect(await log.read(inside)).toMatchObject({ baseOffset: second })
  await checkIndexes(runtime, log)
})

test('a damaged epoch file and torn snapshots are replaced from the log', async () => {
  const runtime = await filled()
  const { disk } = runtime
  await disk.writeFileAtomic(`${directory}/leader-epoch-checkpoint`, 'rubbish')
  for (const name of await disk.readdir(directory)) {
    if (name.endsWith('.snapshot'))
      await change(disk, `${directory}/${name}`, (b) => b.subarray(0, 12))
  }
  const log = await open(runtime, { hadCleanShutdown: true, recoveryPoint: 40 })
  expect(log.epochs()).toEqual([0, 1, 2].map((epoch) => ({ epoch, startOffset: epoch * 16 })))
  expect(log.activeProducers()[0]).toMatchObject({ lastSequence: 39 })
})

test('a log start behind everything that is left begins an empty log there', async () => {
  const runtime = await filled()
  const log = await open(runtime, { logStartOffset: 100 })
  expect(log).toMatchObject({ logStartOffset: 100, logEndOffset: 100, segmentCount: 1 })
  expect(await log.append(testBatch(['x']), client)).toMatchObject({ firstOffset: 100 })
})

/** `target`, but for what `other` puts in the place of some of its methods. */
function withOther<T extends object>(target: T, other: Partial<T>): T {
  return new Proxy(target, {
    get: (_target, name) => {
      const value = Reflect.get(name in other ? other : target, name) as unknown
      return typeof value === 'function' && !(name in other) ? value.bind(target) : value
    },
  })
}

/** The same host, but nothing that is asked to be synced ever is. */
function withoutSync(runtime: Runtime): Runtime {
  const sync = () => new Promise<void>(() => undefined)
  const { disk } = runtime
  const open: Disk['open'] = async (...args) => withOther(await disk.open(...args), { sync })
  return { ...runtime, disk: withOther(disk, { open }) }
}

test.each([1, 2, 3])(
  'what a kill left in the page cache is synced before the recovery point passes it: seed %i',
  async (seed) => {
    const world = createWorld({ seed })
    const small = { segmentBytes: 300 }
    const reopen = (runtime: Runtime, recoveryPoint: number) =>
      world.run(openTestLog(runtime, { config: small, recoveryPoint }))
    let log = await reopen(withoutSync(world.host('a')), 0)
    for (let i = 0; i < 12; i++) await world.run(log.append(testBatch([`value ${i}`]), client))
    expect([log.segmentCount > 2, log.recoveryPoint]).toEqual([true, 0])
    world.crash('a', { powerLoss: false, tornWrites: false })
    log = await reopen(world.host('a'), 0)
    expect(log.logEndOffset).toBe(12)
    await world.run(log.flush())
    const { recoveryPoint } = log
    expect(recoveryPoint).toBe(12)
    world.crash('a', { powerLoss: true, tornWrites: true })
    log = await reopen(world.host('a'), recoveryPoint)
    for (let offset = 0; offset < 12; offset++) {
      const request = { offset, maxBytes: 1, minOneBatch: true, endOffsetExclusive: offset + 1 }
      const read = await world.run(Promise.resolve(log.read(request)))
      expect([read.baseOffset, read.nextOffset]).toEqual([offset, offset + 1])
    }
  },
)

test('a log that holds nothing is recovered without a file opened or changed', async () => {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  await (await open(runtime)).close()
  const names = await runtime.disk.readdir(directory)
  const asked: string[] = []
  const noted = Object.fromEntries(
    (['open', 'writeFileAtomic', 'rename', 'unlink', 'remove', 'syncDirectory'] as const).map(
      (name) => [name, (path: string) => Promise.reject(new Error(`${asked.push(path)}: ${name}`))],
    ),
  )
  const disk = withOther(runtime.disk, noted as Partial<Disk>)
  const log = await open({ ...runtime, disk }, { hadCleanShutdown: false })
  expect([log.logEndOffset, asked]).toEqual([0, []])
  await checkIndexes(runtime, log)
  expect(await runtime.disk.readdir(directory)).toEqual(names)
})
