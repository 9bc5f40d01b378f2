'use client'

import { createParser, useQueryState } from 'nuqs'
import { parseTimeRange, serializeTimeRange, type TimeRange } from '../lib/time-range.ts'

const parseAsTimeRange = createParser<TimeRange>({
  parse: parseTimeRange,
  serialize: serializeTimeRange,
  eq: (a, b) => serializeTimeRange(a) === serializeTimeRange(b),
}).withDefault({ kind: 'relative', range: '1h' })

/** The one time range of the page, in the URL; all charts draw it and a zoom on any of them sets it. */
export const useTimeRange = (): readonly [TimeRange, (range: TimeRange) => void] => {
  const [range, setRange] = useQueryState('range', parseAsTimeRange)
  return [range, (next) => setRange(next)]
}
