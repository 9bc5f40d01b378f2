// A consumer of a group in the simulated cluster: joins, is given partitions by the leader among the members, reads from
// where the group committed, commits as it goes. Now and then it leaves, or is silent for so long that the others go on
// without it, and then tries to commit what it still held.

import { ErrorCode } from '../../protocol/errors.ts'
import { decodeMessage, encodeMessage } from '../../protocol/message.ts'
import { ConsumerProtocolSubscription } from '../../protocol/messages/data/consumer-protocol-subscription.ts'
import { batchPositions, batchSizeBytes } from '../../protocol/records/batch.ts'
import { readRecordsSync } from '../../protocol/records/read.ts'
import { Fetch } from '../../protocol/schemas/01-fetch.ts'
import { OffsetCommit } from '../../protocol/schemas/08-offset-commit.ts'
import { OffsetFetch } from '../../protocol/schemas/09-offset-fetch.ts'
import { JoinGroup, type JoinGroupResponse } from '../../protocol/schemas/11-join-group.ts'
import { Heartbeat } from '../../protocol/schemas/12-heartbeat.ts'
import { LeaveGroup } from '../../protocol/schemas/13-leave-group.ts'
import { SyncGroup } from '../../protocol/schemas/14-sync-group.ts'
import { Client, RETRY_MS, type TopicHandle } from './client.ts'
import type { SimulatedCluster } from './cluster.ts'
import { coordinatorOf } from './committer.ts'
import type { GroupLedger, Plan } from './group-ledger.ts'

export const SESSION_TIMEOUT_MS = 2000
const REBALANCE_TIMEOUT_MS = 2000
/** A rebalance waits for members that never come. */
const JOIN_TIMEOUT_MS = 2 * (SESSION_TIMEOUT_MS + REBALANCE_TIMEOUT_MS)
const PAUSE_MS = 250
const MAX_BYTES = 4 * 1024
const LEAVE_CHANCE = 0.02
const SILENCE_CHANCE = 0.02
const PROTOCOL = 'stamped'
const SUBSCRIPTION_VERSION = 1

interface Membership {
  coordinator: number
  generation: number
  memberId: string
  positions: Map<number, number>
}

export interface MemberOptions {
  groupId: string
  topic: TopicHandle
  partitions: number
  ledger: GroupLedger
}

export class GroupMember {
  isStopping = false
  readonly done: Promise<void>
  readonly #client: Client
  readonly #options: MemberOptions
  #memberId = ''

  constructor(cluster: SimulatedCluster, options: MemberOptions) {
    this.#client = new Client(cluster, 'members')
    this.#options = options
    this.done = this.#run()
  }

  async #run(): Promise<void> {
    while (!this.isStopping) {
      const membership = await this.#join()
      if (membership !== null && (await this.#begin(membership))) await this.#consume(membership)
      await this.#client.sleep(RETRY_MS)
    }
  }

  async #join(): Promise<Membership | null> {
    const { groupId, topic } = this.#options
    const coordinator = await coordinatorOf(this.#client, groupId)
    const subscription = { topics: [topic.name] }
    const metadata = encodeMessage(ConsumerProtocolSubscription, SUBSCRIPTION_VERSION, subscription)
    const request = {
      groupId,
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      rebalanceTimeoutMs: REBALANCE_TIMEOUT_MS,
      memberId: this.#memberId,
      protocolType: 'consumer',
      protocols: [{ name: PROTOCOL, metadata }],
    }
    const joined = await this.#client.ask(coordinator, JoinGroup, request, JOIN_TIMEOUT_MS)
    if (joined === null) return null
    if (joined.errorCode === ErrorCode.MEMBER_ID_REQUIRED) this.#memberId = joined.memberId
    if (joined.errorCode !== ErrorCode.NONE) {
      this.#forgetIfUnknown(joined.errorCode)
      return null
    }
    this.#memberId = joined.memberId
    return this.#sync(coordinator, joined)
  }

  #forgetIfUnknown(code: number): void {
    if (code === ErrorCode.UNKNOWN_MEMBER_ID) this.#memberId = ''
  }

  async #sync(coordinator: number, joined: JoinGroupResponse): Promise<Membership | null> {
    const { groupId, ledger } = this.#options
    const { generationId: generation, memberId, leader, members } = joined
    const assignment = Buffer.from(JSON.stringify(this.#plan(joined)))
    const assignments =
      leader === memberId
        ? members.map((member) => ({ memberId: member.memberId, assignment }))
        : []
    const identity = { groupId, generationId: generation, memberId }
    const protocol = { protocolType: 'consumer', protocolName: PROTOCOL }
    const request = { ...identity, ...protocol, assignments }
    const synced = await this.#client.ask(coordinator, SyncGroup, request, JOIN_TIMEOUT_MS)
    if (synced?.errorCode !== ErrorCode.NONE) {
      this.#forgetIfUnknown(synced?.errorCode ?? ErrorCode.NONE)
      return null
    }
    if (synced.assignment.length === 0) {
      this.#complain(`${memberId} was given nothing in generation ${generation}`)
      return null
    }
    const plan = JSON.parse(synced.assignment.toString()) as Plan
    const part = ledger.takePart(generation, memberId, plan)
    this.#client.cluster.say(`${memberId} has ${part} in generation ${generation}`)
    const positions = new Map(part.map((partition) => [partition, 0]))
    return { coordinator, generation, memberId, positions }
  }

  /** Round and round over the members, in an order drawn for this generation. */
  #plan({ members, memberId, generationId }: JoinGroupResponse): Plan {
    const { random } = this.#client.runtime
    const { partitions, topic } = this.#options
    const owners: Record<string, number[]> = {}
    const start = random.int(Math.max(1, members.length))
    for (const { metadata } of members) {
      const { topics } = decodeMessage(ConsumerProtocolSubscription, SUBSCRIPTION_VERSION, metadata)
      if (topics[0] !== topic.name) this.#complain(`a member subscribes to ${topics}`)
    }
    for (let partition = 0; partition < partitions; partition++) {
      const owner = members[(start + partition) % Math.max(1, members.length)]?.memberId ?? memberId
      owners[owner] = [...(owners[owner] ?? []), partition]
    }
    return { stamp: `${memberId} ${generationId} ${random.int(2 ** 30)}`, owners }
  }

