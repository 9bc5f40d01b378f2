// The KRaft protocol as a state machine without I/O: methods are its inputs, `takeOutputs` its
// outputs. Driven by RaftNode and by the simulation. After a crash it is rebuilt from the election
// state and the log.
import { ErrorCode } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import { assert } from '../runtime/assert.ts'
import { checkLeaderRequest, checkVote } from './ballot.ts'
import type {
  EndEpochRequestData,
  FetchRequestData,
  LeaderRequestData,
  Output,
  PeerResponse,
  RaftCoreOptions,
  RaftTimings,
  ReplyHeader,
  VoteRequestData,
} from './core-types.ts'
import { countUnreachable, countVote, letOtherGoFirst, tickElection } from './election.ts'
import { FetchReplies } from './fetch-replies.ts'
import { acceptFetched } from './follower.ts'
import { LogModel, type OffsetAndEpoch } from './log-model.ts'
import { Outstanding } from './outstanding.ts'
import { QuorumState } from './quorum-state.ts'
import { discoveryRequest, wantedRequests } from './requests.ts'
import { deadlineOf, type Follower, type Leader, type Role } from './roles.ts'
import type { QuorumChange, Voter, VoterHistory, VoterSet } from './voter-set.ts'

/** Two voters that lost the same leader should not stand in the same moment. */
const SUSPICION_STAGGER_MS = 60

export class RaftCore {
  readonly #quorum: QuorumState
  readonly #timings: RaftTimings
  readonly #random: { int(boundExclusive: number): number }
  readonly #log: LogModel
  readonly #outstanding: Outstanding
  readonly #replies: FetchReplies
  readonly #self: Voter | null
  readonly #joinsByItself: boolean
  /** A truncation or a part of a snapshot was handed out and is not done. */
  #isMutating = false

