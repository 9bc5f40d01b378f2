import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { decodeMessage } from '../../protocol/message.ts'
import { ConsumerProtocolAssignment } from '../../protocol/messages/data/consumer-protocol-assignment.ts'
import {
  DescribeGroups,
  type DescribeGroupsResponse,
} from '../../protocol/schemas/15-describe-groups.ts'
import { ListGroups } from '../../protocol/schemas/16-list-groups.ts'
import {
  ConsumerGroupDescribe,
  type ConsumerGroupDescribeResponse,
} from '../../protocol/schemas/69-consumer-group-describe.ts'
import { findCoordinator } from './group-offsets.ts'
import { chunksOf } from './types.ts'
import { type ClientCallOptions, fanOut, type WireClient } from './wire-client.ts'
import { WireError } from './wire-error.ts'

export type GroupType = 'classic' | 'consumer'

export interface ListedGroup {
  readonly groupId: string
  readonly type: GroupType
  readonly protocolType: string
  /** The broker that listed it. */
  readonly coordinator: number
}

export interface GroupsListed {
  readonly groups: ListedGroup[]
  /** Brokers that gave no answer; the groups they coordinate are not listed. */
  readonly brokerErrors: Map<number, Error>
}

export interface GroupMemberState {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly host: string
  readonly assignment: readonly { topic: string; partitions: number[] }[]
}

export interface GroupDescription {
  readonly groupId: string
  readonly type: GroupType
  /** Kafka's word: Stable, Empty, Dead, PreparingRebalance, … */
  readonly state: string
  readonly protocolType: string
  readonly protocol: string
  readonly members: readonly GroupMemberState[]
}

/** Groups that commit offsets (classic and consumer), from every broker at once. */
export async function listGroups(
  client: WireClient,
  brokerIds: Iterable<number>,
  options: ClientCallOptions = {},
): Promise<GroupsListed> {
  const { results, errors } = await fanOut(brokerIds, (brokerId) =>
    client.call(brokerId, ListGroups, {}, options),
  )
  const groups: ListedGroup[] = []
  for (const [coordinator, answer] of results) {
    if (answer.errorCode !== ErrorCode.NONE) {
      errors.set(coordinator, new Error(`ListGroups failed with error ${answer.errorCode}`))
      continue
    }
    for (const { groupId, protocolType, groupType } of answer.groups) {
      const type = groupTypeOf(groupType)
      if (type !== null) groups.push({ groupId, type, protocolType, coordinator })
    }
  }
  return { groups, brokerErrors: errors }
}

/** Null: a share or streams group, whose progress is not in committed offsets alone. */
function groupTypeOf(groupType: string): GroupType | null {
  const lower = groupType.toLowerCase()
  if (lower === 'consumer') return 'consumer'
  return lower === '' || lower === 'classic' ? 'classic' : null
}

const GROUPS_PER_REQUEST = 100

/** Groups with an error (moved, gone) are left out. Throws WireError of that coordinator. */
export async function describeGroups(
  client: WireClient,
  coordinator: number,
  groups: readonly Pick<ListedGroup, 'groupId' | 'type'>[],
  options: ClientCallOptions = {},
): Promise<GroupDescription[]> {
  const idsOf = (type: GroupType): string[][] =>
    chunksOf(
      groups.filter((group) => group.type === type).map((group) => group.groupId),
      GROUPS_PER_REQUEST,
    )
  const classic = idsOf('classic').map(async (ids) => {
    const answer = await client.call(coordinator, DescribeGroups, { groups: ids }, options)
    return answer.groups.filter((g) => g.errorCode === ErrorCode.NONE).map(classicGroup)
  })
  const consumer = idsOf('consumer').map(async (groupIds) => {
    const answer = await client.call(coordinator, ConsumerGroupDescribe, { groupIds }, options)
    return answer.groups.filter((g) => g.errorCode === ErrorCode.NONE).map(consumerGroup)
  })
  return (await Promise.all([...classic, ...consumer])).flat()
}

/**
 * One group of unknown type: classic first, since every broker answers that. Null: no such group.
 */
export async function describeGroup(
  client: WireClient,
  coordinator: number,
  groupId: string,
  options: ClientCallOptions = {},
): Promise<GroupDescription | null> {
  const serves848 = (await client.versionOn(coordinator, ConsumerGroupDescribe)) !== null
  const [classic, consumer] = await Promise.all([
    describeGroups(client, coordinator, [{ groupId, type: 'classic' }], options),
    serves848
      ? describeGroups(client, coordinator, [{ groupId, type: 'consumer' }], options)
      : Promise.resolve([]),
  ])
  const found = consumer[0] ?? classic[0]
  return found === undefined || found.state === 'Dead' ? null : found
}

/**
 * Whether its coordinator says that there is no such group: other than a list without it, which brokers also give while
 * a coordinator moves. False where nobody can tell.
 */
export async function isGroupGone(
  client: WireClient,
  groupId: string,
  options: ClientCallOptions = {},
): Promise<boolean> {
  try {
    const coordinator = await findCoordinator(client, groupId, options)
    const serves848 = (await client.versionOn(coordinator, ConsumerGroupDescribe)) !== null
    const [classic, consumer] = await Promise.all([
      client.call(coordinator, DescribeGroups, { groups: [groupId] }, options),
      serves848
        ? client.call(coordinator, ConsumerGroupDescribe, { groupIds: [groupId] }, options)
        : null,
    ])
    const [found, other] = [classic.groups[0], consumer?.groups[0]]
    // Before version 6 of DescribeGroups there is no such group that is Dead and no error.
    const isNoClassic =
      found?.errorCode === ErrorCode.GROUP_ID_NOT_FOUND ||
      (found?.errorCode === ErrorCode.NONE && found.groupState === 'Dead')
    return isNoClassic && (!serves848 || other?.errorCode === ErrorCode.GROUP_ID_NOT_FOUND)
  } catch (error) {
    if (error instanceof WireError || error instanceof KafkaError) return false
    throw error
  }
}

function classicGroup(group: DescribeGroupsResponse['groups'][number]): GroupDescription {
  return {
    groupId: group.groupId,
    type: 'classic',
    state: group.groupState,
    protocolType: group.protocolType,
    protocol: group.protocolData,
    members: group.members.map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      host: member.clientHost.replace(/^\//, ''),
      assignment:
        group.protocolType === 'consumer' ? classicAssignment(member.memberAssignment) : [],
    })),
  }
}

/** Empty while the group rebalances, and for assignments that are not the consumer protocol's. */
function classicAssignment(bytes: Buffer): { topic: string; partitions: number[] }[] {
  if (bytes.length < 2) return []
  const version = Math.min(bytes.readInt16BE(0), ConsumerProtocolAssignment.maxVersion)
  if (version < 0) return []
  try {
    const { assignedPartitions } = decodeMessage(ConsumerProtocolAssignment, version, bytes, 2)
    return assignedPartitions.map(({ topic, partitions }) => ({
      topic,
      partitions: [...partitions].sort((a, b) => a - b),
    }))
  } catch {
    return []
  }
}

function consumerGroup(group: ConsumerGroupDescribeResponse['groups'][number]): GroupDescription {
  return {
    groupId: group.groupId,
    type: 'consumer',
    state: group.groupState,
    protocolType: 'consumer',
    protocol: group.assignorName,
    members: group.members.map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.instanceId,
      clientId: member.clientId,
      host: member.clientHost.replace(/^\//, ''),
      assignment: member.assignment.topicPartitions.map(({ topicName, partitions }) => ({
        topic: topicName,
        partitions: [...partitions].sort((a, b) => a - b),
      })),
    })),
  }
}
