'use client'

import { useEffect, useState } from 'react'

export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

const isOverlayOpen = (): boolean =>
  document.querySelector('[role="dialog"],[role="menu"],[role="listbox"]') !== null

/** `j` and `k` walk the list, Enter opens; -1: none is marked. */
export const useListKeys = (options: {
  isEnabled: boolean
  count: number
  onOpen: (index: number) => void
}): number => {
  const [active, setActive] = useState(-1)
  const { isEnabled, count, onOpen } = options
  useEffect(() => {
    if (!isEnabled) return
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return
      if (isTyping(event.target) || isOverlayOpen()) return
      if (event.key === 'j') setActive((now) => Math.min(count - 1, now + 1))
      else if (event.key === 'k') setActive((now) => Math.max(0, now - 1))
      else if (event.key === 'Enter' && active >= 0 && event.target === document.body)
        onOpen(active)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [isEnabled, count, active, onOpen])
  return Math.min(active, count - 1)
}
