'use client'

import { useMemo } from 'react'
import { type FormattedNumber, formatExact, formatUnit, type Unit } from '../lib/format-number.ts'
import {
  formatClock,
  formatClockSeconds,
  formatDateTime,
  formatDay,
  formatDuration,
  formatRecordTime,
} from '../lib/format-time.ts'
import { usePreferences } from './use-preferences.tsx'

export type Formats = {
  readonly unit: (value: number, unit: Unit) => FormattedNumber
  readonly exact: (value: number) => string
  readonly clock: (timeMs: number) => string
  readonly clockSeconds: (timeMs: number) => string
  readonly day: (timeMs: number) => string
  readonly dateTime: (timeMs: number) => string
  readonly recordTime: (timeMs: number) => string
  readonly duration: (durationMs: number) => string
}

/** Numbers and times in the reader's language and time zone. */
export const useFormats = (): Formats => {
  const { locale, timeZone } = usePreferences()
  return useMemo(
    () => ({
      unit: (value, unit) => formatUnit(value, unit, locale),
      exact: (value) => formatExact(value, locale),
      clock: (timeMs) => formatClock(timeMs, locale, timeZone),
      clockSeconds: (timeMs) => formatClockSeconds(timeMs, locale, timeZone),
      day: (timeMs) => formatDay(timeMs, locale, timeZone),
      dateTime: (timeMs) => formatDateTime(timeMs, locale, timeZone),
      recordTime: (timeMs) => formatRecordTime(timeMs, locale, timeZone),
      duration: (durationMs) => formatDuration(durationMs, locale),
    }),
    [locale, timeZone],
  )
}
