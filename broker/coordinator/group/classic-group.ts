// One group under the classic protocol: a state machine without I/O. Its shard feeds it requests and
// timers; it answers through reply callbacks and GroupEffects. What must survive a crash is written by
// `persist` before anybody is told of it.
//
//   Empty ──join──▶ PreparingRebalance ──all joined, or time is up──▶ CompletingRebalance
//     ▲                ▲        │ nobody left                             │ leader's SyncGroup committed
//     └────────────────┼────────┘                                         ▼
//                      └──join, leave, expiry, new subscription──────── Stable          any ──delete──▶ Dead
import { ErrorCode } from '../../../protocol/errors.ts'
import type { GroupMetadataValue } from '../../../protocol/messages/group/group-metadata-value.ts'
import type { JoinGroupRequest } from '../../../protocol/schemas/11-join-group.ts'
import type { SyncGroupRequest } from '../../../protocol/schemas/14-sync-group.ts'
import {
  type GroupEffects,
  hasProtocols,
  type JoinReply,
  type Member,
  metadataFor,
  newMember,
  type Protocol,
  restoredMember,
  resubscribe,
  type SyncReply,
  selectProtocol,
  storedMember,
} from './member.ts'
import { Membership } from './membership.ts'

export type GroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable' | 'Dead'

export interface ClassicGroupSettings {
  initialRebalanceDelayMs: number
  maxSize: number
}

/** A member that has been given an id but has not joined with it keeps it for its session time-out; one
 * that joins for the first time may wait this long for the rebalance. */
const NEW_MEMBER_TIMEOUT_MS = 5 * 60_000
const NO_ASSIGNMENT = Buffer.alloc(0)

export class ClassicGroup {
  readonly groupId: string
  state: GroupState = 'Empty'
  generationId = 0
  protocolType: string | null = null
  protocolName: string | null = null
  stateSinceMs: number
  readonly #membership = new Membership()
  readonly #pendingJoin = new Set<string>()
  readonly #pendingSync = new Set<string>()
  readonly #effects: GroupEffects
  readonly #settings: ClassicGroupSettings
  /** While the first members gather: when that ends at the latest, and whether one came meanwhile. */
  #initial: { remainingMs: number; joinedMeanwhile: boolean } | null = null

  constructor(groupId: string, effects: GroupEffects, settings: ClassicGroupSettings) {
    this.groupId = groupId
    this.#effects = effects
    this.#settings = settings
    this.stateSinceMs = effects.nowMs()
  }

  isIn(...states: GroupState[]): boolean {
    return states.includes(this.state)
  }
  get members(): ReadonlyMap<string, Member> {
    return this.#membership.byId
  }
  get leaderId(): string | null {
    return this.#membership.leaderId
  }
  get hasMembers(): boolean {
    return this.members.size > 0
  }

