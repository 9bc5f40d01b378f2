import type {
  GroupDetail,
  GroupItem,
  ListGroupsInput,
  ListGroupsOutput,
} from '../../contracts/groups.ts'
import type { GroupLag } from '../../contracts/lag.ts'
import type { PackedGroupPartition } from '../clusters/snapshot.ts'
import { database } from '../db/client.ts'
import { refusal } from '../errors.ts'
import { drainMsOf, groupStateOf, totalLagOf } from '../groups/group-item.ts'
import { unpackGroupPartition } from '../groups/read-group.ts'
import { lagMsOf } from '../lag/lag-time.ts'
import { UNKNOWN_GROUP_LAG } from '../lag/packed.ts'
import { type PartitionRates, readPartitionRates } from '../lag/partition-rates.ts'
import { groupVerdictOf, verdictOfRank } from '../lag/verdict.ts'
import { ranksOf } from '../lag/verdict-filter.ts'
import { namesHold, type PastState, readPast, sortedPage } from './as-it-was.ts'
import type { ClusterFacts, GroupFacts } from './facts.ts'
import { type GroupFigures, groupFiguresAt, NO_GROUP_FIGURES } from './group-figures.ts'
import { flowsAt, lagsAt, type PastGroup, type PastLag } from './lag-replay.ts'
import { type Past, pastOf } from './past-samples.ts'

const SAMPLED: readonly string[] = ['totalLag', 'lagTime', 'verdict']

interface Row {
  readonly id: string
  readonly group: GroupFacts
  readonly figures: GroupFigures
}

/** State from the events, lag from the samples up to then; where none are kept it is not known. */
export async function listGroupsAsTheyWere(
  input: ListGroupsInput,
  atMs: number,
): Promise<ListGroupsOutput> {
  const { facts, asOf } = await readPast(input.cluster, atMs)
  const past = pastOf(input.cluster, atMs)
  const fitting = [...facts.groups].filter(
    ([id, group]) => namesHold(id, input.search) && isIn(group, input.state),
  )
  const isSampled = input.verdict !== undefined || SAMPLED.includes(input.sort.replace(/^-/, ''))
  const ids = isSampled ? fitting.map(([id]) => id) : []
  const column = input.sort.replace(/^-/, '')
  const rows = rowsOf(fitting, await groupFiguresAt(past, ids))
    .filter(isJudgedAs(input.verdict))
    .map((row) => ({ ...row, value: columnOf(row, column) }))
  const by = { sort: input.sort, value: (row: (typeof rows)[number]) => row.value } as const
  const page = sortedPage(rows, { ...by, name: 'id' }, input)
  const items = await itemsOf(past, facts, page, isSampled)
  return { items, total: rows.length, asOf }
}

function rowsOf(
  groups: readonly (readonly [string, GroupFacts])[],
  figures: ReadonlyMap<string, GroupFigures>,
): Row[] {
  return groups.map(([id, group]) => ({ id, group, figures: figures.get(id) ?? NO_GROUP_FIGURES }))
}

/** A verdict that is not known fits none that is asked for. */
function isJudgedAs(verdict: ListGroupsInput['verdict']): (row: Row) => boolean {
  if (verdict === undefined) return () => true
  const { low, high } = ranksOf(verdict)
  return ({ figures: { verdictRank: rank } }) => rank !== null && rank >= low && rank <= high
}

function columnOf({ id, group, figures }: Row, column: string): string | number | null {
  if (column === 'lagTime') return figures.lagTime && lagMsOf(figures.lagTime)
  if (column === 'verdict') return figures.verdictRank
  const found = itemOf({ id, group, figures }, UNKNOWN_GROUP_LAG)[column as keyof GroupItem]
  return typeof found === 'string' || typeof found === 'number' ? found : null
}

async function itemsOf(
  past: Past,
  facts: ClusterFacts,
  page: readonly Row[],
  isSampled: boolean,
): Promise<GroupItem[]> {
  const known = page.map(({ id, group }) => [id, group] as const)
  const rows = isSampled
    ? page
    : rowsOf(
        known,
        await groupFiguresAt(
          past,
          known.map(([id]) => id),
        ),
      )
  const keys = topicKeys(facts)
  const flows = await flowsAt(
    past,
    known.map(([id, group]) => pastGroupOf(id, group, keys)),
  )
  return rows.map((row) => itemOf(row, { ...sampledLagOf(row.figures), ...flows.get(row.id) }))
}

/** Which of the partitions is the worst is not sampled. */
function sampledLagOf({ lagTime, verdictRank }: GroupFigures): GroupLag {
  const cause = verdictOfRank(verdictRank ?? 0)
  return { ...UNKNOWN_GROUP_LAG, lagTime, verdict: groupVerdictOf(cause), cause }
}

/** By name, of the topics there were. */
export function topicKeys({ topics }: ClusterFacts): ReadonlyMap<string, string> {
  return new Map(Array.from(topics, ([key, { name }]) => [name, key] as const))
}

