import type {
  GroupVerdictName,
  PartitionVerdict,
  PartitionVerdictName,
  WorstPartition,
} from '../../contracts/lag.ts'

/** Commits that are looked at, Burrow's default. */
export const WINDOW_COMMITS = 10

interface Commit {
  readonly tMs: number
  readonly offset: number
  readonly lag: number
  /** How long records had been waiting for it: since the commit before, or since there was none. */
  readonly waitedMs: number
}

/** What one cycle saw of a partition. */
export interface Sighting {
  readonly tMs: number
  readonly committed: number
  /** Null: its leader did not answer. */
  readonly end: number | null
}

/**
 * One group's reading of one partition, judged by Burrow's rules from samples alone: OffsetFetch
 * tells positions, not when they were committed. A changed position is a commit, seen at its
 * sample; the first sight counts as one. That an unchanged position is committed again cannot be
 * seen, so what parts STALL from STOP is whether a member owns the partition.
 */
export class PartitionWatch {
  readonly #commits: Commit[] = []
  #lag: number | null = null
  /** Last commit, or last time without lag if that was later. */
  #waitsSinceMs = 0
  #samplesWaiting = 0
  #zeroMs: number | null = null

  /** Times must grow. */
  observe({ tMs, committed, end }: Sighting): void {
    const last = this.#commits.at(-1)
    const lag = end === null ? null : Math.max(0, end - committed)
    if (last === undefined || committed !== last.offset) {
      const waitedMs = last === undefined ? 0 : tMs - this.#waitsSinceMs
      // Without the end offset the lag before it is the best that is known.
      this.#commits.push({ tMs, offset: committed, lag: lag ?? this.#lag ?? 0, waitedMs })
      if (this.#commits.length > WINDOW_COMMITS) this.#commits.shift()
      this.#restart(tMs)
    } else this.#samplesWaiting++
    if (lag === 0) {
      this.#zeroMs = tMs
      this.#restart(tMs)
    }
    this.#lag = lag
  }

  #restart(tMs: number): void {
    this.#waitsSinceMs = tMs
    this.#samplesWaiting = 0
  }

  /** `nowMs`: of the last sighting. */
  judge({ nowMs, isOwned }: { nowMs: number; isOwned: boolean }): PartitionVerdict {
    const lag = this.#lag
    const commits = this.#commits
    const first = commits[0]
    const last = commits.at(-1)
    const said = (
      verdict: PartitionVerdict['verdict'],
      reason: PartitionVerdict['reason'],
      more: Partial<PartitionVerdict> = {},
    ): PartitionVerdict => {
      const none = { sinceMs: null, lagThen: null, from: null }
      return { verdict, reason, ...none, lag, commits: commits.length, ...more }
    }
    if (lag === null || first === undefined || last === undefined) return said(null, 'no-end')
    if (lag === 0) return said('OK', 'no-lag')
    const isSilent = this.#isSilentAt(nowMs)
    const waiting = { sinceMs: this.#waitsSinceMs }
    if (isSilent && !isOwned) return said('STOP', 'no-commit', waiting)
    const furthest = commits.reduce((a, b) => (b.offset >= a.offset ? b : a))
    if (last.offset < furthest.offset) {
      const back = commits[commits.indexOf(furthest) + 1] ?? last
      return said('REWIND', 'went-back', { sinceMs: back.tMs, from: furthest.offset })
    }
    if (isSilent) return said('STALL', 'no-commit-owned', waiting)
    if (this.#zeroMs !== null && this.#zeroMs >= first.tMs) {
      return said('OK', 'lag-was-zero', { sinceMs: this.#zeroMs })
    }
    const fellAt = commits.findLast((commit, i) => commit.lag < (commits[i - 1]?.lag ?? 0))
    if (fellAt !== undefined) return said('OK', 'lag-fell', { sinceMs: fellAt.tMs })
    const grown = { sinceMs: first.tMs, lagThen: first.lag }
    if (commits.length < WINDOW_COMMITS) return said(null, 'too-few-commits', grown)
    return said('WARN', 'lag-never-fell', grown)
  }

  /**
   * Nothing was committed for longer than the whole window took while records waited, and for as
   * many samples as the window has commits: a pause between two batches is neither.
   */
  #isSilentAt(nowMs: number): boolean {
    if (this.#samplesWaiting < WINDOW_COMMITS) return false
    const windowMs = this.#commits.slice(1).reduce((sum, commit) => sum + commit.waitedMs, 0)
    return nowMs - this.#waitsSinceMs > windowMs
  }
}

/** By severity; what lists are sorted by. 0: not known. */
export const VERDICT_RANKS = { OK: 1, WARN: 2, REWIND: 3, STALL: 4, STOP: 5 } as const

export function rankOf(verdict: PartitionVerdictName | null): number {
  return verdict === null ? 0 : VERDICT_RANKS[verdict]
}

const NAMES: readonly (PartitionVerdictName | null)[] = [
  null,
  'OK',
  'WARN',
  'REWIND',
  'STALL',
  'STOP',
]

export function verdictOfRank(rank: number): PartitionVerdictName | null {
  return NAMES[rank] ?? null
}

/** REWIND, STALL and STOP of any partition are an error of the group. */
export function groupVerdictOf(worst: PartitionVerdictName | null): GroupVerdictName | null {
  if (worst === null || worst === 'OK' || worst === 'WARN') return worst
  return 'ERR'
}

/** What is not known yet may be bad: a group is OK only when all of it is. */
function severityOf(verdict: PartitionVerdictName | null): number {
  return verdict === null ? VERDICT_RANKS.OK + 0.5 : VERDICT_RANKS[verdict]
}

/** The most severe; among equals the one with the most lag. Null: there is no partition. */
export function worstOf(partitions: Iterable<WorstPartition>): WorstPartition | null {
  let worst: WorstPartition | null = null
  for (const one of partitions) {
    const by = worst === null ? 1 : severityOf(one.verdict) - severityOf(worst.verdict)
    if (by > 0 || (by === 0 && (one.lag ?? -1) > (worst?.lag ?? -1))) worst = one
  }
  return worst
}
