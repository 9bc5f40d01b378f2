'use client'

import { parseAsStringLiteral, useQueryState } from 'nuqs'

export const REFRESH_CHOICES = ['5s', '10s', '30s', '1m', 'off'] as const
export type RefreshChoice = (typeof REFRESH_CHOICES)[number]

const REFRESH_MS: Record<RefreshChoice, number | false> = {
  '5s': 5000,
  '10s': 10_000,
  '30s': 30_000,
  '1m': 60_000,
  off: false,
}

const parser = parseAsStringLiteral(REFRESH_CHOICES).withDefault('5s')

export const useRefresh = () => {
  const [choice, setChoice] = useQueryState('refresh', parser)
  return {
    choice,
    setChoice: (next: RefreshChoice) => setChoice(next),
    intervalMs: REFRESH_MS[choice],
  }
}
