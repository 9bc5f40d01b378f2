// Which requests a role wants to have sent, and to whom. Pure; RaftCore sends those whose peer is
// idle.
import { ZERO_UUID } from '../../protocol/primitives.ts'
import type { FetchRequestData, PeerRequest, RaftTimings } from './core-types.ts'
import type { QuorumState } from './quorum-state.ts'
import type { Follower, Leader } from './roles.ts'
import type { Voter } from './voter-set.ts'

export interface Wanted {
  to: number
  request: PeerRequest
}

export interface Asker {
  quorum: QuorumState
  /** How this node wants to stand among the voters. */
  self: Voter | null
  joinsByItself: boolean
  timings: RaftTimings
  highWatermark: number
  /** No change of the log is under way: its end is on disk and may be told. */
  isSettled: boolean
}

/** What is wanted of known peers; whom an unattached node asks is for the core to choose. */
export function wantedRequests(asker: Asker, nowMs: number): Wanted[] {
  const { quorum } = asker
  const { role, epoch, nodeId } = quorum
  switch (role.name) {
    case 'unattached':
      return []
    case 'follower': {
      if (!asker.isSettled) return []
      const change = dueVoterChange(asker, role, nowMs)
      if (change !== null) return [{ to: role.leaderId, request: change }]
      const fetch = fetchData(asker)
      if (role.snapshot === null) {
        return [{ to: role.leaderId, request: { kind: 'fetch', data: fetch } }]
      }
      const { id, positionBytes } = role.snapshot
      const data = { epoch, id, positionBytes }
      return [{ to: role.leaderId, request: { kind: 'fetchSnapshot', data } }]
    }
    case 'prospective':
    case 'candidate': {
      if (role.backoffDeadlineMs !== null) return []
      const isPreVote = role.name === 'prospective'
      return quorum.voters
        .filter((voter) => !role.granted.has(voter) && !role.rejected.has(voter))
        .map((voterId) => ({ to: voterId, request: voteRequest(quorum, voterId, isPreVote) }))
    }
    case 'leader':
      return announcements(asker, role, nowMs)
    case 'resigned': {
      const { preferredCandidates } = role
      return [...role.unacknowledged].map((voterId) => ({
        to: voterId,
        request: {
          kind: 'endEpoch',
          data: { epoch, leaderId: nodeId, voterId, preferredCandidates },
        },
      }))
    }
  }
}

/**
 * What a follower asks of its leader about its own place: to be known as it is now, or, where it may join by itself,
 * to be let in, after whatever was there under its id has gone. Every fetch timeout at most.
 */
function dueVoterChange(
  { quorum, self, joinsByItself }: Asker,
  role: Follower,
  nowMs: number,
): PeerRequest | null {
  const { history, epoch, nodeId, isVoter } = quorum
  const mayAsk = self !== null && role.hasFetched && nowMs >= role.voterChangeDueMs
  if (!mayAsk || history.kraftVersion < 1) return null
  const known = history.voters.get(nodeId)
  if (isVoter && known !== undefined) {
    return isSameVoter(known, self) ? null : { kind: 'updateVoter', data: { epoch, voter: self } }
  }
  if (!joinsByItself) return null
  if (known !== undefined) return { kind: 'removeVoter', data: { epoch, voter: known } }
  return { kind: 'addVoter', data: { epoch, voter: self } }
}

function isSameVoter(left: Voter, right: Voter): boolean {
  const textOf = ({ endpoints, minVersion, maxVersion }: Voter) =>
    JSON.stringify([
      minVersion,
      maxVersion,
      endpoints.map(({ name, host, port }) => `${name}://${host}:${port}`).sort(),
    ])
  return textOf(left) === textOf(right)
}

/** A fetch by which an unattached node finds out who leads. */
export function discoveryRequest(asker: Asker): PeerRequest {
  return { kind: 'fetch', data: { ...fetchData(asker), maxWaitMs: 0 } }
}

/** BeginQuorumEpoch goes to voters that do not fetch, again and again until they do. */
function announcements({ quorum, timings }: Asker, role: Leader, nowMs: number): Wanted[] {
  if (nowMs < role.beginEpochDeadlineMs) return []
  const intervalMs = timings.fetchTimeoutMs / 2
  role.beginEpochDeadlineMs = nowMs + intervalMs
  return role.replication.silentVoters(nowMs - intervalMs).map((voterId) => ({
    to: voterId,
    request: {
      kind: 'beginEpoch',
      data: {
        epoch: quorum.epoch,
        leaderId: quorum.nodeId,
        voterId,
        voterDirectoryId: quorum.voterSet.get(voterId)?.directoryId ?? ZERO_UUID,
      },
    },
  }))
}

function fetchData({ quorum, timings, highWatermark }: Asker): FetchRequestData {
  return {
    replicaId: quorum.nodeId,
    replicaDirectoryId: quorum.directoryId,
    // Filled in by the driver, which knows its limits.
    maxBytes: 0,
    epoch: quorum.epoch,
    fetchOffset: quorum.log.endOffset,
    lastFetchedEpoch: quorum.log.lastEpoch,
    maxWaitMs: timings.fetchMaxWaitMs,
    highWatermark,
  }
}

function voteRequest(quorum: QuorumState, voterId: number, isPreVote: boolean): PeerRequest {
  return {
    kind: 'vote',
    data: {
      epoch: quorum.epoch,
      candidateId: quorum.nodeId,
      candidateDirectoryId: quorum.directoryId,
      voterId,
      voterDirectoryId: quorum.voterSet.get(voterId)?.directoryId ?? ZERO_UUID,
      lastOffset: quorum.log.endOffset,
      lastEpoch: quorum.log.lastEpoch,
      isPreVote,
    },
  }
}
