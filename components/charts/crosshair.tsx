'use client'

import { createContext, type ReactNode, useContext, useState, useSyncExternalStore } from 'react'

type Listener = () => void

/** The hovered time of the page, outside React state: a move redraws a line, not the charts. */
class CrosshairStore {
  #timeMs: number | null = null
  readonly #listeners = new Set<Listener>()

  readonly subscribe = (listener: Listener): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly get = (): number | null => this.#timeMs

  set(timeMs: number | null): void {
    if (timeMs === this.#timeMs) return
    this.#timeMs = timeMs
    for (const listener of this.#listeners) listener()
  }
}

const CrosshairContext = createContext<CrosshairStore | null>(null)

/** All charts inside show the same crosshair. */
export const ChartGroup = ({ children }: { children: ReactNode }) => {
  const [store] = useState(() => new CrosshairStore())
  return <CrosshairContext value={store}>{children}</CrosshairContext>
}

export const useCrosshair = (): readonly [number | null, (timeMs: number | null) => void] => {
  const shared = useContext(CrosshairContext)
  const [own] = useState(() => new CrosshairStore())
  const store = shared ?? own
  const timeMs = useSyncExternalStore(store.subscribe, store.get, () => null)
  return [timeMs, (next) => store.set(next)]
}
