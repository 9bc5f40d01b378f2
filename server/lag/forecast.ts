import type { LagFlow, LagForecast } from '../../contracts/lag.ts'

/** Over how long rates are taken and the forecast looks. */
export const FLOW_WINDOW_MS = 300_000
const POINTS_MIN = 6
const SPAN_MIN_MS = 45_000
/** Farther ahead nothing is foretold. */
export const FORECAST_MAX_MS = 30 * 86_400_000
/** Lag that changed by no more than this share over the window stands still. */
const STILL_SHARE = 0.02

/** Of a group: all that was written and read since we look, and what is left to read. */
export interface FlowPoint {
  readonly tMs: number
  readonly produced: number
  readonly consumed: number
  readonly lag: number
}

/** Oldest first. Records per second between the first and the last point; null with fewer than two. */
export function flowOf(points: readonly FlowPoint[]): LagFlow {
  const first = points[0]
  const last = points.at(-1)
  const windowMs = first && last ? last.tMs - first.tMs : 0
  if (!first || !last || windowMs <= 0) {
    return { producerRate: null, consumerRate: null, windowMs: 0 }
  }
  return {
    producerRate: ((last.produced - first.produced) * 1_000) / windowMs,
    consumerRate: ((last.consumed - first.consumed) * 1_000) / windowMs,
    windowMs,
  }
}

/**
 * When it will have caught up if it goes on as in the window: as fast as in the faster of its
 * halves, as slow as in the slower one. Where a half did not shrink there is no upper bound, and
 * nothing beyond 30 days is foretold.
 */
export function forecastOf(points: readonly FlowPoint[]): LagForecast {
  const first = points[0]
  const last = points.at(-1)
  if (!first || !last) return forecast('unknown')
  if (last.lag === 0) return forecast('caught-up')
  const spanMs = last.tMs - first.tMs
  if (points.length < POINTS_MIN || spanMs < SPAN_MIN_MS) return forecast('unknown')
  if (last.consumed === first.consumed) return forecast('never')
  const middle = middleOf(points, first.tMs + spanMs / 2)
  const whole = slopeOf(first, last)
  const slopes = [whole, slopeOf(first, middle), slopeOf(middle, last)]
  const fastest = Math.min(...slopes)
  const slowest = Math.max(...slopes)
  // What is written between two samples may be read or not when the second is taken.
  const betweenSamples = (last.produced - first.produced) / (points.length - 1)
  const noise = Math.max(betweenSamples, STILL_SHARE * Math.max(first.lag, last.lag))
  if (Math.abs(whole) * spanMs <= noise) {
    return forecast('steady')
  }
  if (whole > 0) return forecast('never')
  const atLeastMs = last.lag / -fastest
  if (atLeastMs > FORECAST_MAX_MS) return forecast('steady')
  const atMostMs = slowest < 0 ? last.lag / -slowest : null
  return {
    kind: 'drains',
    atLeastMs: Math.round(atLeastMs),
    atMostMs: atMostMs === null || atMostMs > FORECAST_MAX_MS ? null : Math.round(atMostMs),
  }
}

function forecast(kind: LagForecast['kind']): LagForecast {
  return { kind, atLeastMs: null, atMostMs: null }
}

/** Never the first nor the last. */
function middleOf(points: readonly FlowPoint[], atMs: number): FlowPoint {
  let middle = points[1] as FlowPoint // Safe because POINTS_MIN points were counted.
  for (const point of points.slice(1, -1)) {
    if (Math.abs(point.tMs - atMs) < Math.abs(middle.tMs - atMs)) middle = point
  }
  return middle
}

/** Records per millisecond; negative: it shrinks. */
function slopeOf(from: FlowPoint, to: FlowPoint): number {
  return (to.lag - from.lag) / (to.tMs - from.tMs)
}
