'use client'

import { useTranslations } from 'next-intl'
import { useMemo } from 'react'
import type {
  GroupLag,
  LagForecast,
  LagTime,
  PartitionVerdict,
  WorstPartition,
} from '../../contracts/lag.ts'
import { useAt } from '../../hooks/use-at.ts'
import { useFormats } from '../../hooks/use-formats.ts'

export type LagWords = {
  /** Short, with its precision: `≈ 4 min`, `3 min–6 min`, `> 2 h`. */
  readonly time: (time: LagTime) => string
  /** What bounds it, for the hover. */
  readonly precision: (time: LagTime) => string
  /** `nowMs`: when left out, the time that the page shows. */
  readonly reason: (verdict: PartitionVerdict, nowMs?: number) => string
  readonly worst: (worst: WorstPartition, nowMs?: number) => string
  /** What a group's verdict comes from. */
  readonly group: (group: Pick<GroupLag, 'verdict' | 'worst'>, nowMs?: number) => string
  readonly forecast: (forecast: LagForecast) => string
  /** Why there is no verdict: no commit yet, or, of a past partition, too few samples from before. */
  readonly noVerdict: string
}

/** From here on an estimate's bounds are so far apart that they are shown instead of it. */
const WIDE_SHARE = 0.5
const WIDE_MS = 60_000
/** Bounds of a forecast this near each other are one figure. */
const NARROW_SHARE = 0.1

/** Lag in time, verdicts and forecasts as sentences in the reader's language. */
export const useLagWords = (): LagWords => {
  const t = useTranslations('lag')
  const { atMs } = useAt()
  const isPast = atMs !== null
  const formats = useFormats()
  return useMemo(() => {
    const duration = formats.duration
    const records = (value: number | null): string => formats.exact(value ?? 0)
    const time = ({ estimateMs, atLeastMs, atMostMs }: LagTime): string => {
      if (estimateMs === null) return t('time.moreThan', { time: duration(atLeastMs) })
      if (atMostMs === null) return t('time.about', { time: duration(estimateMs) })
      if (atMostMs === 0) return duration(0)
      const spanMs = atMostMs - atLeastMs
      if (spanMs > WIDE_MS && spanMs > WIDE_SHARE * estimateMs) {
        return t('time.between', { low: duration(atLeastMs), high: duration(atMostMs) })
      }
      return t('time.about', { time: duration(estimateMs) })
    }
    const precision = ({ estimateMs, atLeastMs, atMostMs }: LagTime): string => {
      if (estimateMs === null) return t('time.open', { time: duration(atLeastMs) })
      if (atMostMs === null) return t('time.boundsNotKept')
      if (atMostMs === 0) return t('time.zero')
      return t('time.precision', { low: duration(atLeastMs), high: duration(atMostMs) })
    }
    const shownMs = (): number => atMs ?? Date.now()
    const reason = (verdict: PartitionVerdict, nowMs = shownMs()): string =>
      t(`reason.${verdict.reason}`, {
        ago: duration(Math.max(0, nowMs - (verdict.sinceMs ?? nowMs))),
        lag: records(verdict.lag),
        before: records(verdict.lagThen),
        from: records(verdict.from),
        commits: verdict.commits,
      })
    const worst = (one: WorstPartition, nowMs = shownMs()): string =>
      t('worst', { topic: one.topic, partition: one.partition, sentence: reason(one, nowMs) })
    const forecast = ({ kind, atLeastMs, atMostMs }: LagForecast): string => {
      if (isPast && kind === 'unknown') return '–'
      if (kind !== 'drains' || atLeastMs === null)
        return t(`forecast.${kind}`, { from: '', to: '' })
      const from = duration(atLeastMs)
      if (atMostMs === null) return t('forecast.drainsOpen', { from })
      if (atMostMs - atLeastMs <= NARROW_SHARE * atMostMs)
        return t('forecast.drainsAbout', { from })
      return t('forecast.drains', { from, to: duration(atMostMs) })
    }
    const noVerdict = t(isPast ? 'noVerdictThen' : 'noVerdict')
    const group: LagWords['group'] = (one, nowMs) => {
      if (one.worst !== null) return worst(one.worst, nowMs)
      return one.verdict === null ? noVerdict : t('partitionNotKept')
    }
    return { time, precision, reason, worst, group, forecast, noVerdict }
  }, [t, formats, isPast, atMs])
}
