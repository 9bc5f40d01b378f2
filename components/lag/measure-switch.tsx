'use client'

import { useTranslations } from 'next-intl'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { type HeatMeasure, heatMeasure } from '../../contracts/lag.ts'
import { Segmented } from '../ui/segmented.tsx'

/** Lag in time or in records: one choice for the page, in its address. */
export const useLagMeasure = (standard: HeatMeasure) =>
  useQueryState('measure', parseAsStringLiteral(heatMeasure.options).withDefault(standard))

export const MeasureSwitch = ({ standard = 'records' }: { standard?: HeatMeasure }) => {
  const t = useTranslations('lag')
  const [measure, setMeasure] = useLagMeasure(standard)
  return (
    <Segmented
      aria-label={t('measure')}
      className={standard === 'records' ? 'h-7' : ''}
      value={measure}
      onValueChange={setMeasure}
      options={heatMeasure.options.map((one) => ({ value: one, label: t(`measureOf.${one}`) }))}
    />
  )
}
