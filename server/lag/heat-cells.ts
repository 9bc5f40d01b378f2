import type { HeatRow, LagTime } from '../../contracts/lag.ts'
import { lagMsOf } from './lag-time.ts'

/** From one number of 11 significant bits to the next, which is what a gauge keeps apart. */
function stepAt(value: number): number {
  return value < 2_048 ? 1 : 2 ** (Math.floor(Math.log2(value)) - 10)
}

/**
 * How a lag time is kept in the samples: the larger is the longer, an even number of steps is what it is, an odd one
 * says "at least". Exact up to 17 minutes, beyond to 0.2 %, rounded down.
 */
export function twiceSeconds(time: LagTime): number {
  const value = 2 * Math.round(lagMsOf(time) / 1_000)
  const step = stepAt(value)
  return (2 * Math.floor(value / step / 2) + (time.estimateMs === null ? 1 : 0)) * step
}

export function ofTwiceSeconds(value: number): { ms: number; isAtLeast: boolean } {
  const step = stepAt(value)
  const places = value / step
  return { ms: Math.floor(places / 2) * step * 1_000, isAtLeast: places % 2 === 1 }
}

const LETTERS = ['.', 'O', 'W', 'R', 'A', 'S'] as const

/** Samples of one group, and which column each belongs to. */
export interface HeatSamples {
  readonly times: Float64Array
  /** NaN where there is none. */
  readonly values: Float64Array
  readonly ranks: Float64Array
  readonly isTime: boolean
}

/** Columns end at `firstMs`, `firstMs + stepMs`, …; each is the worst of the samples in it. */
export function heatCells(
  samples: HeatSamples,
  grid: { firstMs: number; stepMs: number; columns: number },
): Pick<HeatRow, 'cells' | 'atLeast' | 'verdicts'> {
  const { columns, firstMs, stepMs } = grid
  // Plain arrays and loops: a map of all groups has a hundred thousand cells.
  const cells = new Array<number | null>(columns).fill(null)
  const ranks = new Array<number>(columns).fill(0)
  for (let i = 0; i < samples.times.length; i++) {
    const column = Math.ceil(((samples.times[i] ?? 0) - firstMs) / stepMs)
    if (column < 0 || column >= columns) continue
    const value = samples.values[i] ?? Number.NaN
    if (!Number.isNaN(value) && value > (cells[column] ?? -1)) cells[column] = value
    const rank = samples.ranks[i] ?? Number.NaN
    if (rank > (ranks[column] ?? 0)) ranks[column] = rank
  }
  const atLeast: number[] = []
  let verdicts = ''
  for (let column = 0; column < columns; column++) {
    verdicts += LETTERS[ranks[column] ?? 0] ?? '.'
    const value = cells[column] ?? null
    if (value === null || !samples.isTime) continue
    const { ms, isAtLeast } = ofTwiceSeconds(value)
    if (isAtLeast) atLeast.push(column)
    cells[column] = ms
  }
  return { cells, atLeast, verdicts }
}
