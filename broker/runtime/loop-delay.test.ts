// Delays of the event loop: what one reader was told, the next one is told as well, for ten seconds at least.
import { createHistogram } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type DelayHistogram, LoopDelayWindows } from './loop-delay.ts'

/** Histograms that are told of delays instead of measuring them; a sample is 50 ms when nothing is late. */
function clockwork() {
  const state = { nowMs: 0 }
  const histograms: ReturnType<typeof createHistogram>[] = []
  const monitor = (): DelayHistogram => {
    const histogram = createHistogram()
    histograms.push(histogram)
    return Object.assign(histogram, { enable: () => true, disable: () => true })
  }
  const windows = new LoopDelayWindows(() => state.nowMs, monitor)
  const pass = (ms: number, lateMs: number): void => {
    state.nowMs += ms
    for (const one of histograms) one.record((50 + lateMs) * 1_000_000)
  }
  return { windows, pass }
}

test('a long turn is told to every reader of the next ten seconds, and then forgotten', () => {
  const { windows, pass } = clockwork()
  pass(1, 0)
  pass(1, 300)
  for (let reading = 0; reading < 9; reading++) {
    expect(windows.figures().max).toBeCloseTo(300, 0)
    pass(1_000, 0)
  }
  for (let reading = 0; reading < 30; reading++) {
    windows.figures()
    pass(1_000, 0)
  }
  expect(windows.figures().max).toBeCloseTo(0, 0)
})

test('who asks once a minute is told of the whole minute', () => {
  const { windows, pass } = clockwork()
  for (let minute = 0; minute < 3; minute++) {
    pass(1_000, 200)
    pass(59_000, 0)
    expect(windows.figures().max).toBeCloseTo(200, 0)
  }
})

test('before the first sample there are zeros', () => {
  expect(clockwork().windows.figures()).toEqual({ min: 0, mean: 0, p50: 0, p99: 0, max: 0 })
})

test('a turn of this very loop is seen', async () => {
  const windows = new LoopDelayWindows(() => 0)
  try {
    do {
      const end = performance.now() + 300
      while (performance.now() < end);
      await sleep(60)
    } while (windows.figures().max < 150)
    expect(windows.figures().p99).toBeLessThanOrEqual(windows.figures().max)
  } finally {
    windows.close()
  }
})
