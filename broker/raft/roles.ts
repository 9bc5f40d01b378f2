// The roles of a quorum member and which may follow which. Pure data; owned by RaftCore.
import { assert } from '../runtime/assert.ts'
import type { OffsetAndEpoch } from './log-model.ts'
import type { Replication } from './replication.ts'

/** Looks for a leader; a voter stands for election when the timer expires. Covers "voted". */
export interface Unattached {
  readonly name: 'unattached'
  electionDeadlineMs: number
}

export interface Follower {
  readonly name: 'follower'
  readonly leaderId: number
  fetchDeadlineMs: number
  hasFetched: boolean
  /**
   * The leader resigned, or nobody listens at its address: pre-votes of others are fine with us.
   */
  suspectsLeader: boolean
  snapshot: { id: OffsetAndEpoch; positionBytes: number } | null
  leaderHighWatermark: number
}

/** Asks whether it would win, without touching the epoch (pre-vote, KIP-996). */
export interface Prospective {
  readonly name: 'prospective'
  readonly granted: Set<number>
  readonly rejected: Set<number>
  /** Could not be asked the last time. */
  readonly unreachable: Set<number>
  electionDeadlineMs: number
  /** Set once it cannot win, or lets another go first: when to leave this role. */
  backoffDeadlineMs: number | null
}

export interface Candidate {
  readonly name: 'candidate'
  readonly granted: Set<number>
  readonly rejected: Set<number>
  readonly unreachable: Set<number>
  electionDeadlineMs: number
  backoffDeadlineMs: number | null
}

export interface Leader {
  readonly name: 'leader'
  readonly epochStartOffset: number
  readonly replication: Replication
  beginEpochDeadlineMs: number
}

export interface Resigned {
  readonly name: 'resigned'
  readonly unacknowledged: Set<number>
  readonly preferredCandidates: readonly number[]
  readonly electionDeadlineMs: number
}

export type Role = Unattached | Follower | Prospective | Candidate | Leader | Resigned
export type RoleName = Role['name']

/**
 * | from \ to   | because |
 * |-------------|---------|
 * | unattached  | unattached: higher epoch, or a vote given; follower: leader found; |
 * |             | prospective: election timer |
 * | follower    | unattached: higher epoch, observer lost its leader; follower: another leader; |
 * |             | prospective: fetch timer, or the leader is gone |
 * | prospective | unattached: higher epoch, vote given, cannot win and no leader known; |
 * |             | follower: leader found, or cannot win and the old one may live; prospective: retry; |
 * |             | candidate: a majority would vote for it |
 * | candidate   | unattached: higher epoch; follower: leader found; prospective: lost or timed out; |
 * |             | leader: elected |
 * | leader      | unattached: higher epoch; follower: higher epoch with leader; resigned |
 * | resigned    | unattached: higher epoch or election timer; follower: leader of a higher epoch |
 *
 * An observer is only ever unattached or follower.
 */
const nextRoles: Record<RoleName, readonly RoleName[]> = {
  unattached: ['unattached', 'follower', 'prospective'],
  follower: ['unattached', 'follower', 'prospective'],
  prospective: ['unattached', 'follower', 'prospective', 'candidate'],
  candidate: ['unattached', 'follower', 'prospective', 'leader'],
  leader: ['unattached', 'follower', 'resigned'],
  resigned: ['unattached', 'follower'],
}

export function assertTransition(from: Role, to: Role, isVoter: boolean): void {
  assert(nextRoles[from.name].includes(to.name), `no way from ${from.name} to ${to.name}`)
  assert(
    isVoter || to.name === 'unattached' || to.name === 'follower',
    `an observer cannot be ${to.name}`,
  )
}
