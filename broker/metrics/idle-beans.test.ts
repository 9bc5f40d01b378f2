// How idle the event loop is, on a clock of the test: shares of the time, over the windows of Kafka's meters.
import { expect, test } from 'vitest'
import { registerIdleBeans } from './idle-beans.ts'
import { Registry } from './registry.ts'

test('an idle share of three quarters is what every bean tells', () => {
  let nowMs = 1000
  let idleMs = 400
  const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs }
  const registry = new Registry({ clock })
  const idle = registerIdleBeans(registry, clock, () => idleMs)
  const read = (name: string) => registry.find(name)?.read()
  const network = 'kafka.network:type=SocketServer,name=NetworkProcessorAvgIdlePercent'
  expect(read(network)).toEqual({ Value: 1 })
  for (let second = 0; second < 1800; second++) {
    nowMs += 1000
    idleMs += 750
    idle.look()
  }
  expect(read(network)?.Value).toBeCloseTo(0.75, 9)
  const processor = 'kafka.network:type=Processor,name=IdlePercent,networkProcessor=0'
  expect(read(processor)?.Value).toBeCloseTo(0.75, 9)
  for (const pool of ['', 'Broker', 'Controller']) {
    const name = `kafka.server:type=KafkaRequestHandlerPool,name=${pool}RequestHandlerAvgIdlePercent`
    const bean = read(name)
    expect(bean).toMatchObject({ EventType: 'percent', RateUnit: 'NANOSECONDS', Count: 1350e9 })
    expect(bean?.OneMinuteRate).toBeCloseTo(0.75, 6)
    expect(bean?.MeanRate).toBeCloseTo(0.75, 6)
  }
  // Work for a minute and more: what is over leaves the windows.
  for (let second = 0; second < 90; second++) {
    nowMs += 1000
    idle.look()
  }
  expect(read(network)?.Value).toBe(0)
})
