import { expect, test } from 'vitest'
import { HEAT_STEPS, heatGradient, heatLimits, heatStep, worstCell } from './heat-scale.ts'

test('steps grow with the value; no lag has one of its own', () => {
  for (const measure of ['seconds', 'records'] as const) {
    const limits = heatLimits(measure)
    expect(limits.map((limit) => heatStep(limit, measure))).toEqual([0, 1, 2, 3, 4, 5])
    expect(heatStep(1, measure)).toBe(1)
    expect(heatStep(1e12, measure)).toBe(HEAT_STEPS - 1)
  }
})

test('a row is one gradient whose stops lie where cells change', () => {
  expect(heatGradient([0, 0, null, 50_000], 'seconds')).toBe(
    'linear-gradient(to right, var(--heat-0) 0.000% 50.000%, transparent 50.000% 75.000%, ' +
      'var(--heat-2) 75.000% 100.000%)',
  )
})

test('the worst cell is the first of the largest', () => {
  expect(worstCell([null, 5, 9, 9])).toEqual({ column: 2, value: 9 })
  expect(worstCell([null])).toBeNull()
})