  #become(state: GroupState): void {
    this.state = state
    this.stateSinceMs = this.#effects.nowMs()
  }

  /** Answers now or once the rebalance is through. */
  join(
    request: JoinGroupRequest,
    client: { clientId: string; clientHost: string; requiresKnownMemberId: boolean },
    reply: JoinReply,
  ): void {
    const refuse = (errorCode: number, memberId = request.memberId): void =>
      reply({ errorCode, memberId })
    if (this.state === 'Dead') return refuse(ErrorCode.COORDINATOR_NOT_AVAILABLE)
    if (!this.#acceptsProtocols(request.protocolType, request.protocols)) {
      return refuse(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
    }
    const instanceId = request.groupInstanceId
    if (request.memberId === '') {
      if (this.#isFull) return refuse(ErrorCode.GROUP_MAX_SIZE_REACHED)
      const memberId = `${instanceId ?? client.clientId}-${this.#effects.uuid()}`
      const replaced = instanceId && this.#membership.staticMemberId(instanceId)
      const oldMember = replaced ? this.members.get(replaced) : undefined
      if (oldMember !== undefined) {
        return this.#rejoinStatic(oldMember, memberId, request, client, reply)
      }
      if (instanceId === null && client.requiresKnownMemberId) {
        this.#pendingJoin.add(memberId)
        this.#effects.setTimer(`pending:${memberId}`, request.sessionTimeoutMs)
        return refuse(ErrorCode.MEMBER_ID_REQUIRED, memberId)
      }
      return this.#addMember(memberId, request, client, reply)
    }
    const fenced = this.#membership.checkInstance(request.memberId, instanceId)
    if (fenced !== ErrorCode.NONE) return refuse(fenced)
    if (this.#pendingJoin.has(request.memberId)) {
      if (this.#isFull) return refuse(ErrorCode.GROUP_MAX_SIZE_REACHED)
      return this.#addMember(request.memberId, request, client, reply)
    }
    const member = this.members.get(request.memberId)
    if (member === undefined) return refuse(ErrorCode.UNKNOWN_MEMBER_ID)
    this.#rejoin(member, request, reply)
  }

  #acceptsProtocols(protocolType: string, protocols: readonly Protocol[]): boolean {
    if (protocolType === '' || protocols.length === 0) return false
    if (!this.hasMembers) return true
    return this.protocolType === protocolType && this.#membership.sharesProtocol(protocols)
  }

  get #isFull(): boolean {
    return this.members.size >= this.#settings.maxSize
  }

  #addMember(
    memberId: string,
    request: JoinGroupRequest,
    client: { clientId: string; clientHost: string },
    reply: JoinReply,
  ): void {
    this.#pendingJoin.delete(memberId)
    this.#effects.clearTimer(`pending:${memberId}`)
    const member = newMember(memberId, request, client, reply)
    if (!this.hasMembers) this.protocolType = request.protocolType
    this.#membership.add(member)
    if (this.#initial !== null) this.#initial.joinedMeanwhile = true
    this.#effects.setTimer(`member:${memberId}`, NEW_MEMBER_TIMEOUT_MS)
    this.#rebalance(`member ${memberId} joined`)
  }

  #rejoin(member: Member, request: JoinGroupRequest, reply: JoinReply): void {
    const isUnchanged = hasProtocols(member, request.protocols)
    const isLeader = member.memberId === this.leaderId
    if (this.state === 'CompletingRebalance' && isUnchanged) {
      return this.#replyJoin(member, reply)
    }
    if (this.state === 'Stable' && isUnchanged && !isLeader) return this.#replyJoin(member, reply)
    resubscribe(member, request)
    this.#answerOldJoin(member)
    member.joinReply = reply
    this.#rebalance(`member ${member.memberId} rejoined`)
  }

  /** A client that gave up and sent another JoinGroup must not leave the first one hanging. */
  #answerOldJoin(member: Member): void {
    member.joinReply?.({
      errorCode: ErrorCode.REBALANCE_IN_PROGRESS,
      memberId: member.memberId,
    })
    member.joinReply = null
  }

  /** A static member came back under a new id: it takes over the old one's place (KIP-345). */
  #rejoinStatic(
    member: Member,
    memberId: string,
    request: JoinGroupRequest,
    client: { clientId: string; clientHost: string },
    reply: JoinReply,
  ): void {
    const oldId = member.memberId
    const isUnchanged = hasProtocols(member, request.protocols)
    member.joinReply?.({ errorCode: ErrorCode.FENCED_INSTANCE_ID, memberId: oldId })
    member.syncReply?.({ errorCode: ErrorCode.FENCED_INSTANCE_ID })
    member.joinReply = null
    member.syncReply = null
    this.#effects.clearTimer(`member:${oldId}`)
    this.#pendingSync.delete(oldId)
    this.#membership.rename(member, memberId)
    member.clientId = client.clientId
    member.clientHost = client.clientHost
    resubscribe(member, request)
    this.#renewSession(member)
    if (
      this.state === 'Stable' &&
      isUnchanged &&
      selectProtocol(this.members.values()) === this.protocolName
    ) {
      this.#effects.persist((errorCode) => {
        if (errorCode === ErrorCode.NONE) this.#replyJoin(member, reply)
        else reply({ errorCode, memberId: '' })
      })
      return
    }
    member.joinReply = reply
    this.#rebalance(`static member ${member.groupInstanceId} came back as ${memberId}`)
  }

  #replyJoin(member: Member, reply: JoinReply): void {
    const isLeader = member.memberId === this.leaderId
    reply({
      errorCode: ErrorCode.NONE,
      generationId: this.generationId,
      protocolType: this.protocolType,
      protocolName: this.protocolName,
      leader: this.leaderId ?? '',
      memberId: member.memberId,
      members: isLeader
        ? [...this.members.values()].map((m) => ({
            memberId: m.memberId,
            groupInstanceId: m.groupInstanceId,
            metadata: metadataFor(m, this.protocolName),
          }))
        : [],
    })
  }

  #rebalance(reason: string): void {
    if (this.isIn('PreparingRebalance')) return this.#tryCompleteJoin()
    if (!this.isIn('Stable', 'CompletingRebalance', 'Empty')) return
    const isFirst = this.state === 'Empty'
    if (this.state === 'CompletingRebalance') {
      this.#endSync(ErrorCode.REBALANCE_IN_PROGRESS)
    }
    this.#become('PreparingRebalance')
    this.#effects.log(`group ${this.groupId} rebalances (${this.generationId}): ${reason}`)
    const rebalanceTimeoutMs = this.#membership.longestRebalanceTimeoutMs()
    const delayMs = Math.min(this.#settings.initialRebalanceDelayMs, rebalanceTimeoutMs)
    if (isFirst && delayMs > 0) {
      this.#initial = { remainingMs: rebalanceTimeoutMs - delayMs, joinedMeanwhile: false }
      this.#effects.setTimer('join', delayMs)
      return
    }
    this.#effects.setTimer('join', rebalanceTimeoutMs)
    this.#tryCompleteJoin()
  }

  #tryCompleteJoin(): void {
    if (this.state !== 'PreparingRebalance' || this.#initial !== null) return
    if (this.#pendingJoin.size > 0) return
    for (const member of this.members.values()) if (member.joinReply === null) return
    this.#completeJoin()
  }

  #onJoinTimer(): void {
    const initial = this.#initial
    if (initial?.joinedMeanwhile && initial.remainingMs > 0) {
      const delayMs = Math.min(this.#settings.initialRebalanceDelayMs, initial.remainingMs)
      this.#initial = { remainingMs: initial.remainingMs - delayMs, joinedMeanwhile: false }
      this.#effects.setTimer('join', delayMs)
      return
    }
    this.#initial = null
    if (this.state === 'PreparingRebalance') this.#completeJoin()
  }

  #completeJoin(): void {
    this.#initial = null
    this.#effects.clearTimer('join')
    for (const member of [...this.members.values()]) {
      if (member.joinReply === null && member.groupInstanceId === null) this.#forget(member)
    }
    if (this.hasMembers && !this.#membership.electJoinedLeader()) {
      // Only static members that have not come back are left: wait on.
      this.#effects.setTimer('join', this.#membership.longestRebalanceTimeoutMs())
      return
    }
    this.generationId++
    if (!this.hasMembers) {
      this.protocolName = null
      this.#become('Empty')
      this.#effects.persist(() => undefined)
      return
    }
    this.protocolName = selectProtocol(this.members.values())
    this.#become('CompletingRebalance')
    for (const member of this.members.values()) {
      const reply = member.joinReply
      member.joinReply = null
      member.isNew = false
      this.#renewSession(member)
      this.#pendingSync.add(member.memberId)
      if (reply !== null) this.#replyJoin(member, reply)
    }
    this.#effects.setTimer('sync', this.#membership.longestRebalanceTimeoutMs())
  }

  sync(request: SyncGroupRequest, reply: SyncReply): void {
    const error = this.checkMember(request.memberId, request.groupInstanceId, request.generationId)
    if (error !== ErrorCode.NONE) return reply({ errorCode: error })
    const { protocolType, protocolName } = request
    const isOther =
      (protocolType !== null && protocolType !== this.protocolType) ||
      (protocolName !== null && protocolName !== this.protocolName)
    if (isOther) return reply({ errorCode: ErrorCode.INCONSISTENT_GROUP_PROTOCOL })
    const member = this.members.get(request.memberId)
    if (member === undefined) return reply({ errorCode: ErrorCode.UNKNOWN_MEMBER_ID })
    switch (this.state) {
      case 'PreparingRebalance':
        return reply({ errorCode: ErrorCode.REBALANCE_IN_PROGRESS })
      case 'CompletingRebalance':
        this.#pendingSync.delete(member.memberId)
        member.syncReply?.({ errorCode: ErrorCode.REBALANCE_IN_PROGRESS })
        member.syncReply = reply
        this.#renewSession(member)
        if (member.memberId === this.leaderId) this.#assign(request)
        return
      case 'Stable':
        this.#pendingSync.delete(member.memberId)
        this.#renewSession(member)
        return this.#replySync(member, reply)
      default:
        return reply({ errorCode: ErrorCode.UNKNOWN_MEMBER_ID })
    }
  }

  #assign(request: SyncGroupRequest): void {
    const given = new Map(request.assignments.map((a) => [a.memberId, a.assignment]))
    for (const member of this.members.values()) {
      // A copy: the request's buffer is part of a larger one.
      member.assignment = Buffer.from(given.get(member.memberId) ?? NO_ASSIGNMENT)
    }
    const { generationId } = this
    this.#effects.persist((errorCode) => {
      if (this.state !== 'CompletingRebalance' || this.generationId !== generationId) return
      if (errorCode !== ErrorCode.NONE) {
        for (const member of this.members.values()) member.assignment = NO_ASSIGNMENT
        this.#endSync(errorCode)
        this.#rebalance('the assignment could not be written')
        return
      }
      this.#become('Stable')
      this.#effects.rebalanced?.()
      for (const member of this.members.values()) {
        const reply = member.syncReply
        member.syncReply = null
        if (reply === null) continue
        this.#renewSession(member)
        this.#replySync(member, reply)
      }
    })
  }

  #replySync(member: Member, reply: SyncReply): void {
    reply({
      errorCode: ErrorCode.NONE,
      protocolType: this.protocolType,
      protocolName: this.protocolName,
      assignment: member.assignment,
    })
  }

  #endSync(errorCode: number): void {
    this.#effects.clearTimer('sync')
    this.#pendingSync.clear()
    for (const member of this.members.values()) {
      const reply = member.syncReply
      member.syncReply = null
      reply?.({ errorCode })
    }
  }

  #onSyncTimer(): void {
    if (!this.isIn('CompletingRebalance', 'Stable')) return
    const late = [...this.#pendingSync]
    this.#pendingSync.clear()
    for (const memberId of late) {
      const member = this.members.get(memberId)
      if (member !== undefined) this.#forget(member)
    }
    if (late.length > 0) this.#rebalance(`no SyncGroup from ${late.join(', ')}`)
  }

  checkMember(memberId: string, instanceId: string | null, generationId: number): number {
    if (this.state === 'Dead') return ErrorCode.COORDINATOR_NOT_AVAILABLE
    const fenced = this.#membership.checkInstance(memberId, instanceId)
    if (fenced !== ErrorCode.NONE) return fenced
    if (!this.members.has(memberId)) return ErrorCode.UNKNOWN_MEMBER_ID
    return generationId === this.generationId ? ErrorCode.NONE : ErrorCode.ILLEGAL_GENERATION
  }

  heartbeat(memberId: string, instanceId: string | null, generationId: number): number {
    const error = this.checkMember(memberId, instanceId, generationId)
    if (error !== ErrorCode.NONE) return error
    const member = this.members.get(memberId)
    if (member === undefined || this.state === 'Empty') return ErrorCode.UNKNOWN_MEMBER_ID
    this.#renewSession(member)
    return this.state === 'PreparingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE
  }

  #renewSession(member: Member): void {
    this.#effects.setTimer(`member:${member.memberId}`, member.sessionTimeoutMs)
  }

  leave(memberId: string, instanceId: string | null): number {
    if (this.state === 'Dead') return ErrorCode.COORDINATOR_NOT_AVAILABLE
    let id = memberId
    if (instanceId !== null) {
      const current = this.#membership.staticMemberId(instanceId)
      if (current === null) return ErrorCode.UNKNOWN_MEMBER_ID
      if (memberId !== '' && current !== memberId) return ErrorCode.FENCED_INSTANCE_ID
      id = current
    }
    if (this.#pendingJoin.delete(id)) {
      this.#effects.clearTimer(`pending:${id}`)
      this.#tryCompleteJoin()
      return ErrorCode.NONE
    }
    const member = this.members.get(id)
    if (member === undefined) return ErrorCode.UNKNOWN_MEMBER_ID
    this.#forget(member)
    this.#rebalance(`member ${id} left`)
    return ErrorCode.NONE
  }

  #forget(member: Member): void {
    member.joinReply?.({ errorCode: ErrorCode.UNKNOWN_MEMBER_ID, memberId: member.memberId })
    member.syncReply?.({ errorCode: ErrorCode.UNKNOWN_MEMBER_ID })
    this.#membership.remove(member)
    this.#pendingSync.delete(member.memberId)
    this.#effects.clearTimer(`member:${member.memberId}`)
  }

  /** Keys: 'join', 'sync', 'member:<id>' (session), 'pending:<id>' (an id given but not used). */
  onTimer(key: string): void {
    if (key === 'join') return this.#onJoinTimer()
    if (key === 'sync') return this.#onSyncTimer()
    const [kind, memberId] = [key.slice(0, key.indexOf(':')), key.slice(key.indexOf(':') + 1)]
    if (kind === 'pending') {
      if (this.#pendingJoin.delete(memberId)) this.#tryCompleteJoin()
      return
    }
    const member = this.members.get(memberId)
    if (member === undefined) return
    const isWaiting = member.joinReply !== null || member.syncReply !== null
    if (isWaiting && !member.isNew) return this.#renewSession(member)
    this.#forget(member)
    this.#rebalance(`session of member ${memberId} ended`)
  }

  /** May these offsets be committed? `generationId` -1: a consumer that assigns itself. */
  checkCommit(memberId: string, instanceId: string | null, generationId: number): number {
    if (this.state === 'Dead') return ErrorCode.COORDINATOR_NOT_AVAILABLE
    if (generationId < 0 && this.state === 'Empty') return ErrorCode.NONE
    if (generationId < 0 && memberId === '') return ErrorCode.UNKNOWN_MEMBER_ID
    const error = this.checkMember(memberId, instanceId, generationId)
    if (error !== ErrorCode.NONE) return error
    if (this.state === 'CompletingRebalance') return ErrorCode.REBALANCE_IN_PROGRESS
    const member = this.members.get(memberId)
    if (member !== undefined) this.#renewSession(member)
    return ErrorCode.NONE
  }

  snapshot(): GroupMetadataValue {
    return {
      protocolType: this.protocolType ?? '',
      generation: this.generationId,
      protocol: this.protocolName,
      leader: this.leaderId,
      currentStateTimestamp: this.stateSinceMs,
      members: [...this.members.values()].map((member) => storedMember(member, this.protocolName)),
    }
  }

  /** Takes up what an earlier coordinator wrote; sessions start anew. */
  restore(value: GroupMetadataValue): void {
    this.protocolType = value.protocolType === '' ? null : value.protocolType
    this.generationId = value.generation
    this.protocolName = value.protocol
    this.#membership.clear()
    for (const stored of value.members) this.#membership.add(restoredMember(stored, value))
    this.#membership.leaderId = value.leader
    this.#become(this.hasMembers ? 'Stable' : 'Empty')
    if (value.currentStateTimestamp >= 0) this.stateSinceMs = value.currentStateTimestamp
    for (const member of this.members.values()) this.#renewSession(member)
  }

  /** Ends everything that waits; nothing is answered by this group afterwards. */
  die(errorCode: number): void {
    this.#effects.clearTimer('join')
    this.#endSync(errorCode)
    for (const member of this.members.values()) {
      member.joinReply?.({ errorCode, memberId: member.memberId })
      member.joinReply = null
      this.#effects.clearTimer(`member:${member.memberId}`)
    }
    for (const memberId of this.#pendingJoin) this.#effects.clearTimer(`pending:${memberId}`)
    this.#become('Dead')
  }
}
