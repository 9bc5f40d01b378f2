'use client'

import { useFormats } from '../../hooks/use-formats.ts'
import type { Unit } from '../../lib/format-number.ts'
import { Figure } from './figure.tsx'

type PairFigureProps = {
  first: number | null | undefined
  second: number | null | undefined
  unit: Unit
  missing?: string | null
}

const unitOf = (text: string): string => /[^\d.,\s]+$/.exec(text)?.[0] ?? ''

/** Two figures of one unit, "8.1 / 24 MB/s": where both come out in the same step it is named once. */
export const PairFigure = ({ first, second, unit, missing = null }: PairFigureProps) => {
  const formats = useFormats()
  if (typeof first === 'number' && typeof second === 'number') {
    const one = formats.unit(first, unit)
    const two = formats.unit(second, unit)
    const step = unitOf(one.text)
    if (step !== '' && step === unitOf(two.text)) {
      const exact = `${one.exact} / ${two.exact}`
      return (
        <span className="tabular relative whitespace-nowrap" title={exact}>
          <span aria-hidden className="select-none">
            {one.text.slice(0, -step.length).trimEnd()} / {two.text}
          </span>
          <span className="sr-only select-text">{exact}</span>
        </span>
      )
    }
  }
  return (
    <span>
      <Figure value={first} unit={unit} missing={missing} />
      {' / '}
      <Figure value={second} unit={unit} missing={missing} />
    </span>
  )
}
