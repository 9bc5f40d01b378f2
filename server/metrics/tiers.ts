/** How finely samples are kept: as they were taken (0), then one point a minute, ten minutes, an hour, a day. */
export const TIERS_MS = [0, 60_000, 600_000, 3_600_000, 86_400_000] as const
export type TierMs = (typeof TIERS_MS)[number]

/**
 * Points a chunk may hold: 20 minutes at 10 s, since an open one is written every minute; then 6 hours of minutes,
 * 60 hours, 15 days, a year.
 */
export function chunkPointsMax(tier: TierMs): number {
  return tier === 0 ? 120 : 360
}

/** From its first to its last point a chunk spans no more than this: 4 and 12 hours, 5 and 30 days, 2 years. */
export function maxSpanMs(tier: TierMs): number {
  return 2 * chunkPointsMax(tier) * Math.max(60_000, tier)
}

/** Points of a tier are at multiples of this, which divides the tier: at most a 600th of it. */
export function timeUnitMs(tier: TierMs): number {
  return tier === 0 ? 1 : tier === 60_000 ? 100 : 1_000
}

/** How long each tier is kept, in ms; a coarser one never shorter than a finer one, days as long as hours. */
export type Retention = Readonly<Record<TierMs, number>>

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const UNITS_MS: Readonly<Record<string, number>> = { h: HOUR_MS, d: DAY_MS }

export const DEFAULT_HISTORY = '48h,14d,90d,730d'
const MAX_KEEP_MS = 3_660 * DAY_MS

/**
 * `48h,14d,90d,730d`: how long full resolution, minutes, ten minutes and hours are kept, in hours (h) or days (d).
 * Throws RangeError with what is wanted.
 */
export function parseRetention(text: string): Retention {
  const parts = text.split(',').map((part) => /^\s*(\d{1,6})([hd])\s*$/.exec(part))
  const keep = parts.map((part) => Number(part?.[1]) * (UNITS_MS[part?.[2] ?? ''] ?? Number.NaN))
  const [full = 0, minutes = 0, tenMinutes = 0, hours = 0] = keep
  const isGrowing = keep.every((ms, i) => ms >= (keep[i - 1] ?? HOUR_MS) && ms <= MAX_KEEP_MS)
  if (keep.length !== 4 || !isGrowing) {
    throw new RangeError(
      `four times such as ${DEFAULT_HISTORY} are wanted (full resolution, minutes, ten minutes, hours), ` +
        'none shorter than the one before, 1h to 3660d',
    )
  }
  return { 0: full, 60000: minutes, 600000: tenMinutes, 3600000: hours, 86400000: hours }
}

/** `90d` or `48h` in ms, from an hour to ten years; null for anything else. */
export function parseKeep(text: string): number | null {
  const match = /^\s*(\d{1,6})([hd])\s*$/.exec(text)
  const ms = Number(match?.[1]) * (UNITS_MS[match?.[2] ?? ''] ?? Number.NaN)
  return ms >= HOUR_MS && ms <= MAX_KEEP_MS ? ms : null
}

/** The coarsest tier whose points are no farther apart than a chart's. */
export function tierFor(stepMs: number): TierMs {
  return TIERS_MS.findLast((tier) => tier <= stepMs) ?? 0
}
