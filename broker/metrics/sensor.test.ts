// Rates, averages and maxima over the last two windows of 30 s, against figures worked out by hand.
import { beforeEach, expect, test } from 'vitest'
import { Sensor } from './sensor.ts'

let nowMs: number
const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs }

beforeEach(() => {
  nowMs = 1_000
})

test('a rate is over one window at least, then over the time since the older sample began', () => {
  const sensor = new Sensor(clock)
  expect(sensor.rate()).toBe(0)
  sensor.record(60)
  expect(sensor.rate()).toBe(2)
  nowMs += 30_000
  sensor.record(30)
  nowMs += 15_000
  expect(sensor.rate()).toBe(2)
  expect(sensor.frequency()).toBeCloseTo(2 / 45)
})

test('what is older than two windows counts in total and count only', () => {
  const sensor = new Sensor(clock)
  sensor.record(8)
  sensor.record(2)
  expect([sensor.average(), sensor.max()]).toEqual([5, 8])
  nowMs += 60_000
  expect(sensor.average()).toBeNaN()
  expect(sensor.max()).toBeNaN()
  expect(sensor.rate()).toBe(0)
  expect([sensor.total, sensor.count]).toEqual([10, 2])
})

test('the first of three windows is forgotten when the third begins', () => {
  const sensor = new Sensor(clock)
  for (const value of [100, 20, 30]) {
    sensor.record(value)
    nowMs += 30_000
  }
  expect(sensor.max()).toBe(30)
})

test('percentiles are exact for small whole numbers and within 2 % above', () => {
  const sensor = new Sensor(clock, { quantiles: true })
  expect(sensor.quantile(0.99)).toBe(0)
  for (let value = 1; value <= 50; value++) sensor.record(value)
  expect(sensor.quantile(0.5)).toBe(25)
  expect(sensor.quantile(0.98)).toBe(49)
  sensor.record(123_456)
  const highest = sensor.quantile(1)
  expect(highest).toBeLessThanOrEqual(123_456)
  expect(highest).toBeGreaterThan(123_456 * 0.98)
})
