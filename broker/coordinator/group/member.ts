// One member of a classic group, and what a group asks of the world around it.
import type { GroupMetadataValue } from '../../../protocol/messages/group/group-metadata-value.ts'
import type {
  JoinGroupRequest,
  JoinGroupResponse,
} from '../../../protocol/schemas/11-join-group.ts'
import type { SyncGroupResponse } from '../../../protocol/schemas/14-sync-group.ts'

export interface Protocol {
  name: string
  metadata: Buffer
}

export type JoinReply = (response: Partial<JoinGroupResponse>) => void
export type SyncReply = (response: Partial<SyncGroupResponse>) => void

export interface Member {
  memberId: string
  groupInstanceId: string | null
  clientId: string
  /** As Kafka shows it: '/127.0.0.1'. */
  clientHost: string
  rebalanceTimeoutMs: number
  sessionTimeoutMs: number
  protocolType: string
  protocols: readonly Protocol[]
  assignment: Buffer
  /** Set while a JoinGroup of this member waits for the others. */
  joinReply: JoinReply | null
  /** Set while a SyncGroup waits for the leader's assignment. */
  syncReply: SyncReply | null
  /** Joined for the first time and not answered yet: its session does not count. */
  isNew: boolean
}

/** All that a group does to the outside. Timers call back `ClassicGroup.onTimer` with their key. */
export interface GroupEffects {
  nowMs(): number
  setTimer(key: string, delayMs: number): void
  clearTimer(key: string): void
  uuid(): string
  /**
   * Writes the group's state of this generation; calls back with a Kafka error code, 0 once it is
   * committed.
   */
  persist(done: (errorCode: number) => void): void
  /** Every member has its assignment. */
  rebalanced?(): void
  log(message: string): void
}

export function metadataFor(member: Member, protocol: string | null): Buffer {
  return member.protocols.find((p) => p.name === protocol)?.metadata ?? Buffer.alloc(0)
}

/** Same protocols, in the same order, with the same metadata. */
export function hasProtocols(member: Member, protocols: readonly Protocol[]): boolean {
  return (
    member.protocols.length === protocols.length &&
    member.protocols.every((own, i) => {
      const other = protocols[i]
      return other !== undefined && own.name === other.name && own.metadata.equals(other.metadata)
    })
  )
}

/**
 * The protocol that all members know and most put first. Null when they have none in common.
 */
export function selectProtocol(members: Iterable<Member>): string | null {
  const all = [...members]
  const knows = (member: Member, name: string): boolean =>
    member.protocols.some((protocol) => protocol.name === name)
  const votes = new Map<string, number>()
  for (const member of all) {
    const choice = member.protocols.find((p) => all.every((other) => knows(other, p.name)))
    if (choice !== undefined) votes.set(choice.name, (votes.get(choice.name) ?? 0) + 1)
  }
  let best: string | null = null
  for (const [name, count] of votes) {
    if (best === null || count > (votes.get(best) ?? 0)) best = name
  }
  return best
}

type StoredMember = GroupMetadataValue['members'][number]

/** Version 0 of JoinGroup knows one time-out for both. */
function rebalanceTimeoutOf(request: JoinGroupRequest): number {
  return request.rebalanceTimeoutMs < 0 ? request.sessionTimeoutMs : request.rebalanceTimeoutMs
}

/** Takes over what the request says; its metadata is copied, being part of a larger buffer. */
export function resubscribe(member: Member, request: JoinGroupRequest): void {
  member.protocols = request.protocols.map((protocol) => ({
    name: protocol.name,
    metadata: Buffer.from(protocol.metadata),
  }))
  member.rebalanceTimeoutMs = rebalanceTimeoutOf(request)
  member.sessionTimeoutMs = request.sessionTimeoutMs
}

export function newMember(
  memberId: string,
  request: JoinGroupRequest,
  client: { clientId: string; clientHost: string },
  reply: JoinReply,
): Member {
  const member: Member = {
    memberId,
    groupInstanceId: request.groupInstanceId,
    clientId: client.clientId,
    clientHost: client.clientHost,
    rebalanceTimeoutMs: 0,
    sessionTimeoutMs: 0,
    protocolType: request.protocolType,
    protocols: [],
    assignment: Buffer.alloc(0),
    joinReply: reply,
    syncReply: null,
    isNew: true,
  }
  resubscribe(member, request)
  return member
}

export function restoredMember(stored: StoredMember, group: GroupMetadataValue): Member {
  const metadata = Buffer.from(stored.subscription)
  return {
    memberId: stored.memberId,
    groupInstanceId: stored.groupInstanceId,
    clientId: stored.clientId,
    clientHost: stored.clientHost,
    rebalanceTimeoutMs:
      stored.rebalanceTimeout < 0 ? stored.sessionTimeout : stored.rebalanceTimeout,
    sessionTimeoutMs: stored.sessionTimeout,
    protocolType: group.protocolType,
    protocols: group.protocol === null ? [] : [{ name: group.protocol, metadata }],
    assignment: Buffer.from(stored.assignment),
    joinReply: null,
    syncReply: null,
    isNew: false,
  }
}

export function storedMember(member: Member, protocol: string | null): StoredMember {
  return {
    memberId: member.memberId,
    groupInstanceId: member.groupInstanceId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    rebalanceTimeout: member.rebalanceTimeoutMs,
    sessionTimeout: member.sessionTimeoutMs,
    subscription: metadataFor(member, protocol),
    assignment: member.assignment,
  }
}
