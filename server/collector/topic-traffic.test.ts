import { expect, test } from 'vitest'
import { fakeReading, noMetrics } from '../testing/reading.ts'
import type { BrokerMetrics } from './broker-metrics.ts'
import { TopicTraffic } from './topic-traffic.ts'

type Counters = Readonly<Record<number, number | null>>

/** What each broker counted of topic t; a broker without a number has no such bean. */
function readingOf(counters: Counters) {
  const metrics = Object.entries(counters).map(([id, bytesIn]): [number, BrokerMetrics] => {
    const topics = new Map(bytesIn === null ? [] : [['t', { bytesIn, bytesOut: null }] as const])
    return [Number(id), { ...noMetrics, topics }]
  })
  return fakeReading(1, { topics: [{ name: 't', partitions: [{}] }], metrics: new Map(metrics) })
}

function totals(...cycles: readonly Counters[]): (number | null)[] {
  const traffic = new TopicTraffic()
  return cycles.map((one) => traffic.observe(readingOf(one)).get('t')?.bytesIn ?? null)
}

test('a topic has one counter: what its brokers counted since they were asked first', () => {
  expect(totals({ 1: 100, 2: 50 }, { 1: 130, 2: 50 }, { 1: 130, 2: 55 })).toEqual([0, 30, 35])
})

test('a broker that began anew takes nothing away', () => {
  expect(totals({ 1: 100, 2: 50 }, { 1: 2, 2: 60 }, { 1: 5, 2: 60 })).toEqual([0, 10, 13])
})

test('what a broker counted while it did not answer is not taken for the traffic of one cycle', () => {
  const back: Counters[] = [
    { 1: 13, 2: 9_000 },
    { 1: 13, 2: 9_001 },
  ]
  expect(totals({ 1: 10, 2: 10 }, { 1: 11 }, { 1: 12 }, ...back)).toEqual([0, 1, 2, 3, 4])
})

test('the first bytes that a broker moves count, but nothing is said before there are any', () => {
  const before: Counters[] = [{ 1: null }, { 1: null }]
  // In the fourth cycle nobody answered.
  expect(totals(...before, { 1: 70 }, {}, { 1: 80 })).toEqual([null, null, 70, null, 70])
})
