// How votes are counted, when an election is given up, and who goes first. Pure; called by
// RaftCore.
import type { QuorumState } from './quorum-state.ts'
import type { Candidate, Prospective } from './roles.ts'

/** What a pre-vote and a vote take, with a sync of the disk in each. */
const YIELD_MS = 100

export function tickElection(
  quorum: QuorumState,
  nowMs: number,
  role: Prospective | Candidate,
): void {
  if (role.backoffDeadlineMs === null) {
    if (nowMs < role.electionDeadlineMs) return
    if (role.name === 'prospective') quorum.becomeProspective(nowMs)
    else role.backoffDeadlineMs = nowMs + quorum.electionBackoffMs()
  } else if (nowMs >= role.backoffDeadlineMs) {
    // Others still hear from the leader they told of: it may be alive after all.
    const { leaderId, epoch } = quorum
    if (role.name === 'candidate' || leaderId === null) quorum.becomeProspective(nowMs)
    else quorum.becomeFollower(nowMs, epoch, leaderId)
  }
}

export function countVote(
  quorum: QuorumState,
  nowMs: number,
  vote: { from: number; isGranted: boolean },
): void {
  const { role, majority } = quorum
  if (role.name !== 'prospective' && role.name !== 'candidate') return
  role.unreachable.delete(vote.from)
  if (vote.isGranted) role.granted.add(vote.from)
  else role.rejected.add(vote.from)
  if (role.granted.size < majority) giveUpIfHopeless(quorum, nowMs, role)
  else if (role.name === 'candidate') quorum.becomeLeader(nowMs, [...role.granted])
  else if (role.backoffDeadlineMs === null) quorum.becomeCandidate(nowMs)
}

/** A voter did not answer; it is asked again while there is hope. */
export function countUnreachable(quorum: QuorumState, nowMs: number, voter: number): void {
  const { role } = quorum
  if (role.name !== 'prospective' && role.name !== 'candidate') return
  role.unreachable.add(voter)
  giveUpIfHopeless(quorum, nowMs, role)
}

/** Whoever was just told that it would win goes first: two that stand together split the votes. */
export function letOtherGoFirst(quorum: QuorumState, nowMs: number): void {
  const { role } = quorum
  const untilMs = nowMs + YIELD_MS + quorum.randomMs(YIELD_MS)
  if (role.name === 'prospective') {
    role.backoffDeadlineMs ??= untilMs
  } else if (role.name === 'follower') {
    role.fetchDeadlineMs = Math.max(role.fetchDeadlineMs, untilMs)
  } else if (role.name === 'unattached') {
    role.electionDeadlineMs = Math.max(role.electionDeadlineMs, untilMs)
  }
}

/** Waiting for voters that cannot be reached would keep the reachable ones without a leader. */
function giveUpIfHopeless(quorum: QuorumState, nowMs: number, role: Prospective | Candidate): void {
  const { voters, majority } = quorum
  const lost = voters.filter((voter) => role.rejected.has(voter) || role.unreachable.has(voter))
  if (voters.length - lost.length >= majority) return
  role.backoffDeadlineMs ??= nowMs + quorum.electionBackoffMs()
}
