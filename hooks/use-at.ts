'use client'

import { parseAsInteger, useQueryState } from 'nuqs'
import { useMemo } from 'react'

/** Fewer questions while the slider moves. */
const SETTLE_MS = 200

/**
 * The time that the page shows its cluster as of, from its address; null: now. `query` and `poll` are for the
 * questions of pages that can be shown so: what was does not change any more.
 */
export const useAt = () => {
  const [atMs, setAtMs] = useQueryState('at', parseAsInteger.withOptions({ throttleMs: SETTLE_MS }))
  return useMemo(
    () => ({
      atMs,
      setAtMs: (next: number | null) => void setAtMs(next),
      query: atMs === null ? {} : { at: atMs },
      poll: atMs === null ? ('live' as const) : ('once' as const),
    }),
    [atMs, setAtMs],
  )
}