  constructor(options: RaftCoreOptions) {
    const { nowMs, timings } = options
    this.#timings = timings
    this.#self = options.self ?? null
    this.#joinsByItself = options.joinsByItself ?? false
    this.#random = options.random
    this.#log = new LogModel(options.log)
    this.#outstanding = new Outstanding(timings.retryBackoffMs)
    this.#quorum = new QuorumState(options, this.#log, (before) => this.#onRoleChange(before))
    this.#quorum.highWatermark = Math.max(this.#log.startOffset, this.#log.snapshot?.offset ?? 0)
    this.#replies = new FetchReplies({
      quorum: this.#quorum,
      log: this.#log,
      highWatermark: () => this.#quorum.highWatermark,
      header: (errorCode) => this.header(errorCode),
    })
    if (this.#quorum.isVoter && this.#quorum.voters.length === 1)
      this.#quorum.becomeProspective(nowMs)
    this.#pump(nowMs)
  }

  get role(): Readonly<Role> {
    return this.#quorum.role
  }
  get epoch(): number {
    return this.#quorum.epoch
  }
  get leaderId(): number | null {
    return this.#quorum.leaderId
  }
  get votedId(): number | null {
    return this.#quorum.votedId
  }
  get isVoter(): boolean {
    return this.#quorum.isVoter
  }
  get highWatermark(): number {
    return this.#quorum.highWatermark
  }
  get log(): LogModel {
    return this.#log
  }
  get voterSet(): VoterSet {
    return this.#quorum.voterSet
  }
  get history(): VoterHistory {
    return this.#quorum.history
  }

  /** What every answer says of the leader. */
  header(errorCode: number): ReplyHeader {
    return { errorCode, epoch: this.epoch, leaderId: this.leaderId ?? -1 }
  }

  takeOutputs(): Output[] {
    return this.#quorum.takeOutputs()
  }

  /** When `tick` wants to be called at the latest. */
  nextDeadlineMs(): number {
    const dueMs = deadlineOf(this.#quorum.role, this.#quorum.mayStand)
    return Math.min(dueMs, this.#outstanding.nextRetryMs())
  }

  tick(nowMs: number): void {
    const { role } = this.#quorum
    switch (role.name) {
      case 'unattached':
        if (this.#quorum.mayStand && nowMs >= role.electionDeadlineMs)
          this.#quorum.becomeProspective(nowMs)
        break
      case 'resigned':
        if (nowMs >= role.electionDeadlineMs) this.#quorum.becomeUnattached(nowMs, this.epoch)
        break
      case 'follower':
        if (nowMs < role.fetchDeadlineMs) break
        if (this.#quorum.mayStand) this.#quorum.becomeProspective(nowMs)
        else this.#quorum.becomeUnattached(nowMs, this.epoch)
        break
      case 'prospective':
      case 'candidate':
        tickElection(this.#quorum, nowMs, role)
        break
      case 'leader':
        if (nowMs < role.replication.checkQuorumDeadlineMs) this.#replies.answerParked(nowMs)
        else this.resign(nowMs, this.epoch)
        break
    }
    this.#pump(nowMs)
  }

  handleVote(nowMs: number, request: VoteRequestData, token: number): void {
    let verdict = checkVote(this.#quorum, request)
    if (verdict === 'higherEpoch') {
      this.#quorum.becomeUnattached(nowMs, request.epoch)
      verdict = checkVote(this.#quorum, request)
    }
    assert(verdict !== 'higherEpoch', 'the epoch was just taken over')
    if (verdict.isGranted && !request.isPreVote && this.votedId !== request.candidateId) {
      const { epoch, candidateId, candidateDirectoryId } = request
      this.#quorum.becomeUnattached(nowMs, epoch, candidateId, candidateDirectoryId)
    }
    if (verdict.isGranted && request.isPreVote) letOtherGoFirst(this.#quorum, nowMs)
    const reply = { ...this.header(verdict.errorCode), isGranted: verdict.isGranted }
    this.#quorum.emit({ kind: 'replyVote', token, reply })
    this.#pump(nowMs)
  }

  handleBeginEpoch(nowMs: number, request: LeaderRequestData, token: number): void {
    const errorCode = checkLeaderRequest(this.#quorum, request)
    if (errorCode === ErrorCode.NONE) this.#observe(nowMs, request.epoch, request.leaderId, true)
    this.#quorum.emit({ kind: 'reply', token, reply: this.header(errorCode) })
    this.#pump(nowMs)
  }

  handleEndEpoch(nowMs: number, request: EndEpochRequestData, token: number): void {
    const errorCode = checkLeaderRequest(this.#quorum, request)
    if (errorCode === ErrorCode.NONE) {
      this.#observe(nowMs, request.epoch, request.leaderId, true)
      const { role } = this.#quorum
      if (role.name === 'follower' && role.leaderId === request.leaderId) {
        role.suspectsLeader = true
        role.fetchDeadlineMs = nowMs + this.#quorum.successionDelayMs(request.preferredCandidates)
      }
    }
    this.#quorum.emit({ kind: 'reply', token, reply: this.header(errorCode) })
    this.#pump(nowMs)
  }

  /**
   * Replies at once or parks the fetch until there is something to say; `cancelFetch` when nobody
   * waits.
   */
  handleFetch(nowMs: number, request: FetchRequestData, token: number): void {
    const { fetchOffset, lastFetchedEpoch } = request
    const isOdd = fetchOffset < 0 || lastFetchedEpoch < 0 || lastFetchedEpoch > request.epoch
    const isInvalid = isOdd || request.maxWaitMs < 0
    const errorCode = isInvalid ? ErrorCode.INVALID_REQUEST : this.checkLeadership(request.epoch)
    const { role } = this.#quorum
    if (errorCode !== ErrorCode.NONE || role.name !== 'leader') {
      this.#replies.reply(token, errorCode)
      return
    }
    const validity = this.#log.validate(fetchOffset, lastFetchedEpoch)
    if (validity.kind === 'diverging') {
      const { epoch, endOffset } = validity
      this.#replies.reply(token, ErrorCode.NONE, { divergingEpoch: { epoch, endOffset } })
    } else if (validity.kind === 'snapshot') {
      this.#replies.reply(token, ErrorCode.NONE, { snapshotId: validity.id })
    } else {
      role.replication.fetched(nowMs, request, this.#log.endOffset)
      this.#advanceLeaderHighWatermark(role)
      role.replication.parked.push({ token, request, deadlineMs: nowMs + request.maxWaitMs })
      this.#replies.answerParked(nowMs)
    }
    this.#pump(nowMs)
  }

  cancelFetch(token: number): void {
    const { role } = this.#quorum
    if (role.name !== 'leader') return
    const { replication } = role
    replication.parked = replication.parked.filter((fetch) => fetch.token !== token)
  }

  /** The driver reads FetchSnapshot; the core says whether it may, and counts it as a sign of life. */
  admitSnapshotFetch(
    nowMs: number,
    replicaId: number,
    epoch: number,
    directoryId: string = ZERO_UUID,
  ): ReplyHeader {
    const errorCode = this.checkLeadership(epoch)
    const { role } = this.#quorum
    if (errorCode === ErrorCode.NONE && role.name === 'leader') {
      role.replication.heardFrom(nowMs, replicaId, directoryId)
    }
    return this.header(errorCode)
  }

  /** NONE on the leader of exactly that epoch. */
  checkLeadership(epoch: number): number {
    if (epoch < this.epoch) return ErrorCode.FENCED_LEADER_EPOCH
    if (epoch > this.epoch) return ErrorCode.UNKNOWN_LEADER_EPOCH
    return this.role.name === 'leader' ? ErrorCode.NONE : ErrorCode.NOT_LEADER_OR_FOLLOWER
  }

  handleResponse(nowMs: number, requestId: number, response: PeerResponse): void {
    const from = this.#outstanding.finish(requestId)
    if (from === null) return
    const { header } = response
    this.#observe(nowMs, header.epoch, header.leaderId < 0 ? null : header.leaderId, false)
    const { role } = this.#quorum
    const isOfThisEpoch = header.epoch === this.epoch
    if (response.kind === 'voterChange' && role.name === 'follower') {
      role.voterChangeDueMs = nowMs + this.#timings.fetchTimeoutMs
    }
    if (header.errorCode !== ErrorCode.NONE) {
      this.#outstanding.backOff(from, nowMs)
      if (role.name === 'follower') this.#onFollowError(nowMs, role, from, response)
      this.#pump(nowMs)
      return
    }
    this.#outstanding.succeeded(from)
    if (response.kind === 'vote') {
      if (isOfThisEpoch) countVote(this.#quorum, nowMs, { from, isGranted: response.isGranted })
    } else if (response.kind === 'endEpoch') {
      if (role.name === 'resigned') role.unacknowledged.delete(from)
    } else if (role.name === 'follower' && from === role.leaderId && isOfThisEpoch) {
      this.#accept(nowMs, role, response)
    }
    this.#pump(nowMs)
  }

  /** The request got no answer: refused, reset, timed out, or not understood. */
  handleSendFailure(nowMs: number, requestId: number): void {
    const to = this.#outstanding.finish(requestId)
    if (to !== null) this.#outstanding.backOff(to, nowMs)
    if (to !== null) countUnreachable(this.#quorum, nowMs, to)
    this.#pump(nowMs)
  }

  /** The connection to the leader ended and its address refuses fresh ones. */
  leaderRefused(nowMs: number, leaderId: number): void {
    const { role } = this.#quorum
    if (role.name === 'follower' && role.leaderId === leaderId) this.#suspectLeader(nowMs, role)
    this.#pump(nowMs)
  }

  /** NONE when the leader may change who votes now: one at a time, none before its epoch counts. */
  checkVoterChange(): number {
    const { role, history } = this.#quorum
    if (role.name !== 'leader') return ErrorCode.NOT_LEADER_OR_FOLLOWER
    const isEstablished = this.#quorum.highWatermark > role.epochStartOffset
    const isSettled = isEstablished && history.votersOffset < this.#quorum.highWatermark
    return isSettled ? ErrorCode.NONE : ErrorCode.REQUEST_TIMED_OUT
  }

  /** Offset of the record that makes `change`, which counts at once; null when it may not be made. */
  changeVoters(nowMs: number, change: QuorumChange): number | null {
    if (this.checkVoterChange() !== ErrorCode.NONE) return null
    const offset = this.#quorum.appendVoters(change)
    this.#quorum.tellVoters(nowMs)
    this.#pump(nowMs)
    return offset
  }

  /**
   * Counts records about to be appended by the leader of `epoch`; null when this node is not it.
   */
  reserve(epoch: number, recordCount: number): number | null {
    if (this.role.name !== 'leader' || epoch !== this.epoch) return null
    const baseOffset = this.#log.endOffset
    this.#log.append(epoch, recordCount)
    return baseOffset
  }

  /** The operating system holds everything below `endOffset`: followers may have it. */
  written(nowMs: number, endOffset: number): void {
    this.#log.wrote(endOffset)
    this.#replies.answerParked(nowMs)
    this.#pump(nowMs)
  }

  /** The disk holds everything below `endOffset`: this node counts. */
  flushed(nowMs: number, endOffset: number): void {
    this.#log.flushed(endOffset)
    const { role } = this.#quorum
    if (role.name === 'leader') {
      this.#advanceLeaderHighWatermark(role)
      this.#replies.answerParked(nowMs)
    } else if (role.name === 'follower') {
      if (!role.suspectsLeader) role.fetchDeadlineMs = nowMs + this.#timings.fetchTimeoutMs
      this.#advanceFollowerHighWatermark(role)
    }
    this.#pump(nowMs)
  }

  truncated(nowMs: number): void {
    this.#isMutating = false
    this.#pump(nowMs)
  }

  /**
   * `completeId`: the chunk was the last one of that snapshot and the whole of it is sound and on
   * disk.
   */
  chunkStored(
    nowMs: number,
    completeId: OffsetAndEpoch | null,
    change: QuorumChange | null = null,
  ): void {
    this.#isMutating = false
    const isUseful = completeId !== null && completeId.offset > this.#quorum.highWatermark
    if (isUseful && this.role.name === 'follower') {
      this.#isMutating = true
      this.#log.reset(completeId)
      this.#quorum.history.reset(completeId.offset, change)
      this.#quorum.tellVoters(nowMs)
      this.#quorum.emit({ kind: 'installSnapshot', id: completeId })
    }
    this.#pump(nowMs)
  }

  /** The log starts anew behind the snapshot. */
  snapshotInstalled(nowMs: number, id: OffsetAndEpoch): void {
    this.#isMutating = false
    this.#advanceHighWatermark(id.offset)
    this.#pump(nowMs)
  }

  snapshotCreated(id: OffsetAndEpoch): void {
    this.#log.addSnapshot(id)
  }

  logStartMoved(startOffset: number): void {
    this.#log.moveStart(startOffset)
  }

  /**
   * Gives up leadership and names successors; nothing happens when this node does not lead `epoch`.
   */
  resign(nowMs: number, epoch: number): void {
    const { role } = this.#quorum
    if (role.name !== 'leader' || epoch !== this.epoch) return
    this.#quorum.becomeResigned(nowMs, role.replication.successors())
    this.#pump(nowMs)
  }

  /** Hears that `leaderId` leads `epoch`; `isItself`: from the leader's own mouth. */
  #observe(nowMs: number, epoch: number, leaderId: number | null, isItself: boolean): void {
    if (epoch < this.epoch) return
    const { nodeId, role } = this.#quorum
    // It may lead by a voter set that has not come here yet.
    const isUsable = leaderId !== null && leaderId !== nodeId
    if (epoch > this.epoch) {
      if (isUsable) this.#quorum.becomeFollower(nowMs, epoch, leaderId)
      else this.#quorum.becomeUnattached(nowMs, epoch)
      return
    }
    if (!isUsable) return
    assert(
      role.name !== 'leader' && (this.leaderId ?? leaderId) === leaderId,
      `two leaders in epoch ${epoch}: ${this.leaderId} and ${leaderId}`,
    )
    // Another's word does not bring back a leader that this node has given up waiting for.
    const isRevival = role.name === 'prospective' && this.leaderId === leaderId
    if (role.name !== 'follower' && (isItself || !isRevival)) {
      this.#quorum.becomeFollower(nowMs, epoch, leaderId)
    }
  }

  #accept(nowMs: number, role: Follower, response: PeerResponse): void {
    const { epoch } = this
    const accepted = acceptFetched(role, response, {
      log: this.#log,
      history: this.#quorum.history,
      epoch,
      highWatermark: this.#quorum.highWatermark,
    })
    if (accepted === 'useless') {
      this.#outstanding.backOff(role.leaderId, nowMs)
      return
    }
    role.hasFetched = true
    role.suspectsLeader = false
    role.fetchDeadlineMs = nowMs + this.#timings.fetchTimeoutMs
    this.#quorum.tellVoters(nowMs)
    if (accepted === null) {
      this.#advanceFollowerHighWatermark(role)
    } else {
      this.#isMutating = accepted.kind !== 'appendFetched'
      this.#quorum.emit(accepted)
    }
  }

  #onFollowError(nowMs: number, role: Follower, from: number, response: PeerResponse): void {
    if (from !== role.leaderId) return
    if (response.kind === 'fetchSnapshot') role.snapshot = null
    const { errorCode, epoch, leaderId } = response.header
    const hasNoLeader = epoch === this.epoch && leaderId < 0
    // It has started anew or resigned: nobody will lead this epoch any more.
    if (hasNoLeader && errorCode === ErrorCode.NOT_LEADER_OR_FOLLOWER) {
      this.#suspectLeader(nowMs, role)
    }
  }

  #suspectLeader(nowMs: number, role: Follower): void {
    if (role.suspectsLeader || !this.#quorum.mayStand) return
    role.suspectsLeader = true
    const staggerMs = Math.min(SUSPICION_STAGGER_MS, this.#timings.electionBackoffMaxMs)
    role.fetchDeadlineMs = Math.min(role.fetchDeadlineMs, nowMs + this.#random.int(staggerMs + 1))
  }

  #onRoleChange(before: Role): void {
    this.#outstanding.reset()
    if (before.name !== 'leader') return
    for (const fetch of before.replication.parked) {
      this.#replies.reply(fetch.token, ErrorCode.NOT_LEADER_OR_FOLLOWER)
    }
  }

  #advanceLeaderHighWatermark(role: Leader): void {
    const endOffset = role.replication.majorityEndOffset(this.#log.flushedOffset)
    // Raft §5.4.2: a leader commits by counting only what is of its own epoch.
    if (endOffset <= role.epochStartOffset) return
    this.#advanceHighWatermark(Math.min(endOffset, this.#log.writtenOffset))
  }

  /** A leader that is no voter any more stays until that is committed. */
  #resignIfRemoved(nowMs: number): void {
    const { role, history, isVoter } = this.#quorum
    if (isVoter || role.name !== 'leader' || history.votersOffset >= this.#quorum.highWatermark)
      return
    this.#quorum.becomeResigned(nowMs, role.replication.successors())
  }

  #advanceFollowerHighWatermark(role: Follower): void {
    this.#advanceHighWatermark(Math.min(role.leaderHighWatermark, this.#log.flushedOffset))
  }

  #advanceHighWatermark(highWatermark: number): void {
    if (highWatermark <= this.#quorum.highWatermark) return
    this.#quorum.highWatermark = highWatermark
    this.#quorum.emit({ kind: 'commit', highWatermark })
  }

  /** Sends what the role wants to have sent and no peer is busy with. */
  #pump(nowMs: number): void {
    this.#resignIfRemoved(nowMs)
    this.#outstanding.clearWanted()
    const isSettled = !this.#isMutating && this.#log.flushedOffset === this.#log.endOffset
    const asker = {
      quorum: this.#quorum,
      self: this.#self,
      joinsByItself: this.#joinsByItself,
      timings: this.#timings,
      highWatermark: this.#quorum.highWatermark,
      isSettled,
    }
    const wanted = wantedRequests(asker, nowMs)
    if (this.role.name === 'unattached' && isSettled && !this.#outstanding.hasAny()) {
      const { voters, bootstrapIds, nodeId } = this.#quorum
      const others = [...voters.filter((voter) => voter !== nodeId), ...bootstrapIds]
      const ready = others.filter((voter) => this.#outstanding.isReady(voter, nowMs))
      const to = ready[this.#random.int(Math.max(1, ready.length))]
      if (to !== undefined) wanted.push({ to, request: discoveryRequest(asker) })
      else for (const voter of others) this.#outstanding.want(voter)
    }
    for (const { to, request } of wanted) {
      const requestId = this.#outstanding.start(to, nowMs)
      if (requestId !== null) this.#quorum.emit({ kind: 'send', requestId, to, request })
    }
  }
}
