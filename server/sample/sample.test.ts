import { expect, test } from 'vitest'
import { sampleStateOf } from './get.ts'
import { Pacer, readShare, writeRate } from './pace.ts'
import { IdSource, makeOrder, makePageView, makePayment } from './records.ts'
import type { SampleStatus } from './settings.ts'

const status = (change: Partial<SampleStatus>): SampleStatus => ({
  state: 'running',
  topics: ['orders'],
  error: null,
  atMs: 1_000_000,
  ...change,
})

test('the state is what is wanted, once the process says so', () => {
  const state = (wanted: 'running' | 'stopped' | 'absent', s: SampleStatus | null) =>
    sampleStateOf({ wanted }, s, 1_001_000).state
  expect(state('absent', null)).toBe('absent')
  expect(state('running', null)).toBe('starting')
  expect(state('running', status({}))).toBe('running')
  expect(state('running', status({ atMs: 0 }))).toBe('starting')
  expect(state('stopped', status({ state: 'stopped' }))).toBe('stopped')
  expect(state('absent', status({ state: 'removing' }))).toBe('removing')
  expect(state('absent', status({ state: 'absent', topics: [] }))).toBe('absent')
})

test('a process that is gone is an error where it is needed', () => {
  const { error } = sampleStateOf({ wanted: 'running' }, status({ atMs: 0 }), 1_000_000)
  expect(error).toBe('the sample process does not answer')
  expect(sampleStateOf({ wanted: 'absent' }, null, 1_000_000).error).toBeNull()
})

test('the slow group’s lag grows and falls to nothing in each wave', () => {
  let lag = 0
  const lags: number[] = []
  for (let t = 0; t < 12 * 60_000; t += 1_000) {
    const written = writeRate(60, t)
    lag = Math.max(0, lag + written - written * readShare(t))
    lags.push(lag)
  }
  expect(Math.max(...lags)).toBeGreaterThan(3_000)
  for (let wave = 1; wave <= 3; wave++) {
    const ofWave = lags.slice((wave - 1) * 240, wave * 240)
    expect(Math.min(...ofWave.slice(-10))).toBe(0)
  }
})

test('a pacer loses no fraction and makes up for no long pause', () => {
  const pacer = new Pacer()
  let total = 0
  for (let i = 0; i < 1_000; i++) total += pacer.take(7, 250)
  expect(total).toBe(1_750)
  expect(pacer.take(10, 3_600_000)).toBeLessThanOrEqual(21)
})

test('records are JSON with integers that a double cannot hold, each id once', () => {
  const moment = { nowMs: 1_790_000_000_000, random: () => 0.5, ids: new IdSource(7) }
  const { order, record } = makeOrder(moment)
  const payment = makePayment(moment, order)
  const view = makePageView(moment)
  for (const { value } of [record, payment, view]) expect(() => JSON.parse(value)).not.toThrow()
  expect(record.value).toContain(`"orderId":${order.orderId},`)
  expect(payment.value).toContain(`"orderId":${order.orderId},`)
  expect(Number.isSafeInteger(Number(order.orderId))).toBe(false)
  const ids = new IdSource(1)
  const many = Array.from({ length: 4_000 }, () => ids.next(moment.nowMs))
  expect(new Set(many).size).toBe(4_000)
})
