import { expect, test } from 'vitest'
import { chartGeometry, labelXOf, xOf } from './geometry.ts'

test('a time at the right edge keeps its whole label, one in the middle stands under its time', () => {
  const geometry = chartGeometry({
    width: 500,
    height: 200,
    bounds: { fromMs: 0, toMs: 3_600_000 },
    top: 10,
    logFrom: null,
    unit: 'count',
    hasEndLabels: false,
    zoneOffsetMs: 0,
  })
  expect(labelXOf(geometry, 1_800_000, '00:30')).toBe(xOf(geometry, 1_800_000))
  expect(labelXOf(geometry, 3_600_000, '01:00')).toBe(480)
  expect(xOf(geometry, 3_600_000)).toBe(490)
})
