// Rates and distributions as Kafka's beans report them, on a clock of the test.
import { expect, test } from 'vitest'
import { canonicalName, nameMatcher, parseObjectName } from './object-name.ts'
import { Registry } from './registry.ts'

function create() {
  let nowMs = 1000
  const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs }
  return { registry: new Registry({ clock }), advance: (ms: number) => (nowMs += ms) }
}

test('a name asked for twice gives the same object, whatever the order of its keys', () => {
  const { registry } = create()
  const meter = registry.meter('kafka.server:type=BrokerTopicMetrics,name=BytesInPerSec', 'bytes')
  expect(registry.meter('kafka.server:name=BytesInPerSec,type=BrokerTopicMetrics', 'bytes')).toBe(
    meter,
  )
})

test('a steady rate is what all averages converge to', () => {
  const { registry, advance } = create()
  const meter = registry.meter('d:type=M', 'messages')
  for (let second = 0; second < 3600; second++) {
    meter.mark(10)
    advance(1000)
  }
  const bean = registry.find('d:type=M')!.read()
  expect(bean).toMatchObject({ Count: 36_000, EventType: 'messages', RateUnit: 'SECONDS' })
  expect(bean.MeanRate).toBeCloseTo(10, 1)
  expect(bean.OneMinuteRate).toBeCloseTo(10, 1)
  expect(bean.FifteenMinuteRate).toBeCloseTo(10, 0)
})

test('an idle meter forgets: one minute halves the rate by e, a day brings it to nothing', () => {
  const { registry, advance } = create()
  const meter = registry.meter('d:type=M', 'messages')
  meter.mark(50)
  advance(5000)
  expect(registry.find('d:type=M')!.read().OneMinuteRate).toBeCloseTo(10, 5)
  advance(60_000)
  expect(registry.find('d:type=M')!.read().OneMinuteRate).toBeCloseTo(10 / Math.E, 5)
  advance(86_400_000)
  expect(registry.find('d:type=M')!.read().OneMinuteRate).toBeCloseTo(0, 9)
})

test('percentiles follow the values, and old values give way to new ones', () => {
  const { registry, advance } = create()
  const histogram = registry.histogram('d:type=H')
  for (let value = 1; value <= 1000; value++) histogram.update(value)
  const first = registry.find('d:type=H')!.read()
  expect(first).toMatchObject({ Count: 1000, Min: 1, Max: 1000, Mean: 500.5 })
  expect(first['50thPercentile']).toBeCloseTo(500.5, 0)
  expect(first['99thPercentile']).toBeCloseTo(991, 0)
  expect(first.StdDev).toBeCloseTo(288.8, 1)
  advance(600_000)
  for (let count = 0; count < 2000; count++) histogram.update(5000)
  expect(registry.find('d:type=H')!.read()['50thPercentile']).toBe(5000)
})

test('a histogram outlives its hourly rescaling', () => {
  const { registry, advance } = create()
  const histogram = registry.histogram('d:type=H')
  for (let hour = 0; hour < 30; hour++) {
    for (let count = 0; count < 500; count++) histogram.update(hour)
    advance(3_700_000)
  }
  const bean = registry.find('d:type=H')!.read()
  expect(bean.Count).toBe(15_000)
  expect(bean['50thPercentile']).toBeGreaterThanOrEqual(28)
})

test('object names: quoting, order and patterns are JMX ones', () => {
  expect(canonicalName('d:type=A,name=B')).toBe('d:name=B,type=A')
  expect(parseObjectName('d:a="x,y",b=1')?.keys.get('a')).toBe('"x,y"')
  expect(parseObjectName('nothing')).toBeNull()
  const matches = (pattern: string, name: string) =>
    nameMatcher(parseObjectName(pattern)!)(parseObjectName(name)!)
  expect(matches('kafka.*:*', 'kafka.server:type=A')).toBe(true)
  expect(matches('d:type=A,name=*', 'd:type=A,name=B')).toBe(true)
  expect(matches('d:type=A,name=*', 'd:type=A,name=B,topic=t')).toBe(false)
  expect(matches('d:type=A,*', 'd:type=A,name=B,topic=t')).toBe(true)
  expect(matches('d:type=A?,*', 'd:type=A')).toBe(false)
  expect(matches('d:type=*b*c', 'd:type=abxbcc')).toBe(true)
  expect(matches('d:type=a*b?*', 'd:type=axb')).toBe(false)
  expect(matches('d:type=a.c', 'd:type=abc')).toBe(false)
})

test('a pattern of many stars is answered, whatever the names are', () => {
  const pattern = parseObjectName(`d:topic=${'*a'.repeat(100)}*b`)!
  const name = (topic: string) => parseObjectName(`d:topic=${topic}`)!
  expect(nameMatcher(pattern)(name('a'.repeat(249)))).toBe(false)
  expect(nameMatcher(pattern)(name(`${'a'.repeat(248)}b`))).toBe(true)
})
