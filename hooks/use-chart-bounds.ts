'use client'

import { useMemo } from 'react'
import { resolveTimeRange } from '../lib/time-range.ts'
import { useTimeRange } from './use-time-range.ts'

/** The page's range as it stood when the data came. */
export const useChartBounds = (dataUpdatedAt: number) => {
  const [range] = useTimeRange()
  return useMemo(() => resolveTimeRange(range, dataUpdatedAt), [range, dataUpdatedAt])
}
