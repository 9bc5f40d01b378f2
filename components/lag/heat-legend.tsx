'use client'

import { useTranslations } from 'next-intl'
import type { HeatMeasure } from '../../contracts/lag.ts'
import { useFormats } from '../../hooks/use-formats.ts'
import { HEAT_STEPS, heatColor, heatLimits } from './heat-scale.ts'

/** The scale in words: every step says where it ends. */
export const HeatLegend = ({ measure }: { measure: HeatMeasure }) => {
  const t = useTranslations('lag')
  const formats = useFormats()
  const limits = heatLimits(measure)
  const textOf = (value: number): string =>
    measure === 'seconds' ? formats.duration(value) : formats.unit(value, 'records').text
  const labelOf = (step: number): string => {
    const limit = limits[step]
    if (step === 0) return textOf(0)
    return limit === undefined ? `> ${textOf(limits.at(-1) ?? 0)}` : `≤ ${textOf(limit)}`
  }
  return (
    <ul aria-label={t('legend')} className="flex flex-wrap gap-x-3 gap-y-1 text-xs text-muted">
      {Array.from({ length: HEAT_STEPS }, (_, step) => (
        <li key={labelOf(step)} className="inline-flex items-center gap-1.5">
          <span
            aria-hidden
            className="inline-block h-3 w-4 rounded-xs border border-line"
            style={{ background: heatColor(step) }}
          />
          <span className="tabular">{labelOf(step)}</span>
        </li>
      ))}
      <li className="inline-flex items-center gap-1.5">
        <span aria-hidden className="inline-block h-3 w-4 rounded-xs border border-line bg-page" />
        {t('noSample')}
      </li>
    </ul>
  )
}
