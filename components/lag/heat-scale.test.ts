import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
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

type Oklch = readonly [lightness: number, chroma: number, hueDegrees: number]

/** Both colours of a variable of the style sheet. */
function colorsOf(name: string): { light: Oklch; dark: Oklch } {
  const css = readFileSync(new URL('../../app/globals.css', import.meta.url), 'utf8')
  const one = String.raw`oklch\((\S+) (\S+) (\S+)\)`
  const found = new RegExp(`--${name}: light-dark\\(${one}, ${one}\\)`).exec(css)
  const [, ...numbers] = (found ?? []).map(Number)
  if (numbers.length !== 6) throw new Error(`--${name} is no pair of oklch colours`)
  return { light: numbers.slice(0, 3), dark: numbers.slice(3) } as unknown as {
    light: Oklch
    dark: Oklch
  }
}

function labOf([lightness, chroma, hueDegrees]: Oklch): [number, number, number] {
  const hue = (hueDegrees * Math.PI) / 180
  return [lightness, chroma * Math.cos(hue), chroma * Math.sin(hue)]
}

/** Linear red, green and blue, 0 to 1 where a screen of sRGB has the colour (CSS Color 4, section 10). */
function rgbOf(color: Oklch): [number, number, number] {
  const [lightness, a, b] = labOf(color)
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ]
}

/** Relative luminance (WCAG). */
function luminanceOf(color: Oklch): number {
  const [red, green, blue] = rgbOf(color)
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrastOf(one: Oklch, other: Oklch): number {
  const [low = 0, high = 0] = [luminanceOf(one), luminanceOf(other)].sort((a, b) => a - b)
  return (high + 0.05) / (low + 0.05)
}

describe.each(['light', 'dark'] as const)('the colours, %s', (theme) => {
  // What was not collected lets the page through.
  const colors = ['page', ...Array.from({ length: HEAT_STEPS }, (_, step) => `heat-${step}`)].map(
    (name) => colorsOf(name)[theme],
  )
  const steps = colors.slice(1)

  test('of neighbours differ in luminance by a quarter, from the page on', () => {
    const contrasts = steps.map((color, step) => contrastOf(color, colors[step] as Oklch))
    for (const contrast of contrasts) expect(contrast).toBeGreaterThanOrEqual(1.25)
  })

  test('go one way, in even steps to the eye', () => {
    const sign = theme === 'light' ? -1 : 1
    const pairs = steps.slice(1).map((color, step) => [steps[step] as Oklch, color] as const)
    for (const [before, color] of pairs) expect(sign * (color[0] - before[0])).toBeGreaterThan(0)
    const distances = pairs.map(([before, color]) => {
      const [from, to] = [labOf(before), labOf(color)]
      return Math.hypot(...to.map((value, axis) => value - (from[axis] ?? 0)))
    })
    expect(Math.max(...distances) / Math.min(...distances)).toBeLessThan(1.25)
  })

  test('are all colours that a screen has, so that none is shown as another', () => {
    for (const share of steps.flatMap(rgbOf)) {
      expect(share).toBeGreaterThanOrEqual(-0.001)
      expect(share).toBeLessThanOrEqual(1.001)
    }
  })
})
