export type Unit =
  | 'count'
  | 'records'
  /** Always in full: what is looked up by it must be readable off it. */
  | 'offset'
  | 'recordsPerSecond'
  | 'bytes'
  | 'bytesPerSecond'
  | 'ms'
  | 'percent'

export type FormattedNumber = { readonly text: string; readonly exact: string }

const NARROW_SPACE = ' '
const BYTE_STEPS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const
const COUNT_STEPS = ['', 'k', 'M', 'G', 'T'] as const

const formatters = new Map<string, Intl.NumberFormat>()

const numberFormat = (locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat => {
  const key = `${locale}|${JSON.stringify(options)}`
  const known = formatters.get(key)
  if (known) return known
  const made = new Intl.NumberFormat(locale, options)
  formatters.set(key, made)
  return made
}

/** All digits that matter, grouped as the locale groups them. */
export const formatExact = (value: number, locale: string): string =>
  numberFormat(locale, { maximumFractionDigits: Number.isInteger(value) ? 0 : 3 }).format(value)

const significant = (value: number, locale: string): string => {
  const size = Math.abs(value)
  const digits = size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : 2
  return numberFormat(locale, { maximumFractionDigits: digits }).format(value)
}

const scaled = (value: number, base: number, steps: readonly string[]): [number, string] => {
  let scaledValue = value
  let step = 0
  while (step < steps.length - 1 && Math.abs(scaledValue) >= base) {
    scaledValue /= base
    step += 1
  }
  // 999.7 k would round to 1,000 k: it is 1 M.
  if (step < steps.length - 1 && Math.round(Math.abs(scaledValue)) >= base) {
    scaledValue /= base
    step += 1
  }
  return [scaledValue, steps[step] ?? '']
}

const withUnit = (text: string, unit: string): string =>
  unit === '' ? text : `${text}${NARROW_SPACE}${unit}`

const formatCompactCount = (value: number, locale: string): string => {
  if (Math.abs(value) < 10_000) return significant(value, locale)
  const [scaledValue, step] = scaled(value, 1000, COUNT_STEPS)
  return withUnit(significant(scaledValue, locale), step)
}

const formatBytes = (value: number, locale: string): string => {
  const [scaledValue, step] = scaled(value, 1024, BYTE_STEPS)
  return withUnit(significant(scaledValue, locale), step)
}

const formatMs = (value: number, locale: string): string => {
  const size = Math.abs(value)
  if (size > 0 && size < 10) {
    return withUnit(numberFormat(locale, { maximumFractionDigits: 2 }).format(value), 'ms')
  }
  if (size < 1000) return withUnit(significant(Math.round(value), locale), 'ms')
  return withUnit(significant(value / 1000, locale), 's')
}

const SUFFIX: Partial<Record<Unit, string>> = {
  recordsPerSecond: '/s',
  bytesPerSecond: '/s',
}

const EXACT_UNIT: Record<Unit, string> = {
  count: '',
  records: '',
  offset: '',
  recordsPerSecond: '/s',
  bytes: 'B',
  bytesPerSecond: 'B/s',
  ms: 'ms',
  percent: '%',
}

/** Short text for a cell, and the exact value with its unit for the tooltip and the clipboard. */
export const formatUnit = (value: number, unit: Unit, locale: string): FormattedNumber => {
  const exact = withUnit(formatExact(value, locale), EXACT_UNIT[unit])
  if (unit === 'offset') return { text: exact, exact }
  const suffix = SUFFIX[unit] ?? ''
  if (unit === 'bytes' || unit === 'bytesPerSecond') {
    return { text: `${formatBytes(value, locale)}${suffix}`, exact }
  }
  if (unit === 'ms') return { text: formatMs(value, locale), exact }
  if (unit === 'percent') return { text: withUnit(significant(value, locale), '%'), exact }
  return { text: `${formatCompactCount(value, locale)}${suffix}`, exact }
}

/** Axis ticks from 0 to at least `max`: 1-2-5 steps, in powers of 1024 for bytes. */
export const niceTicks = (max: number, unit: Unit, count = 4): number[] => {
  const top = Number.isFinite(max) && max > 0 ? max : 1
  const rough = top / count
  const isBytes = unit === 'bytes' || unit === 'bytesPerSecond'
  // Below a byte there is nothing to count in powers of 1024.
  const base = isBytes ? 1024 ** Math.max(0, Math.floor(Math.log(rough) / Math.log(1024))) : 1
  const magnitude = 10 ** Math.floor(Math.log10(rough / base))
  const fraction = rough / base / magnitude
  const nice = fraction <= 1 ? 1 : fraction <= 2 ? 2 : fraction <= 5 ? 5 : 10
  const isWhole = unit === 'count' || unit === 'records'
  // 500 and 1000 KB would be named 1.46 MB and the like where they pass into the next unit.
  const size = isBytes && nice * magnitude >= 500 ? nice * magnitude * 1.024 : nice * magnitude
  const step = Math.max(size * base, isWhole ? 1 : 0)
  const ticks = [0]
  for (let i = 1; (ticks[ticks.length - 1] ?? 0) < top * 0.9999; i += 1) ticks.push(i * step)
  return ticks.map((tick) => Number.parseFloat(tick.toPrecision(12)))
}

const TICKS_MAX = 6

/** Whole powers, of 10 or for bytes of 32, around the positive values; at most six, so the smallest may lie below. */
export const logTicks = (low: number, high: number, unit: Unit): number[] => {
  const base = unit === 'bytes' || unit === 'bytesPerSecond' ? 32 : 10
  const powerOf = (value: number): number => Math.log(value) / Math.log(base)
  const isKnown = Number.isFinite(high) && high > 0
  const top = isKnown ? Math.ceil(powerOf(high) - 1e-9) : 1
  const wanted = isKnown && low > 0 ? Math.floor(powerOf(Math.min(low, high)) + 1e-9) : top - 1
  const bottom = Math.max(Math.min(wanted, top - 1), top - TICKS_MAX + 1)
  return Array.from({ length: top - bottom + 1 }, (_, i) =>
    Number.parseFloat((base ** (bottom + i)).toPrecision(12)),
  )
}
