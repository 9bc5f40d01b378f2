'use client'

import { useCallback, useSyncExternalStore } from 'react'

/** False on the server and in the first paint, so that both agree. */
export const useMedia = (query: string): boolean => {
  const subscribe = useCallback(
    (listener: () => void) => {
      const list = window.matchMedia(query)
      list.addEventListener('change', listener)
      return () => list.removeEventListener('change', listener)
    },
    [query],
  )
  return useSyncExternalStore(
    subscribe,
    () => window.matchMedia(query).matches,
    () => false,
  )
}

export const useIsNarrow = (): boolean => useMedia('(max-width: 639px)')
