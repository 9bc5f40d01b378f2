import type { z } from 'zod'
import type { verdictFilter } from '../../contracts/lag.ts'
import { VERDICT_RANKS } from './verdict.ts'

type VerdictFilter = z.infer<typeof verdictFilter>

/** Ranks that the filter lets through, both ends inclusive; all without one. */
export function ranksOf(filter: VerdictFilter | undefined): { low: number; high: number } {
  if (filter === undefined) return { low: 0, high: VERDICT_RANKS.STOP }
  if (filter === 'ERR') return { low: VERDICT_RANKS.REWIND, high: VERDICT_RANKS.STOP }
  return { low: VERDICT_RANKS[filter], high: VERDICT_RANKS[filter] }
}
