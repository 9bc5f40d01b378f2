// Meters and histograms against the algorithms that Kafka's own use (Yammer Metrics 2.2), by their published
// definitions: a load average ticking each 5 s, and a forward-decaying priority reservoir of 1,028 values with
// alpha 0.015 a second. The references here are written from the formulas, on a clock of the test.
import { beforeEach, expect, test } from 'vitest'
import { Registry } from './registry.ts'

let nowMs = 0
let registry: Registry

beforeEach(() => {
  nowMs = 777
  registry = new Registry({ clock: { nowMs: () => nowMs, monotonicMs: () => nowMs } })
})

const meterRates = () => {
  const { OneMinuteRate, FiveMinuteRate, FifteenMinuteRate } = registry.find('d:type=M')!.read()
  return [OneMinuteRate, FiveMinuteRate, FifteenMinuteRate] as number[]
}

/**
 * rate(n) = sum over ticks k of instant(k) · alpha · (1 - alpha)^(n-k), where the first tick weighs as if it had gone
 * on for ever: instant(1) · (1 - alpha)^(n-1).
 */
function closedForm(perTick: readonly number[], minutes: number): number {
  const stays = Math.exp(-5 / 60 / minutes)
  return perTick.reduce((sum, count, index) => {
    const age = perTick.length - 1 - index
    const weight = index === 0 ? stays ** age : (1 - stays) * stays ** age
    return sum + (count / 5) * weight
  }, 0)
}

function expectRates(perTick: readonly number[]): void {
  const rates = meterRates()
  for (const [index, minutes] of [1, 5, 15].entries()) {
    expect(rates[index]).toBeCloseTo(closedForm(perTick, minutes), 9)
  }
}

test.each([
  ['a burst, then nothing', [300, ...Array<number>(200).fill(0)]],
  ['a steady stream', Array<number>(180).fill(50)],
  ['a ramp', Array.from({ length: 120 }, (_, tick) => tick * 7)],
  ['waves', Array.from({ length: 500 }, (_, tick) => Math.round(40 + 40 * Math.sin(tick / 9)))],
  ['nothing first', [0, 0, 0, 90, 0, 10]],
])('meters: %s', (_name, perTick) => {
  const meter = registry.meter('d:type=M', 'messages')
  for (const count of perTick) {
    // Spread over the tick: only how many there were counts.
    nowMs += 1000
    meter.mark(Math.floor(count / 2))
    nowMs += 3000
    meter.mark(count - Math.floor(count / 2))
    nowMs += 1000
  }
  expectRates(perTick)
  const total = perTick.reduce((sum, count) => sum + count, 0)
  const read = registry.find('d:type=M')!.read()
  expect(read.Count).toBe(total)
  expect(read.MeanRate).toBeCloseTo(total / (perTick.length * 5), 9)
})

test('a meter that nobody looked at for a while has ticked all the same', () => {
  const meter = registry.meter('d:type=M', 'messages')
  meter.mark(60)
  nowMs += 5000 + 47 * 5000
  const perTick = [60, ...Array<number>(47).fill(0)]
  expectRates(perTick)
})

test('rates before the first tick are nothing', () => {
  registry.meter('d:type=M', 'messages').mark(1000)
  nowMs += 4999
  expect(meterRates()).toEqual([0, 0, 0])
  nowMs += 1
  expect(meterRates()).toEqual([200, 200, 200])
})

test('as long as all values fit, a histogram has the percentiles of them', () => {
  const histogram = registry.histogram('d:type=H')
  const values = Array.from({ length: 1028 }, (_, index) => (index * 7919) % 1_000_003)
  values.forEach((value, index) => {
    nowMs += index % 3 === 0 ? 1000 : 0
    histogram.update(value)
  })
  const sorted = values.toSorted((left, right) => left - right)
  /** Between the two values around p · (n + 1), in proportion. */
  const percentile = (p: number) => {
    const position = p * (sorted.length + 1)
    const lower = sorted[Math.floor(position) - 1] as number
    const upper = sorted[Math.floor(position)] as number
    return lower + (position - Math.floor(position)) * (upper - lower)
  }
  const read = registry.find('d:type=H')!.read() as Record<string, number>
  for (const p of [0.5, 0.75, 0.95, 0.98, 0.99]) {
    expect(read[`${p * 100}thPercentile`]).toBeCloseTo(percentile(p), 6)
  }
  expect(read['999thPercentile']).toBeCloseTo(percentile(0.999), 6)
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
  expect(read.Mean).toBeCloseTo(mean, 6)
  expect(read.StdDev).toBeCloseTo(Math.sqrt(variance), 6)
  expect([read.Min, read.Max, read.Count]).toEqual([sorted[0], sorted.at(-1), 1028])
})

/**
 * Of two kinds of value, `before` of 0 and then, `ageS` later, as many of 1: the share of 1 in the sample. In a
 * priority sample of k among many, a value of weight w stays with chance 1 - exp(-w/T), where T is so that the
 * chances add up to k.
 */
function expectedShare(count: number, ageS: number, sampleSize = 1028): number {
  const young = Math.exp(0.015 * ageS)
  const kept = (t: number) => count * (1 - Math.exp(-1 / t)) + count * (1 - Math.exp(-young / t))
  let [low, high] = [1e-9, 1e9]
  for (let round = 0; round < 200; round++) {
    const middle = Math.sqrt(low * high)
    if (kept(middle) > sampleSize) low = middle
    else high = middle
  }
  return (count * (1 - Math.exp(-young / low))) / sampleSize
}

test.each([0, 20, 60, 120, 300])(
  'values %s s younger stay as often as their weight says',
  (ageS) => {
    const count = 20_000
    const rounds = 12
    let young = 0
    for (let round = 0; round < rounds; round++) {
      const histogram = registry.histogram(`d:type=H,round=${round}`)
      for (let index = 0; index < count; index++) histogram.update(0)
      nowMs += ageS * 1000
      for (let index = 0; index < count; index++) histogram.update(1)
      young += shareOfOnes(`d:type=H,round=${round}`)
    }
    const expected = expectedShare(count, ageS)
    const deviation = Math.sqrt((expected * (1 - expected)) / (1028 * rounds))
    expect(Math.abs(young / rounds - expected)).toBeLessThan(Math.max(4 * deviation, 0.002))
  },
)

/** From the percentiles alone a share cannot be read: the histogram itself is asked. */
function shareOfOnes(name: string): number {
  const bean = registry.histogram(name) as unknown as { percentile(p: number): number }
  let [low, high] = [0, 1]
  for (let round = 0; round < 20; round++) {
    const middle = (low + high) / 2
    if (bean.percentile(middle) > 0.5) high = middle
    else low = middle
  }
  return 1 - high
}
