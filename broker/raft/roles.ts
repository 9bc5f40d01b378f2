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
  /** When to ask for a change of this node's place among the voters, if one is due. */
  voterChangeDueMs: number
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
 * An observer is only ever unattached or follower; a leader that was removed resigns first.
 */
const nextRoles: Record<RoleName, readonly RoleName[]> = {
  unattached: ['unattached', 'follower', 'prospective'],
  follower: ['unattached', 'follower', 'prospective'],
  prospective: ['unattached', 'follower', 'prospective', 'candidate'],
  candidate: ['unattached', 'follower', 'prospective', 'leader'],
  leader: ['unattached', 'follower', 'resigned'],
  resigned: ['unattached', 'follower'],
}

export function assertTransition(from: Role, to: Role, mayStand: boolean): void {
  assert(nextRoles[from.name].includes(to.name), `no way from ${from.name} to ${to.name}`)
  const isOpen = to.name === 'unattached' || to.name === 'follower' || to.name === 'resigned'
  assert(mayStand || isOpen, `an observer cannot be ${to.name}`)
}

/** When something is to be done in `role` although nothing was heard. */
export function deadlineOf(role: Readonly<Role>, mayStand: boolean): number {
  switch (role.name) {
    case 'leader':
      return Math.min(
        role.replication.checkQuorumDeadlineMs,
        role.beginEpochDeadlineMs,
        ...role.replication.parked.map((fetch) => fetch.deadlineMs),
      )
    case 'follower':
      return role.fetchDeadlineMs
    case 'prospective':
    case 'candidate':
      return role.backoffDeadlineMs ?? role.electionDeadlineMs
    case 'resigned':
      return role.electionDeadlineMs
    case 'unattached':
      return mayStand ? role.electionDeadlineMs : Number.POSITIVE_INFINITY
  }
}
