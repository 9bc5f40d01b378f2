export const RELATIVE_RANGES = [
  '15m',
  '1h',
  '3h',
  '6h',
  '12h',
  '24h',
  '48h',
  '7d',
  '30d',
  '90d',
  '1y',
] as const
export type RelativeRange = (typeof RELATIVE_RANGES)[number]

export const RANGE_MS: Record<RelativeRange, number> = {
  '15m': 15 * 60_000,
  '1h': 3_600_000,
  '3h': 3 * 3_600_000,
  '6h': 6 * 3_600_000,
  '12h': 12 * 3_600_000,
  '24h': 24 * 3_600_000,
  '48h': 48 * 3_600_000,
  '7d': 7 * 86_400_000,
  '30d': 30 * 86_400_000,
  '90d': 90 * 86_400_000,
  '1y': 365 * 86_400_000,
}

export type TimeRange =
  | { readonly kind: 'relative'; readonly range: RelativeRange }
  | { readonly kind: 'fixed'; readonly fromMs: number; readonly toMs: number }

const isRelative = (text: string): text is RelativeRange =>
  (RELATIVE_RANGES as readonly string[]).includes(text)

/** `1h`, or `<from>-<to>` in epoch milliseconds; `null` for anything else. */
export const parseTimeRange = (text: string): TimeRange | null => {
  if (isRelative(text)) return { kind: 'relative', range: text }
  const match = /^(\d{10,16})-(\d{10,16})$/.exec(text)
  if (!match) return null
  const fromMs = Number(match[1])
  const toMs = Number(match[2])
  return fromMs < toMs ? { kind: 'fixed', fromMs, toMs } : null
}

export const serializeTimeRange = (range: TimeRange): string =>
  range.kind === 'relative' ? range.range : `${range.fromMs}-${range.toMs}`

export const rangeDurationMs = (range: TimeRange): number =>
  range.kind === 'relative' ? RANGE_MS[range.range] : range.toMs - range.fromMs

const STEPS_MS = [
  10_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000,
  14_400_000, 21_600_000, 43_200_000,
] as const

/** The finest step that keeps a series at or under `maxPoints`. */
export const stepForRange = (durationMs: number, maxPoints = 500): number =>
  STEPS_MS.find((stepMs) => durationMs / stepMs <= maxPoints) ?? 86_400_000

/** The bounds of the range; the end of a relative one is aligned so that query keys settle. */
export const resolveTimeRange = (
  range: TimeRange,
  nowMs: number,
): { fromMs: number; toMs: number; stepMs: number } => {
  const durationMs = rangeDurationMs(range)
  const stepMs = stepForRange(durationMs)
  if (range.kind === 'fixed') return { fromMs: range.fromMs, toMs: range.toMs, stepMs }
  const toMs = Math.ceil(nowMs / stepMs) * stepMs
  return { fromMs: toMs - durationMs, toMs, stepMs }
}

const TICK_STEPS_MS = [
  10_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000,
  10_800_000, 21_600_000, 43_200_000, 86_400_000, 172_800_000, 604_800_000, 2_592_000_000,
] as const

/** Round times for an axis, at most `count` of them, aligned to the reader's wall clock. */
export const timeTicks = (
  bounds: { readonly fromMs: number; readonly toMs: number },
  count: number,
  zoneOffsetMs: number,
): number[] => {
  const durationMs = bounds.toMs - bounds.fromMs
  const stepMs = TICK_STEPS_MS.find((step) => durationMs / step <= count) ?? 5_184_000_000
  const ticks: number[] = []
  let tick = Math.ceil((bounds.fromMs + zoneOffsetMs) / stepMs) * stepMs - zoneOffsetMs
  for (; tick <= bounds.toMs; tick += stepMs) ticks.push(tick)
  return ticks
}
