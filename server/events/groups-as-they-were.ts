import type {
  GroupDetail,
  GroupItem,
  ListGroupsInput,
  ListGroupsOutput,
} from '../../contracts/groups.ts'
import type { PackedGroupPartition } from '../clusters/snapshot.ts'
import { database } from '../db/client.ts'
import { refusal } from '../errors.ts'
import { groupStateOf, totalLagOf } from '../groups/group-item.ts'
import { unpackGroupPartition } from '../groups/read-group.ts'
import { UNKNOWN_GROUP_LAG } from '../lag/packed.ts'
import { type Past, type Position, positionsAt, totalLagsAt } from '../metrics/positions-at.ts'
import { environment } from '../settings/environment.ts'
import { namesHold, readPast, sortedPage } from './as-it-was.ts'
import type { GroupFacts } from './facts.ts'

/** Lag is that of the last samples before; where none are kept it is not known. */
export async function listGroupsAsTheyWere(
  input: ListGroupsInput,
  atMs: number,
): Promise<ListGroupsOutput> {
  const { facts, asOf } = await readPast(input.cluster, atMs)
  // A verdict that is not known fits none that is asked for.
  const groups = input.verdict === undefined ? [...facts.groups] : []
  const ids = groups.map(([id]) => id)
  const lags = await totalLagsAt(await database(), pastOf(input.cluster, atMs), ids)
  const items = groups
    .filter(([id, group]) => namesHold(id, input.search) && isIn(group, input.state))
    .map(([id, group]) => itemOf(id, group, lags.get(id) ?? null))
  const value = (item: GroupItem, column: string): string | number | null => {
    const found = item[column as keyof GroupItem]
    return typeof found === 'string' || typeof found === 'number' ? found : null
  }
  const by = { sort: input.sort, value, name: 'id' as const }
  return { items: sortedPage(items, by, input), total: items.length, asOf }
}

function isIn(group: GroupFacts, state: string | undefined): boolean {
  return state === undefined || groupStateOf(group.state) === state
}

function pastOf(clusterId: string, atMs: number): Past {
  return { clusterId, atMs, nowMs: Date.now(), retention: environment().history }
}

function itemOf(id: string, group: GroupFacts, totalLag: number | null): GroupItem {
  return {
    id,
    state: groupStateOf(group.state),
    protocolType: group.protocolType,
    protocol: group.protocol,
    coordinator: group.coordinator,
    members: Object.keys(group.members).length,
    topics: [...group.topics],
    totalLag,
    lagGrowthRate: null,
    drainMs: null,
    ...UNKNOWN_GROUP_LAG,
  }
}

export async function getGroupAsItWas(
  input: { cluster: string; group: string },
  atMs: number,
): Promise<GroupDetail> {
  const { facts, asOf } = await readPast(input.cluster, atMs)
  const group = facts.groups.get(input.group)
  if (group === undefined) throw refusal('group-unknown', { group: input.group })
  const memberDetails = Object.entries(group.members).map(([memberId, member]) => ({
    memberId,
    ...member,
    assignment: member.assignment.map((one) => ({ ...one, partitions: [...one.partitions] })),
  }))
  const owners = new Map<string, Map<number, number>>(group.topics.map((name) => [name, new Map()]))
  for (const [member, { assignment }] of memberDetails.entries()) {
    for (const { topic, partitions } of assignment) {
      const owned = owners.get(topic) ?? new Map<number, number>()
      for (const partition of partitions) owned.set(partition, member)
      owners.set(topic, owned)
    }
  }
  const keys = new Map<string, string>()
  for (const [key, { name }] of facts.topics) if (owners.has(name)) keys.set(name, key)
  const past = pastOf(input.cluster, atMs)
  const read = { groupId: input.group, topicKeys: keys }
  const positions = await positionsAt(await database(), past, read)
  const packed = [...owners].flatMap(([topic, owned]) =>
    packedOf(topic, owned, positions.get(topic)),
  )
  packed.sort((a, b) => (a[0] === b[0] ? a[1] - b[1] : a[0] < b[0] ? -1 : 1))
  return {
    ...itemOf(input.group, group, totalLagOf(packed)),
    isDeleted: false,
    memberDetails,
    partitions: packed.map((one) => unpackGroupPartition(one, memberDetails, null)),
    asOf,
  }
}

/** The partitions of a topic that a member owned, or of which a position was committed. */
function packedOf(
  topic: string,
  owned: ReadonlyMap<number, number>,
  positions: ReadonlyMap<number, Position> | undefined,
): PackedGroupPartition[] {
  const committed = [...(positions ?? [])].filter(([, position]) => position.committed !== null)
  const partitions = new Set([...owned.keys(), ...committed.map(([partition]) => partition)])
  return Array.from(partitions, (partition): PackedGroupPartition => {
    const { committed: at = null, end = null } = positions?.get(partition) ?? {}
    return [topic, partition, at, null, end, owned.get(partition) ?? -1, null]
  })
}
