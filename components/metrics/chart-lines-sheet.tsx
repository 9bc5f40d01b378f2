'use client'

import { Plus, X } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import type { PinItem } from '../../contracts/charts.ts'
import {
  CHART_TITLE_CHARS_MAX,
  LINES_MAX,
  type PlacedChart,
  renamed,
  withoutPin,
  withPin,
} from '../../lib/chart-layout.ts'
import { unitOfPin } from '../../lib/pin-unit.ts'
import { Button } from '../ui/button.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { StateMark } from '../ui/state-mark.tsx'
import { TextField } from '../ui/text-field.tsx'
import { type KnownChart, pinTitle, useUnits } from './chart-words.ts'

type ChartLinesSheetProps = {
  charts: readonly PlacedChart[]
  chart: KnownChart
  /** All that are pinned. */
  pins: readonly PinItem[]
  onChange: (charts: PlacedChart[]) => void
  onClose: () => void
}

type RowProps = {
  pin: PinItem
  /** Of another unit than the chart's lines. */
  isForeign: boolean
  label: string
  icon: typeof Plus
  isDisabled?: boolean
  onClick: () => void
}

const PinRow = ({ pin, isForeign, label, icon: Icon, isDisabled, onClick }: RowProps) => {
  const t = useTranslations('metrics')
  const { unitOf } = useUnits()
  return (
    <li className="flex items-center gap-2 border-t border-line py-1.5 first:border-t-0">
      <span className="min-w-0 flex-1">
        <span className="block text-sm break-words">{pinTitle(pin)}</span>
        <span className="text-xs text-muted">
          {isForeign ? t('otherUnit', { unit: unitOf(unitOfPin(pin)) }) : unitOf(unitOfPin(pin))}
        </span>
      </span>
      <Button
        size="iconSm"
        aria-label={label}
        title={label}
        disabled={isDisabled}
        onClick={onClick}
      >
        <Icon aria-hidden />
      </Button>
    </li>
  )
}

/** What one chart of one's own draws, and how it is called. */
export const ChartLinesSheet = (props: ChartLinesSheetProps) => {
  const { charts, chart, onChange } = props
  const t = useTranslations('metrics')
  const { clashOf } = useUnits()
  const [name, setName] = useState(charts.find(({ id }) => id === chart.id)?.title ?? '')
  const clash = clashOf(chart.pins)
  const spare = props.pins.filter((pin) => !chart.pins.some(({ id }) => id === pin.id))
  const units = new Set(chart.pins.map(unitOfPin))
  const isFull = chart.pins.length >= LINES_MAX
  return (
    <Sheet
      open
      onOpenChange={(isOpen) => (isOpen ? undefined : props.onClose())}
      title={t('linesTitle')}
      description={t('linesIntro', { max: LINES_MAX })}
    >
      <div className="flex flex-col gap-4">
        <TextField
          label={t('chartName')}
          value={name}
          placeholder={chart.title}
          maxLength={CHART_TITLE_CHARS_MAX}
          onChange={(text) => {
            setName(text)
            onChange(renamed(charts, chart.id, text))
          }}
        />
        <section>
          <h3 className="mb-1 text-sm font-semibold">{t('linesNow')}</h3>
          {clash === null ? null : <StateMark state="attention">{clash}</StateMark>}
          <ul>
            {chart.pins.map((pin) => (
              <PinRow
                key={pin.id}
                pin={pin}
                isForeign={false}
                label={t('lineOut', { attribute: pinTitle(pin) })}
                icon={X}
                onClick={() => onChange(withoutPin(charts, chart.id, pin.id))}
              />
            ))}
          </ul>
        </section>
        <section>
          <h3 className="mb-1 text-sm font-semibold">{t('linesSpare')}</h3>
          {spare.length === 0 ? <p className="text-sm text-muted">{t('linesNoSpare')}</p> : null}
          {isFull ? <p className="text-sm text-muted">{t('linesFull')}</p> : null}
          <ul>
            {spare.map((pin) => (
              <PinRow
                key={pin.id}
                pin={pin}
                isForeign={!units.has(unitOfPin(pin))}
                label={t('lineIn', { attribute: pinTitle(pin) })}
                icon={Plus}
                isDisabled={isFull}
                onClick={() => onChange(withPin(charts, chart.id, pin.id))}
              />
            ))}
          </ul>
        </section>
      </div>
    </Sheet>
  )
}
