// Which requests a role wants to have sent, and to whom. Pure; RaftCore sends those whose peer is
// idle.
import type { FetchRequestData, PeerRequest, RaftTimings } from './core-types.ts'
import type { QuorumState } from './quorum-state.ts'
import type { Leader } from './roles.ts'

export interface Wanted {
  to: number
  request: PeerRequest
}

export interface Asker {
  quorum: QuorumState
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
      data: { epoch: quorum.epoch, leaderId: quorum.nodeId, voterId },
    },
  }))
}

function fetchData({ quorum, timings, highWatermark }: Asker): FetchRequestData {
  return {
    replicaId: quorum.nodeId,
    // Filled in by the driver, which knows its directory and its limits.
    replicaDirectoryId: '',
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
      voterId,
      lastOffset: quorum.log.endOffset,
      lastEpoch: quorum.log.lastEpoch,
      isPreVote,
    },
  }
}