/** `only`: of all topics it reads this one. */
export function pastGroupOf(
  groupId: string,
  { topics, members }: GroupFacts,
  keys: ReadonlyMap<string, string>,
  only?: string,
): PastGroup {
  const read = topics.filter((topic) => only === undefined || topic === only)
  const owners = new Map<string, Map<number, number>>(read.map((topic) => [topic, new Map()]))
  for (const [place, { assignment }] of Object.values(members).entries()) {
    for (const { topic, partitions } of assignment) {
      if (only !== undefined && topic !== only) continue
      const owned = owners.get(topic) ?? new Map<number, number>()
      for (const partition of partitions) owned.set(partition, place)
      owners.set(topic, owned)
    }
  }
  const known = Array.from(owners.keys(), (topic) => [topic, keys.get(topic)] as const)
  const sampled = known.filter((one): one is [string, string] => one[1] !== undefined)
  return { groupId, topicKeys: Object.fromEntries(sampled), owners }
}

function isIn(group: GroupFacts, state: string | undefined): boolean {
  return state === undefined || groupStateOf(group.state) === state
}

function itemOf({ id, group, figures }: Row, lag: GroupLag): GroupItem {
  const { totalLag, lagGrowthRate } = figures
  return {
    id,
    state: groupStateOf(group.state),
    protocolType: group.protocolType,
    protocol: group.protocol,
    coordinator: group.coordinator,
    members: Object.keys(group.members).length,
    topics: [...group.topics],
    totalLag,
    lagGrowthRate,
    drainMs: drainMsOf(totalLag, lagGrowthRate),
    ...lag,
  }
}

export async function getGroupAsItWas(
  input: { cluster: string; group: string },
  atMs: number,
): Promise<GroupDetail> {
  const { facts, asOf }: PastState = await readPast(input.cluster, atMs)
  const group = facts.groups.get(input.group)
  if (group === undefined) throw refusal('group-unknown', { group: input.group })
  const past = pastOf(input.cluster, atMs)
  const asked = pastGroupOf(input.group, group, topicKeys(facts))
  const { clusterId } = past
  const { groupId, topicKeys: keys } = asked
  const [lags, sampled, rates] = await Promise.all([
    lagsAt(past, [asked]),
    groupFiguresAt(past, [groupId]),
    readPartitionRates(await database(), { clusterId, groupId, topicKeys: keys, nowMs: atMs }),
  ])
  const lag = lags.get(groupId)
  const memberDetails = Object.entries(group.members).map(([memberId, member]) => ({
    memberId,
    ...member,
    assignment: member.assignment.map((one) => ({ ...one, partitions: [...one.partitions] })),
  }))
  const partitions = partitionsOf(asked, lag)
  const totalLag = totalLagOf(partitions.map(([packed]) => packed))
  const figures = { ...(sampled.get(groupId) ?? NO_GROUP_FIGURES), totalLag }
  return {
    ...itemOf({ id: groupId, group, figures }, groupLagOf(figures, lag)),
    isDeleted: false,
    memberDetails,
    partitions: partitions.map(([packed, judged]) => {
      const none: PartitionRates = { producerRate: null, consumerRate: null }
      const rate = rates.get(`${packed[0]}/${packed[1]}`) ?? none
      return unpackGroupPartition(packed, memberDetails, judged && { ...judged, ...rate })
    }),
    asOf,
  }
}

/** What was sampled is what the collector said; which partition it came from only the replay tells. */
function groupLagOf(figures: GroupFigures, lag: PastLag | undefined): GroupLag {
  const sampled = sampledLagOf(figures)
  if (lag === undefined) return sampled
  if (figures.verdictRank === null) return lag.group
  const { verdict, cause } = sampled
  const isSame = lag.isJudged && lag.group.cause === cause
  return { ...lag.group, verdict, cause, worst: isSame ? lag.group.worst : null }
}

type Judged = PastLag['lags'][number] | null

/** By topic and partition: those with a commit, and those that a member owned. */
function partitionsOf(
  { owners }: PastGroup,
  lag: PastLag | undefined,
): (readonly [PackedGroupPartition, Judged])[] {
  const found = (lag?.partitions ?? []).map(
    (packed, index) => [packed, lag?.lags[index] ?? null] as const,
  )
  const known = new Set(found.map(([[topic, partition]]) => `${topic}/${partition}`))
  const owned = [...owners].flatMap(([topic, partitions]) =>
    Array.from(partitions, ([partition, member]): readonly [PackedGroupPartition, Judged] => [
      [topic, partition, null, null, null, member, null],
      null,
    ]),
  )
  const others = owned.filter(([[topic, partition]]) => !known.has(`${topic}/${partition}`))
  return [...found, ...others].sort(([a], [b]) =>
    a[0] === b[0] ? a[1] - b[1] : a[0] < b[0] ? -1 : 1,
  )
}
