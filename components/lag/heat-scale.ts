import type { HeatMeasure } from '../../contracts/lag.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** Where each step of the scale ends, inclusive; the first is no lag at all, the last has no end. */
const LIMITS: Record<HeatMeasure, readonly number[]> = {
  seconds: [0, 10_000, MINUTE_MS, 5 * MINUTE_MS, 30 * MINUTE_MS, 3 * HOUR_MS],
  records: [0, 100, 1_000, 10_000, 100_000, 1_000_000],
}

export const HEAT_STEPS = 7

export const heatLimits = (measure: HeatMeasure): readonly number[] => LIMITS[measure]

/** 0 without lag … 6; roughly logarithmic. */
export const heatStep = (value: number, measure: HeatMeasure): number => {
  const step = LIMITS[measure].findIndex((limit) => value <= limit)
  return step === -1 ? HEAT_STEPS - 1 : step
}

export const heatColor = (step: number): string => `var(--heat-${step})`

/** Neighbours of one colour are one stop: a row is a single gradient, however many cells it has. */
export const heatGradient = (cells: readonly (number | null)[], measure: HeatMeasure): string => {
  const stops: string[] = []
  const percent = (column: number): string => `${((column / cells.length) * 100).toFixed(3)}%`
  let start = 0
  for (let i = 1; i <= cells.length; i++) {
    const before = cells[i - 1] ?? null
    const color = before === null ? 'transparent' : heatColor(heatStep(before, measure))
    const next = cells[i] ?? null
    const nextColor = next === null ? 'transparent' : heatColor(heatStep(next, measure))
    if (i < cells.length && color === nextColor) continue
    stops.push(`${color} ${percent(start)} ${percent(i)}`)
    start = i
  }
  return `linear-gradient(to right, ${stops.join(', ')})`
}

/** Index and value of the worst cell; null when nothing was collected. */
export const worstCell = (
  cells: readonly (number | null)[],
): { readonly column: number; readonly value: number } | null => {
  let column = -1
  let worst = Number.NEGATIVE_INFINITY
  for (let at = 0; at < cells.length; at++) {
    const value = cells[at] ?? null
    if (value === null || value <= worst) continue
    column = at
    worst = value
  }
  return column === -1 ? null : { column, value: worst }
}

const VERDICTS = { O: 'OK', W: 'WARN', R: 'REWIND', A: 'STALL', S: 'STOP' } as const

export const verdictOfLetter = (letter: string | undefined) =>
  letter !== undefined && letter in VERDICTS ? VERDICTS[letter as keyof typeof VERDICTS] : null
