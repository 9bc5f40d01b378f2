// Who belongs to a classic group: members by id, static ones also by their instance id (KIP-345), and who
// leads. Plain bookkeeping; classic-group.ts decides what follows from a change.
import { ErrorCode } from '../../../protocol/errors.ts'
import type { Member, Protocol } from './member.ts'

export class Membership {
  readonly byId = new Map<string, Member>()
  leaderId: string | null = null
  readonly #staticIds = new Map<string, string>()

  add(member: Member): void {
    this.byId.set(member.memberId, member)
    if (member.groupInstanceId !== null) {
      this.#staticIds.set(member.groupInstanceId, member.memberId)
    }
    this.leaderId ??= member.memberId
  }

  /** The first of those left leads when the leader goes. */
  remove(member: Member): void {
    this.byId.delete(member.memberId)
    if (member.groupInstanceId !== null) this.#staticIds.delete(member.groupInstanceId)
    if (this.leaderId === member.memberId) {
      const [next] = this.byId.keys()
      this.leaderId = next ?? null
    }
  }

  /** A static member under a new id keeps its place, leadership included. */
  rename(member: Member, memberId: string): void {
    const isLeader = this.leaderId === member.memberId
    this.remove(member)
    member.memberId = memberId
    this.add(member)
    if (isLeader) this.leaderId = memberId
  }

  staticMemberId(instanceId: string): string | null {
    return this.#staticIds.get(instanceId) ?? null
  }

  /** UNKNOWN_MEMBER_ID or FENCED_INSTANCE_ID when another holds the instance id. */
  checkInstance(memberId: string, instanceId: string | null): number {
    if (instanceId === null) return ErrorCode.NONE
    const current = this.#staticIds.get(instanceId)
    if (current === undefined) return ErrorCode.UNKNOWN_MEMBER_ID
    return current === memberId ? ErrorCode.NONE : ErrorCode.FENCED_INSTANCE_ID
  }

  longestRebalanceTimeoutMs(): number {
    let longest = 0
    for (const member of this.byId.values()) longest = Math.max(longest, member.rebalanceTimeoutMs)
    return longest
  }

  /** Does every member know one of them? */
  sharesProtocol(protocols: readonly Protocol[]): boolean {
    const all = [...this.byId.values()]
    return protocols.some(({ name }) =>
      all.every((member) => member.protocols.some((own) => own.name === name)),
    )
  }

  /** The leader must be one who waits for this generation; false when nobody does. */
  electJoinedLeader(): boolean {
    const leader = this.leaderId === null ? undefined : this.byId.get(this.leaderId)
    if (leader !== undefined && leader.joinReply !== null) return true
    for (const member of this.byId.values()) {
      if (member.joinReply === null) continue
      this.leaderId = member.memberId
      return true
    }
    return false
  }

  clear(): void {
    this.byId.clear()
    this.#staticIds.clear()
    this.leaderId = null
  }
}
