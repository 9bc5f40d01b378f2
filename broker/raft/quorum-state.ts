// Epoch, leader, vote and role of one quorum member, and every way from one role to the next. Pure;
// owned by RaftCore. A change puts `persist` before whatever follows from it, so that no crash can
// take it back.
import { ZERO_UUID } from '../../protocol/primitives.ts'
import { assert } from '../runtime/assert.ts'
import type { ElectionState, Output, RaftCoreOptions, RaftTimings } from './core-types.ts'
import type { LogModel } from './log-model.ts'
import { Replication } from './replication.ts'
import { assertTransition, type Role } from './roles.ts'
import { type QuorumChange, VoterHistory, VoterSet } from './voter-set.ts'

/** A voter that starts need not wait long before it asks around: a pre-vote harms nobody. */
const FIRST_ELECTION_DIVISOR = 8
const CHECK_QUORUM_FACTOR = 1.5
const BACKOFF_BASE_MS = 50
const BACKOFF_MIN_MS = 10
/** Of voters that came with the snapshot a directory was formatted with. */
const FORMATTED_OFFSET = -1

export class QuorumState {
  readonly nodeId: number
  readonly directoryId: string
  readonly history: VoterHistory
  readonly bootstrapIds: readonly number[]
  readonly log: LogModel
  /** As the core knows it. */
  highWatermark = 0
  readonly #timings: RaftTimings
  readonly #random: { int(boundExclusive: number): number }
  readonly #onRoleChange: (before: Role) => void
  #outputs: Output[] = []
  #role: Role
  #epoch: number
  #leaderId: number | null = null
  #votedId: number | null
  #persisted: ElectionState
  #announced: { leaderId: number | null; epoch: number }
  #electionRetries = 0
  #votedDirectoryId: string
  #toldVoters: VoterSet

