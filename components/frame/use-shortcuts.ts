'use client'

import { useRouter } from 'next/navigation'
import { useEffect, useRef } from 'react'
import { useConsoleLinks } from '../../hooks/use-console-links.ts'
import { isTyping } from '../ui/use-list-keys.ts'

/** How long after `g` the letter of the page may come. */
const CHORD_MS = 1200

const focusSearch = (): boolean => {
  const field = document.querySelector<HTMLInputElement>('[data-page-search]')
  field?.focus()
  field?.select()
  return field !== null
}

/** Ctrl-K, `/`, and `g` with one of `o t g l b q e m c` for a page. Esc is each overlay's own. */
export const useShortcuts = (options: {
  cluster: string | null
  openPalette: () => void
}): void => {
  const router = useRouter()
  const links = useConsoleLinks()
  const chordAt = useRef(0)
  const { cluster, openPalette } = options
  useEffect(() => {
    const go = (key: string): string | null => {
      if (cluster === null) return null
      switch (key) {
        case 'o':
          return links.overview(cluster)
        case 't':
          return links.topics(cluster)
        case 'g':
          return links.groups(cluster)
        case 'l':
          return links.lag(cluster)
        case 'b':
          return links.brokers(cluster)
        case 'q':
          return links.quorum(cluster)
        case 'e':
          return links.events(cluster)
        case 'm':
          return links.metrics(cluster)
        case 'c':
          return links.config(cluster)
        default:
          return null
      }
    }
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        openPalette()
        return
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      const isChord = event.timeStamp - chordAt.current < CHORD_MS
      const target = isChord ? go(event.key) : null
      if (target !== null) {
        chordAt.current = 0
        router.push(target)
      } else if (event.key === 'g') chordAt.current = event.timeStamp
      else if (event.key === '/' && focusSearch()) event.preventDefault()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [cluster, links, openPalette, router])
}
