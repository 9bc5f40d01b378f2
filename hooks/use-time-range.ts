'use client'

import { createParser, useQueryStates } from 'nuqs'
import { useCallback } from 'react'
import { parseTimeRange, serializeTimeRange, type TimeRange } from '../lib/time-range.ts'

/** The range before the first zoom. */
const parseAsFormerRange = createParser<TimeRange>({
  parse: parseTimeRange,
  serialize: serializeTimeRange,
  eq: (a, b) => serializeTimeRange(a) === serializeTimeRange(b),
})
const parseAsTimeRange = parseAsFormerRange.withDefault({ kind: 'relative', range: '1h' })

/** The one time range of the page, in the URL; all charts draw it and a zoom on any of them sets it. */
export const useTimeRange = (): readonly [TimeRange, (range: TimeRange) => void] => {
  const [{ range }, set] = useQueryStates({ range: parseAsTimeRange, unzoomed: parseAsFormerRange })
  return [range, (next) => set({ range: next, unzoomed: null })]
}

/**
 * A stretch of time that all charts of the page are zoomed to together, and the way back to the range
 * before the first zoom; `zoomBack` is null where there was none.
 */
export const useZoom = () => {
  const [{ range, unzoomed }, set] = useQueryStates(
    { range: parseAsTimeRange, unzoomed: parseAsFormerRange },
    { history: 'push' },
  )
  const zoomTo = useCallback(
    (bounds: { fromMs: number; toMs: number }) => {
      void set((now) => ({
        range: { kind: 'fixed', ...bounds },
        unzoomed: now.unzoomed ?? now.range,
      }))
    },
    [set],
  )
  const zoomBack = useCallback(() => {
    void set((now) => ({ range: now.unzoomed, unzoomed: null }))
  }, [set])
  return { range, zoomTo, zoomBack: unzoomed === null ? null : zoomBack }
}
