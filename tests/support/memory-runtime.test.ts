import { expect, test } from 'vitest'
import type { Runtime } from '../../broker/runtime/runtime.ts'
import { createMemoryRuntime, createWorld } from './memory-runtime.ts'

async function writeTwice(runtime: Runtime): Promise<void> {
  await runtime.disk.mkdir('/data')
  const handle = await runtime.disk.open('/data/file', 'rw')
  await handle.write([Buffer.from('synced')], 0)
  await handle.sync()
  await handle.write([Buffer.from(' written')], 6)
}

test('a kill keeps what was written, power loss only what was synced', async () => {
  for (const [powerLoss, expected] of [
    [false, 'synced written'],
    [true, 'synced'],
  ] as const) {
    const world = createWorld({ seed: 1 })
    await world.run(writeTwice(world.host('a')))
    world.crash('a', { powerLoss })
    expect((await world.run(world.host('a').disk.readFile('/data/file'))).toString()).toBe(expected)
  }
})

test('power loss undoes names that no sync covered', async () => {
  const world = createWorld({ seed: 1 })
  await world.run(writeTwice(world.host('a')))
  await world.run(world.host('a').disk.rename('/data/file', '/data/other'))
  world.crash('a', { powerLoss: true })
  expect(await world.host('a').disk.readdir('/data')).toEqual(['file'])
})

test('torn writes leave a prefix of what was not synced', async () => {
  const outcomes = new Set<string>()
  for (let seed = 0; seed < 60; seed++) {
    const world = createWorld({ seed })
    await world.run(writeTwice(world.host('a')))
    world.crash('a', { powerLoss: true, tornWrites: true })
    const text = (await world.run(world.host('a').disk.readFile('/data/file'))).toString()
    expect(text.startsWith('synced')).toBe(true)
    outcomes.add(text)
  }
  expect(outcomes.size).toBeGreaterThan(3)
})

test('a host crashed in place of an operation leaves its promise open for ever', async () => {
  const world = createWorld({ seed: 3 })
  const runtime = world.host('a')
  world.crashAtDiskOperation('a', 3, { powerLoss: false })
  let isDone = false
  void writeTwice(runtime).then(() => {
    isDone = true
  })
  await world.runUntil(() => !world.isRunning('a'))
  await world.runFor(1000)
  expect(isDone).toBe(false)
})

async function chatter(seed: number): Promise<string[]> {
  const events: string[] = []
  const world = createWorld({ seed })
  const [a, b] = [world.host('a'), world.host('b')]
  await world.run(
    b.network.listen({ host: 'b', port: 9092 }, (socket) => {
      socket.onData((chunk) => {
        events.push(`${b.clock.monotonicMs()} b got ${chunk.length}`)
        socket.write([chunk])
      })
    }),
  )
  const socket = await world.run(a.network.connect({ host: 'b', port: 9092 }, 1000))
  socket.onData((chunk) => events.push(`${a.clock.monotonicMs()} a got ${chunk.length}`))
  for (let round = 0; round < 30; round++) {
    a.timers.set(a.random.int(100), () => socket.write([Buffer.alloc(a.random.int(200_000))]))
  }
  await world.runFor(1000)
  return events
}

test('the same seed replays exactly, another one does not', async () => {
  const first = await chatter(5)
  expect(first.length).toBeGreaterThan(50)
  expect(await chatter(5)).toEqual(first)
  expect(await chatter(6)).not.toEqual(first)
})

test('connects are refused by a live host and time out on a dark or parted one', async () => {
  const world = createWorld({ seed: 2 })
  const a = world.host('a')
  world.host('b')
  const connect = () => world.run(a.network.connect({ host: 'b', port: 1 }, 500))
  await expect(connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  world.partition('a', 'b')
  await expect(connect()).rejects.toMatchObject({ code: 'ETIMEDOUT' })
  world.heal('a', 'b')
  world.crash('b', { powerLoss: false })
  await expect(connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  world.host('b')
  world.crash('b', { powerLoss: true })
  await expect(connect()).rejects.toMatchObject({ code: 'ETIMEDOUT' })
})

test('a partition holds bytes back until it heals, a kill closes the peers of its sockets', async () => {
  const world = createWorld({ seed: 4 })
  const [a, b] = [world.host('a'), world.host('b')]
  let got = ''
  await world.run(
    b.network.listen({ host: 'b', port: 1 }, (socket) =>
      socket.onData((c) => (got += c.toString())),
    ),
  )
  const socket = await world.run(a.network.connect({ host: 'b', port: 1 }, 500))
  let closed: string | null = null
  socket.onData(() => undefined)
  socket.onClose((error) => {
    closed = error?.code ?? 'orderly'
  })
  world.partition('a', 'b')
  socket.write([Buffer.from('one ')])
  socket.write([Buffer.from('two')])
  await world.runFor(5000)
  expect(got).toBe('')
  world.healAll()
  await world.runUntil(() => got === 'one two')
  world.crash('b', { powerLoss: false })
  await world.runUntil(() => closed !== null)
  expect(closed).toBe('ECONNRESET')
})

test('an orderly end closes both sides without an error', async () => {
  const world = createWorld({ seed: 4 })
  const [a, b] = [world.host('a'), world.host('b')]
  const closed: string[] = []
  await world.run(
    b.network.listen({ host: 'b', port: 1 }, (socket) => {
      socket.onData(() => undefined)
      socket.onClose((error) => closed.push(`b ${error?.code}`))
    }),
  )
  const socket = await world.run(a.network.connect({ host: 'b', port: 1 }, 500))
  socket.onData(() => undefined)
  socket.onClose((error) => closed.push(`a ${error?.code}`))
  socket.end()
  await world.runUntil(() => closed.length === 2)
  expect(closed.toSorted()).toEqual(['a undefined', 'b undefined'])
})

test('a paused host does nothing until it is resumed', async () => {
  const world = createWorld({ seed: 4 })
  let ticks = 0
  world.host('a').timers.set(10, () => ticks++)
  world.pause('a')
  await world.runFor(1000)
  expect(ticks).toBe(0)
  world.resume('a')
  await world.runFor(0)
  expect(ticks).toBe(1)
})

test('the single-host runtime does its I/O by itself and leaves timers to the test', async () => {
  const { runtime, world } = createMemoryRuntime({ seed: 1 })
  await writeTwice(runtime)
  let isFired = false
  runtime.timers.set(100, () => {
    isFired = true
  })
  await runtime.disk.readFile('/data/file')
  expect(isFired).toBe(false)
  await world.runFor(100)
  expect(isFired).toBe(true)
})
