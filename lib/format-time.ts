export type TimeZoneChoice = 'local' | 'utc'

const formatters = new Map<string, Intl.DateTimeFormat>()

const dateFormat = (
  locale: string,
  zone: TimeZoneChoice,
  options: Intl.DateTimeFormatOptions,
): Intl.DateTimeFormat => {
  const key = `${locale}|${zone}|${JSON.stringify(options)}`
  const known = formatters.get(key)
  if (known) return known
  const made = new Intl.DateTimeFormat(locale, {
    hourCycle: 'h23',
    ...options,
    ...(zone === 'utc' ? { timeZone: 'UTC' } : {}),
  })
  formatters.set(key, made)
  return made
}

export const formatClock = (timeMs: number, locale: string, zone: TimeZoneChoice): string =>
  dateFormat(locale, zone, { hour: '2-digit', minute: '2-digit' }).format(timeMs)

export const formatClockSeconds = (timeMs: number, locale: string, zone: TimeZoneChoice): string =>
  dateFormat(locale, zone, { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(timeMs)

export const formatDay = (timeMs: number, locale: string, zone: TimeZoneChoice): string =>
  dateFormat(locale, zone, { day: 'numeric', month: 'short' }).format(timeMs)

export const formatDateTime = (timeMs: number, locale: string, zone: TimeZoneChoice): string =>
  dateFormat(locale, zone, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).format(timeMs)

/** Milliseconds matter where records are told apart by them. */
export const formatRecordTime = (timeMs: number, locale: string, zone: TimeZoneChoice): string =>
  dateFormat(locale, zone, {
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
  }).format(timeMs)

/** Same wording as `<input type="datetime-local">` wants it: local or UTC wall clock. */
export const toInputDateTime = (timeMs: number, zone: TimeZoneChoice): string => {
  const shiftMs = zone === 'utc' ? 0 : new Date(timeMs).getTimezoneOffset() * 60_000
  return new Date(timeMs - shiftMs).toISOString().slice(0, 19)
}

export const fromInputDateTime = (text: string, zone: TimeZoneChoice): number | null => {
  const timeMs = Date.parse(zone === 'utc' ? `${text}Z` : text)
  return Number.isNaN(timeMs) ? null : timeMs
}

const DURATION_STEPS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const

const DURATION_WORDS: Record<string, Record<string, string>> = {
  en: { d: 'd', h: 'h', min: 'min', s: 's' },
  zh: { d: '天', h: '小时', min: '分', s: '秒' },
}

/** The two largest steps that are not zero: "3 d 4 h", "12 min", "4 s"; below half a second "0 s". */
export const formatDuration = (durationMs: number, locale: string): string => {
  const words = DURATION_WORDS[locale.startsWith('zh') ? 'zh' : 'en'] ?? {}
  const totalMs = Math.max(0, Math.round(durationMs / 1000) * 1000)
  const first = DURATION_STEPS.findIndex(([, stepMs]) => totalMs >= stepMs)
  if (first === -1) return `0 ${words.s ?? 's'}`
  let restMs = totalMs
  const parts: string[] = []
  for (const [step, stepMs] of DURATION_STEPS.slice(first, first + 2)) {
    const amount = Math.floor(restMs / stepMs)
    restMs -= amount * stepMs
    if (amount > 0) parts.push(`${amount} ${words[step] ?? step}`)
  }
  return parts.join(' ')
}
