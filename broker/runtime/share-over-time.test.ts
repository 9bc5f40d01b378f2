// Shares of time are of windows that all readers share: who asks right after another is told the same.
import { expect, test } from 'vitest'
import { type BusyTime, ShareOverTime } from './share-over-time.ts'

function clockwork() {
  const state = { nowMs: 0, told: { busy: 0, all: 0 } as BusyTime | null }
  const share = new ShareOverTime(
    () => state.told,
    () => state.nowMs,
  )
  const pass = (ms: number, busyMs: number): void => {
    const { busy = 0, all = 0 } = state.told ?? {}
    state.nowMs += ms
    state.told = { busy: busy + busyMs, all: all + ms }
  }
  return { state, share, pass }
}

test('a reading is of the time since the last window, not since the last reading', () => {
  const { share, pass } = clockwork()
  pass(10_000, 1_000)
  expect(share.share()).toBe(0.1)
  // What answering took is no figure of its own.
  pass(5, 5)
  expect(share.share()).toBe(0.1)
  pass(995, 245)
  expect(share.share()).toBe(0.25)
})

test('a reader each 100 ms takes nothing from another each 10 s', () => {
  const { share, pass } = clockwork()
  for (let reading = 0; reading < 100; reading++) {
    pass(100, 30)
    expect(share.share()).toBeCloseTo(0.3)
  }
})

test('before the first window ends, the share since the start', () => {
  const { share, pass } = clockwork()
  expect(share.share()).toBe(0)
  pass(200, 100)
  expect(share.share()).toBe(0.5)
  pass(200, 0)
  expect(share.share()).toBe(0.25)
})

test('where the system does not say, or time stood still, nothing is made up', () => {
  const { share, pass, state } = clockwork()
  pass(2_000, 500)
  expect(share.share()).toBe(0.25)
  state.nowMs += 2_000
  expect(share.share()).toBe(0.25)
  state.told = null
  state.nowMs += 2_000
  expect(share.share()).toBe(null)
})
