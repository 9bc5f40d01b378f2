// Whether a voter gives its vote, and to which question: and whom it lets lead. Pure.
import { ErrorCode } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import type { LeaderRequestData, VoteRequestData } from './core-types.ts'
import type { LogModel } from './log-model.ts'
import type { Role } from './roles.ts'

export interface Elector {
  readonly nodeId: number
  readonly epoch: number
  readonly leaderId: number | null
  readonly votedId: number | null
  readonly votedDirectoryId: string
  readonly directoryId: string
  readonly role: Readonly<Role>
  readonly log: LogModel
}

export interface Verdict {
  errorCode: number
  isGranted: boolean
}

/**
 * 'higherEpoch': the elector must take the epoch over first and ask again. A pre-vote asks with the
 * epoch the asker has, a vote with the one it wants to lead.
 */
export function checkVote(elector: Elector, request: VoteRequestData): Verdict | 'higherEpoch' {
  const { epoch, lastEpoch, lastOffset, candidateId, isPreVote } = request
  const isOdd = isPreVote ? lastEpoch > epoch : lastEpoch >= epoch
  if (lastOffset < 0 || lastEpoch < 0 || isOdd) return refuse(ErrorCode.INVALID_REQUEST)
  if (epoch < elector.epoch) return refuse(ErrorCode.FENCED_LEADER_EPOCH)
  // Who votes may have changed in a part of the log that is not here yet: candidates know whom to
  // count, so a vote of somebody else does no harm and may be the one that is needed.
  if (candidateId < 0 || candidateId === elector.nodeId) return refuse(ErrorCode.INVALID_REQUEST)
  if (epoch > elector.epoch) return 'higherEpoch'
  if (!isMeant(elector, request)) return refuse(ErrorCode.INVALID_VOTER_KEY)
  const isUpToDate = elector.log.isUpToDate({ offset: lastOffset, epoch: lastEpoch })
  const isGranted = isPreVote
    ? isUpToDate && wouldFollow(elector, request)
    : mayVote(elector, request) && (isUpToDate || elector.votedId === candidateId)
  return { errorCode: ErrorCode.NONE, isGranted }
}

/**
 * A pre-vote is for those who have no leader they hear from. Of two with equal logs that ask each
 * other in the same moment only the one with the lower id is told yes: else they would split the
 * votes.
 */
function wouldFollow(elector: Elector, request: VoteRequestData): boolean {
  const { role, log } = elector
  switch (role.name) {
    case 'leader':
      return false
    case 'follower':
      return role.suspectsLeader || !role.hasFetched
    case 'prospective': {
      const isEqual = request.lastOffset === log.endOffset && request.lastEpoch === log.lastEpoch
      const isAsking = role.backoffDeadlineMs === null
      return !(isAsking && isEqual && elector.nodeId < request.candidateId)
    }
    case 'unattached':
    case 'candidate':
    case 'resigned':
      return true
  }
}

/** One vote an epoch, and none where the epoch has a leader already. */
function mayVote(elector: Elector, request: VoteRequestData): boolean {
  if (elector.votedId !== null) {
    const isSame =
      elector.votedId === request.candidateId &&
      isSameDirectory(elector.votedDirectoryId, request.candidateDirectoryId)
    return isSame && elector.role.name === 'unattached'
  }
  if (elector.leaderId !== null) return false
  return elector.role.name === 'unattached' || elector.role.name === 'prospective'
}

/** Of BeginQuorumEpoch and EndQuorumEpoch: NONE when the sender may lead and means this node. */
export function checkLeaderRequest(elector: Elector, request: LeaderRequestData): number {
  const { nodeId } = elector
  if (request.epoch < elector.epoch) return ErrorCode.FENCED_LEADER_EPOCH
  if (request.leaderId < 0 || request.leaderId === nodeId) return ErrorCode.INVALID_REQUEST
  if (!isMeant(elector, request)) return ErrorCode.INVALID_VOTER_KEY
  return ErrorCode.NONE
}

/** A node whose disk was replaced is another voter: it must not answer for the one that was. */
function isMeant(
  elector: Elector,
  { voterId, voterDirectoryId }: { voterId: number; voterDirectoryId?: string },
): boolean {
  if (voterId >= 0 && voterId !== elector.nodeId) return false
  return isSameDirectory(elector.directoryId, voterDirectoryId)
}

function isSameDirectory(own: string, asked: string = ZERO_UUID): boolean {
  return own === ZERO_UUID || asked === ZERO_UUID || own === asked
}

function refuse(errorCode: number): Verdict {
  return { errorCode, isGranted: false }
}
