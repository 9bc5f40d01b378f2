import { expect, test } from 'vitest'
import { createMemoryRuntime } from '../../tests/support/memory-runtime.ts'
import { ConnectionLimits } from './connection-limits.ts'
import { ConnectionRate } from './connection-rate.ts'
import { defaultListenerSettings, SocketListener } from './listener.ts'

const unlimited = Number.POSITIVE_INFINITY

test('ten seconds of a rate come at once, what is beyond waits its turn', () => {
  const rate = new ConnectionRate()
  rate.update({ broker: 2, byListener: new Map(), exempt: null })
  const atOnce = Array.from({ length: 20 }, () => rate.delayMs('PLAINTEXT', 1000))
  expect(atOnce.every((delay) => delay === 0)).toBe(true)
  expect(rate.delayMs('PLAINTEXT', 1000)).toBe(500)
  expect(rate.delayMs('PLAINTEXT', 1000)).toBe(1000)
  expect(rate.delayMs('PLAINTEXT', 3000)).toBe(0)
})

test('the stricter of the two rates holds, and the listener between brokers has its own alone', () => {
  const rate = new ConnectionRate()
  rate.update({ broker: 1, byListener: new Map([['BROKERS', 3]]), exempt: 'BROKERS' })
  for (let i = 0; i < 10; i++) rate.delayMs('CLIENTS', 0)
  expect(rate.delayMs('CLIENTS', 0)).toBe(1000)
  for (let i = 0; i < 30; i++) expect(rate.delayMs('BROKERS', 0)).toBe(0)
  expect(rate.delayMs('BROKERS', 0)).toBeCloseTo(333.3, 0)
  rate.update({ broker: unlimited, byListener: new Map(), exempt: null })
  expect(rate.delayMs('CLIENTS', 0)).toBe(0)
  expect(rate.delayMs('BROKERS', 0)).toBe(0)
})

test('no one waits longer than a minute', () => {
  const rate = new ConnectionRate()
  rate.update({ broker: 0, byListener: new Map(), exempt: null })
  expect(rate.delayMs('PLAINTEXT', 0)).toBe(60_000)
  rate.update({ broker: 1, byListener: new Map(), exempt: null })
  for (let i = 0; i < 500; i++) rate.delayMs('PLAINTEXT', 0)
  expect(rate.delayMs('PLAINTEXT', 0)).toBe(60_000)
})

test('a connection beyond the rate is served once its turn has come, and gives its place back if it ends first', async () => {
  const { runtime, world } = createMemoryRuntime({ seed: 1 })
  const limits = new ConnectionLimits()
  limits.rate.update({ broker: 1, byListener: new Map(), exempt: null })
  const endpoint = { host: 'local', port: 9092 }
  const listener = await world.run(
    SocketListener.open({
      name: 'PLAINTEXT',
      endpoint,
      runtime,
      settings: defaultListenerSettings,
      limits,
      dispatch: () => Promise.resolve(null),
      serves: () => true,
    }),
  )
  const { network } = world.host('client')
  const sockets = []
  for (let i = 0; i < 12; i++) sockets.push(await world.run(network.connect(endpoint, 1000)))
  await world.runFor(300)
  expect(listener.connectionCount).toBe(10)
  await world.runFor(1000)
  expect(listener.connectionCount).toBe(11)
  sockets.at(-1)?.destroy()
  await world.runFor(5000)
  expect(listener.connectionCount).toBe(11)
  await world.run(listener.close())
})
