'use client'

import { useEffect, useState } from 'react'

const storageName = (tableId: string): string => `eyrie-columns:${tableId}`

const parse = (text: string | null): Record<string, boolean> => {
  if (text === null) return {}
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return {}
    return Object.fromEntries(
      Object.entries(value).filter(([, shown]) => typeof shown === 'boolean'),
    )
  } catch {
    return {}
  }
}

/** Which columns a person shows, kept in their browser; the defaults are what the server renders. */
export const useColumnChoice = (tableId: string, defaults: Record<string, boolean>) => {
  const [choice, setChoice] = useState<Record<string, boolean>>({})
  useEffect(() => setChoice(parse(localStorage.getItem(storageName(tableId)))), [tableId])
  const setColumn = (id: string, isShown: boolean) => {
    const next = { ...choice, [id]: isShown }
    localStorage.setItem(storageName(tableId), JSON.stringify(next))
    setChoice(next)
  }
  return { visibility: { ...defaults, ...choice }, setColumn }
}