  #complain(what: string): void {
    this.#client.cluster.violations.push(what)
  }

  /** Finds out where to go on. False when the group moved on first. */
  async #begin(membership: Membership): Promise<boolean> {
    const { groupId, topic, ledger } = this.#options
    const { coordinator, positions } = membership
    const before = new Map([...positions.keys()].map((at) => [at, ledger.acknowledged(at)]))
    const partitionIndexes = [...positions.keys()]
    if (partitionIndexes.length === 0) return true
    const topics = [{ name: topic.name, topicId: topic.id, partitionIndexes }]
    const response = await this.#client.ask(coordinator, OffsetFetch, {
      groups: [{ groupId, topics }],
      requireStable: true,
    })
    const group = response?.groups[0]
    if (group?.errorCode !== ErrorCode.NONE) return false
    for (const found of group.topics[0]?.partitions ?? []) {
      if (found.errorCode !== ErrorCode.NONE) return false
      const offset = Math.max(0, found.committedOffset)
      ledger.begin(found.partitionIndex, offset, before.get(found.partitionIndex) ?? 0)
      positions.set(found.partitionIndex, offset)
    }
    return true
  }

  async #consume(membership: Membership): Promise<void> {
    const { random } = this.#client.runtime
    while (!this.isStopping) {
      if (random.next() < SILENCE_CHANCE) {
        this.#client.cluster.say(`${membership.memberId} is silent`)
        await this.#client.sleep(2 * SESSION_TIMEOUT_MS)
      }
      for (const partition of membership.positions.keys()) await this.#read(membership, partition)
      if (!(await this.#commit(membership))) return
      if (random.next() < LEAVE_CHANCE) return this.#leave(membership)
      if (!(await this.#beat(membership))) return
      await this.#client.sleep(random.int(2 * PAUSE_MS))
    }
    await this.#leave(membership)
  }

  async #read({ positions }: Membership, partition: number): Promise<void> {
    const { topic } = this.#options
    const leader = await this.#client.leaderOf(topic.name, partition)
    if (leader === null) return
    let position = positions.get(partition) ?? 0
    const wanted = { partition, fetchOffset: position, partitionMaxBytes: MAX_BYTES }
    const response = await this.#client.ask(leader, Fetch, {
      maxWaitMs: 100,
      minBytes: 1,
      maxBytes: MAX_BYTES,
      sessionEpoch: -1,
      topics: [{ topicId: topic.id, topic: topic.name, partitions: [wanted] }],
    })
    const found = response?.responses[0]?.partitions[0]
    if (found?.errorCode !== ErrorCode.NONE) return
    const records = found.records ?? Buffer.alloc(0)
    for (const at of batchPositions(records)) {
      for (const record of readRecordsSync(
        records.subarray(at, at + batchSizeBytes(records, at)),
      )) {
        position = Math.max(position, record.offset + 1)
      }
    }
    positions.set(partition, position)
  }

  /** False when the member has to join anew. */
  async #commit({ coordinator, generation, memberId, positions }: Membership): Promise<boolean> {
    const { groupId, topic, ledger } = this.#options
    const partitions = [...positions].map(([partitionIndex, committedOffset]) => {
      ledger.ask(partitionIndex, committedOffset)
      return { partitionIndex, committedOffset, committedMetadata: '' }
    })
    if (partitions.length === 0) return true
    const newestAsAsked = ledger.newestGeneration
    const response = await this.#client.ask(coordinator, OffsetCommit, {
      groupId,
      generationIdOrMemberEpoch: generation,
      memberId,
      topics: [{ name: topic.name, topicId: topic.id, partitions }],
    })
    let isFine = response !== null
    for (const { partitionIndex, errorCode } of response?.topics[0]?.partitions ?? []) {
      const offset = positions.get(partitionIndex) ?? 0
      if (errorCode === ErrorCode.NONE) {
        ledger.commit(partitionIndex, offset, { generation, newestAsAsked })
      } else isFine = false
      this.#forgetIfUnknown(errorCode)
    }
    return isFine
  }

  async #beat({ coordinator, generation, memberId }: Membership): Promise<boolean> {
    const request = { groupId: this.#options.groupId, generationId: generation, memberId }
    const response = await this.#client.ask(coordinator, Heartbeat, request)
    if (response === null) return false
    this.#forgetIfUnknown(response.errorCode)
    return response.errorCode === ErrorCode.NONE
  }

  async #leave({ coordinator, memberId }: Membership): Promise<void> {
    const members = [{ memberId, groupInstanceId: null, reason: 'enough' }]
    await this.#client.ask(coordinator, LeaveGroup, { groupId: this.#options.groupId, members })
    this.#memberId = ''
  }
}