  constructor(options: RaftCoreOptions, log: LogModel, onRoleChange: (before: Role) => void) {
    const { election, timings } = options
    this.nodeId = options.nodeId
    this.directoryId = options.directoryId ?? ZERO_UUID
    this.history = new VoterHistory(VoterSet.fromIds(options.voters), options.changes ?? [])
    this.#toldVoters = this.history.voters
    this.bootstrapIds = options.bootstrapIds ?? []
    this.log = log
    this.#timings = timings
    this.#random = options.random
    this.#onRoleChange = onRoleChange
    this.#persisted = election
    // A leadership does not outlive its process, because the tail of its log may be gone.
    this.#epoch = Math.max(election.epoch, log.lastEpoch)
    // Kafka forgets its vote once it knows the leader; having one, the epoch has no vote left to
    // give.
    const votedId = election.votedId ?? election.leaderId
    this.#votedId = this.#epoch === election.epoch ? votedId : null
    this.#votedDirectoryId = election.votedDirectoryId ?? ZERO_UUID
    this.#announced = { leaderId: null, epoch: this.#epoch }
    const firstMs = Math.ceil(timings.electionTimeoutMs / FIRST_ELECTION_DIVISOR)
    this.#role = {
      name: 'unattached',
      electionDeadlineMs: options.nowMs + firstMs + this.#random.int(firstMs),
    }
  }

  get role(): Role {
    return this.#role
  }
  get epoch(): number {
    return this.#epoch
  }
  get leaderId(): number | null {
    return this.#leaderId
  }
  get votedId(): number | null {
    return this.#votedId
  }
  /** ZERO_UUID where the candidate did not say. */
  get votedDirectoryId(): string {
    return this.#votedDirectoryId
  }
  get voterSet(): VoterSet {
    return this.history.voters
  }
  get voters(): readonly number[] {
    return this.history.voters.ids
  }
  get isVoter(): boolean {
    return this.voterSet.isVoter(this.nodeId, this.directoryId)
  }
  /**
   * A voter may; and one that was removed, until that is known to be committed: it can be the only one that holds
   * the removal, and nobody with a shorter log would get its vote.
   */
  get mayStand(): boolean {
    const { history } = this
    if (this.isVoter || history.votersOffset < this.highWatermark) return this.isVoter
    return history.before(history.votersOffset).voters.isVoter(this.nodeId, this.directoryId)
  }
  get majority(): number {
    return Math.floor(this.voters.length / 2) + 1
  }

  takeOutputs(): Output[] {
    const outputs = this.#outputs
    this.#outputs = []
    return outputs
  }

  emit(output: Output): void {
    this.#persistIfChanged()
    this.#outputs.push(output)
  }

  becomeUnattached(
    nowMs: number,
    epoch: number,
    votedId: number | null = null,
    votedDirectoryId: string = ZERO_UUID,
  ): void {
    assert(epoch >= this.#epoch, `epoch ${epoch} after ${this.#epoch}`)
    const role = this.#role
    // A running election timer goes on: others' attempts must not keep this voter from standing.
    const isRunning = role.name === 'unattached' || role.name === 'prospective'
    const electionDeadlineMs =
      isRunning && votedId === null ? role.electionDeadlineMs : nowMs + this.electionTimeoutMs()
    if (votedId !== null) this.#votedDirectoryId = votedDirectoryId
    this.#votedId = votedId ?? (epoch === this.#epoch ? this.#votedId : null)
    this.#leaderId = null
    this.#epoch = epoch
    this.#setRole({ name: 'unattached', electionDeadlineMs })
  }

  becomeFollower(nowMs: number, epoch: number, leaderId: number): void {
    assert(epoch >= this.#epoch, `epoch ${epoch} after ${this.#epoch}`)
    assert(leaderId !== this.nodeId, 'a node does not follow itself')
    if (epoch > this.#epoch) this.#votedId = null
    this.#epoch = epoch
    this.#leaderId = leaderId
    this.#electionRetries = 0
    this.#setRole({
      name: 'follower',
      leaderId,
      fetchDeadlineMs: nowMs + this.#timings.fetchTimeoutMs,
      hasFetched: false,
      suspectsLeader: false,
      snapshot: null,
      leaderHighWatermark: 0,
      voterChangeDueMs: nowMs + this.#timings.fetchTimeoutMs / 2,
    })
  }

  /** Keeps epoch, vote and leader: nothing is decided yet. */
  becomeProspective(nowMs: number): void {
    this.#electionRetries += 1
    this.#setRole({
      name: 'prospective',
      granted: new Set(this.#ownVote()),
      rejected: new Set(),
      unreachable: new Set(),
      electionDeadlineMs: nowMs + this.electionTimeoutMs(),
      backoffDeadlineMs: null,
    })
    if (this.isVoter && this.voters.length === 1) this.becomeCandidate(nowMs)
  }

  becomeCandidate(nowMs: number): void {
    this.#epoch += 1
    this.#leaderId = null
    this.#votedId = this.nodeId
    this.#votedDirectoryId = this.directoryId
    this.#setRole({
      name: 'candidate',
      granted: new Set(this.#ownVote()),
      rejected: new Set(),
      unreachable: new Set(),
      electionDeadlineMs: nowMs + this.electionTimeoutMs(),
      backoffDeadlineMs: null,
    })
    if (this.isVoter && this.voters.length === 1) this.becomeLeader(nowMs, [this.nodeId])
  }

  /** Writes the record that starts the epoch: what earlier epochs left is committed with it. */
  becomeLeader(nowMs: number, grantingVoters: readonly number[]): void {
    this.#leaderId = this.nodeId
    this.#electionRetries = 0
    const epochStartOffset = this.log.endOffset
    this.#setRole({
      name: 'leader',
      epochStartOffset,
      replication: new Replication({
        nodeId: this.nodeId,
        voters: this.voterSet,
        checkQuorumTimeoutMs: this.#timings.fetchTimeoutMs * CHECK_QUORUM_FACTOR,
        nowMs,
      }),
      beginEpochDeadlineMs: nowMs,
    })
    this.log.append(this.#epoch, 1)
    this.emit({
      kind: 'appendLeaderChange',
      epoch: this.#epoch,
      baseOffset: epochStartOffset,
      grantingVoters,
    })
    // Whoever joins later has no other way to what the first voters were formatted with.
    if (this.history.votersOffset === FORMATTED_OFFSET) {
      const { voters, kraftVersion } = this.history
      this.appendVoters({ voters, kraftVersion })
    }
  }

  /** Last offset. Only for the leader; who votes changes with this very record. */
  appendVoters(change: QuorumChange): number {
    const baseOffset = this.log.endOffset
    const recordCount = Number(change.voters !== null) + Number(change.kraftVersion !== null)
    this.log.append(this.#epoch, recordCount)
    const offset = baseOffset + recordCount - 1
    this.history.append({ ...change, offset })
    this.emit({ kind: 'appendVoters', epoch: this.#epoch, baseOffset, change })
    return offset
  }

  /** To be called after anything that may have changed who votes. */
  tellVoters(nowMs: number): void {
    const { voters, kraftVersion } = this.history
    if (voters === this.#toldVoters) return
    this.#toldVoters = voters
    if (this.#role.name === 'leader') this.#role.replication.setVoters(nowMs, voters)
    this.emit({ kind: 'voters', voters, kraftVersion })
  }

  becomeResigned(nowMs: number, preferredCandidates: readonly number[]): void {
    this.#leaderId = null
    this.#setRole({
      name: 'resigned',
      unacknowledged: new Set(preferredCandidates),
      preferredCandidates,
      electionDeadlineMs: nowMs + this.electionTimeoutMs(),
    })
  }

  randomMs(boundMs: number): number {
    return this.#random.int(boundMs)
  }

  electionTimeoutMs(): number {
    const { electionTimeoutMs } = this.#timings
    return electionTimeoutMs + this.#random.int(electionTimeoutMs)
  }

  /** Grows with each attempt of this node that led to nothing. */
  electionBackoffMs(): number {
    const growing = BACKOFF_BASE_MS * 2 ** Math.min(this.#electionRetries, 10)
    const boundMs = Math.min(this.#timings.electionBackoffMaxMs, growing)
    return BACKOFF_MIN_MS + this.#random.int(Math.max(1, boundMs))
  }

  /** The best successor of a leader that resigned stands at once, each further one later. */
  successionDelayMs(preferred: readonly number[]): number {
    const position = preferred.indexOf(this.nodeId)
    const maxMs = this.#timings.electionBackoffMaxMs
    if (position === 0) return 0
    if (position < 0) return maxMs
    return Math.min(maxMs, (maxMs >> (preferred.length - 1)) << (position - 1))
  }

  #ownVote(): number[] {
    return this.isVoter ? [this.nodeId] : []
  }

  #setRole(role: Role): void {
    const before = this.#role
    assertTransition(before, role, this.mayStand)
    this.#role = role
    this.#onRoleChange(before)
    this.#persistIfChanged()
    const { leaderId, epoch } = this.#announced
    if (leaderId === this.#leaderId && epoch === this.#epoch) return
    this.#announced = { leaderId: this.#leaderId, epoch: this.#epoch }
    const epochStartOffset = role.name === 'leader' ? role.epochStartOffset : null
    this.emit({ kind: 'leader', ...this.#announced, epochStartOffset })
  }

  #persistIfChanged(): void {
    const { epoch, leaderId, votedId } = this.#persisted
    if (epoch === this.#epoch && leaderId === this.#leaderId && votedId === this.#votedId) return
    this.#persisted = { epoch: this.#epoch, leaderId: this.#leaderId, votedId: this.#votedId }
    const votedDirectoryId = this.#votedId === null ? ZERO_UUID : this.#votedDirectoryId
    const election =
      votedDirectoryId === ZERO_UUID ? this.#persisted : { ...this.#persisted, votedDirectoryId }
    this.#outputs.push({ kind: 'persist', election })
  }
}
