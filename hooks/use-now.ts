'use client'

import { useSyncExternalStore } from 'react'
import { useAt } from './use-at.ts'

let nowMs = 0
let timer: ReturnType<typeof setInterval> | null = null
const listeners = new Set<() => void>()

const tick = (): void => {
  nowMs = Date.now()
  for (const listener of listeners) listener()
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener)
  if (timer === null) {
    nowMs = Date.now()
    timer = setInterval(tick, 1000)
  }
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0 || timer === null) return
    clearInterval(timer)
    timer = null
  }
}

const getSnapshot = (): number => (nowMs === 0 ? 0 : nowMs)

/**
 * The wall clock, once a second, from one timer for the whole page; 0 while rendering on the server. On a page that
 * shows its cluster as it was, that time: ages are of then.
 */
export const useNow = (): number => {
  const { atMs } = useAt()
  const now = useSyncExternalStore(subscribe, getSnapshot, () => 0)
  return now === 0 || atMs === null ? now : atMs
}
