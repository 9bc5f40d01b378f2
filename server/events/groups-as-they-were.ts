import type {
  GroupDetail,
  GroupItem,
  ListGroupsInput,
  ListGroupsOutput,
} from '../../contracts/groups.ts'
import type { PackedGroupPartition } from '../clusters/snapshot.ts'
import { refusal } from '../errors.ts'
import { groupStateOf } from '../groups/group-item.ts'
import { unpackGroupPartition } from '../groups/read-group.ts'
import { UNKNOWN_GROUP_LAG } from '../lag/packed.ts'
import { namesHold, readPast, sortedPage } from './as-it-was.ts'
import type { GroupFacts } from './facts.ts'

/** Positions and lag are not kept with the state: unknown, as their history is in charts. */
export async function listGroupsAsTheyWere(
  input: ListGroupsInput,
  atMs: number,
): Promise<ListGroupsOutput> {
  const { facts, asOf } = await readPast(input.cluster, atMs)
  // A verdict that is not known fits none that is asked for.
  const groups = input.verdict === undefined ? [...facts.groups] : []
  const items = groups
    .filter(([id, group]) => namesHold(id, input.search) && isIn(group, input.state))
    .map(([id, group]) => itemOf(id, group))
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

function itemOf(id: string, group: GroupFacts): GroupItem {
  return {
    id,
    state: groupStateOf(group.state),
    protocolType: group.protocolType,
    protocol: group.protocol,
    coordinator: group.coordinator,
    members: Object.keys(group.members).length,
    topics: [...group.topics],
    totalLag: null,
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
  const owned = memberDetails.flatMap(({ assignment }, member) =>
    assignment.flatMap(({ topic, partitions }) =>
      partitions.map((partition): PackedGroupPartition => {
        const unknown = [null, null, null] as const
        return [topic, partition, ...unknown, member, null]
      }),
    ),
  )
  owned.sort((a, b) => (a[0] === b[0] ? a[1] - b[1] : a[0] < b[0] ? -1 : 1))
  return {
    ...itemOf(input.group, group),
    isDeleted: false,
    memberDetails,
    partitions: owned.map((packed) => unpackGroupPartition(packed, memberDetails, null)),
    asOf,
  }
}
