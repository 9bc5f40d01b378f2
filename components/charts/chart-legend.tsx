'use client'

import { useTranslations } from 'next-intl'
import { cn } from '../ui/cn.ts'
import { Figure } from '../ui/figure.tsx'
import type { SeriesLook } from './colors.ts'
import { presentValues } from './limit-series.ts'
import { SeriesSwatch } from './series-swatch.tsx'
import type { ChartSeries, ChartUnit } from './types.ts'

type LegendProps = {
  series: readonly ChartSeries[]
  looks: readonly SeriesLook[]
  hidden: ReadonlySet<string>
  unit: ChartUnit
  onToggle: (name: string) => void
  isLine?: boolean
}

/** Largest last value first; a click takes a series out and puts it back. */
export const ChartLegend = ({ series, looks, hidden, unit, onToggle, isLine }: LegendProps) => {
  const t = useTranslations('chart')
  const values = presentValues(series)
  return (
    <ul
      aria-label={t('series')}
      className={cn(
        'flex gap-x-3 gap-y-0.5 pt-1.5 text-xs',
        // What does not fit fades out, which says that there is more to the right.
        isLine
          ? 'h-[34px] overflow-x-auto overflow-y-hidden pr-7 [mask-image:linear-gradient(to_right,#000_calc(100%-28px),transparent)]'
          : 'flex-wrap',
      )}
    >
      {series.map((one, index) => (
        <li key={one.name} className={isLine ? 'shrink-0' : 'min-w-0'}>
          <button
            type="button"
            aria-pressed={!hidden.has(one.name)}
            onClick={() => onToggle(one.name)}
            className={cn(
              'flex min-h-6 max-w-full items-center gap-1.5 rounded-sm px-1 hover:bg-hover',
              hidden.has(one.name) && 'text-muted line-through',
            )}
          >
            <SeriesSwatch look={looks[index]} />
            <span className="max-w-48 truncate">{one.label ?? one.name}</span>
            <Figure
              value={values[index]}
              unit={unit}
              missing={t('noLater')}
              className="text-muted"
            />
          </button>
        </li>
      ))}
    </ul>
  )
}
