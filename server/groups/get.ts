import type { GetGroupInput, GroupDetail } from '../../contracts/groups.ts'
import { type KnownGroup, readClusterInventory, readGroupInventory } from '../clusters/inventory.ts'
import { type Cluster, clusterOf } from '../clusters/registry.ts'
import type { PackedGroupPartition } from '../clusters/snapshot.ts'
import type { ServiceContext } from '../context.ts'
import { refusal } from '../errors.ts'
import { drainMsOf, groupMembersOf, groupStateOf, totalLagOf } from './group-item.ts'
import {
  fetchGroup,
  fetchGroupPartitions,
  type LiveGroup,
  unpackGroupPartition,
} from './read-group.ts'

const LIVE_TIMEOUT_MS = 1_500

/**
 * Live, or what the collector last saw when the cluster does not answer in time. Of a group that is
 * gone the last picture is given, marked as deleted, for as long as its history is kept.
 */
export async function getGroup({
  input,
}: {
  ctx: ServiceContext
  input: GetGroupInput
}): Promise<GroupDetail> {
  const cluster = clusterOf(input.cluster)
  const [known, { asOf }, live] = await Promise.all([
    readGroupInventory(cluster.id, input.group),
    readClusterInventory(cluster.id),
    readLive(cluster, input.group),
  ])
  if (live) return fromLive(live, known)
  if (known === null) throw refusal('group-unknown', { group: input.group })
  const isDeleted = live === null || known.isDeleted
  const { memberDetails, partitions } = known.detail
  return {
    ...known.item,
    ...(isDeleted && { state: 'Dead', members: 0, coordinator: null, drainMs: null }),
    isDeleted,
    memberDetails: isDeleted ? [] : [...memberDetails],
    partitions: partitions.map((packed) =>
      unpackGroupPartition(packed, isDeleted ? [] : memberDetails),
    ),
    asOf,
  }
}

interface LiveDetail {
  readonly group: LiveGroup
  readonly partitions: PackedGroupPartition[]
  readonly asOf: number
}

/** Null: there is no such group; undefined: no answer in time. */
async function readLive(cluster: Cluster, groupId: string): Promise<LiveDetail | null | undefined> {
  try {
    const asOf = Date.now()
    const group = await fetchGroup(cluster, groupId, LIVE_TIMEOUT_MS)
    if (group === null) return null
    const partitions = await fetchGroupPartitions(cluster, group, LIVE_TIMEOUT_MS)
    return { group, partitions, asOf }
  } catch {
    // Any failure of the cluster: the inventory answers, and its age says so.
    return undefined
  }
}

function fromLive(live: LiveDetail, known: KnownGroup | null): GroupDetail {
  const { description, coordinator } = live.group
  const memberDetails = groupMembersOf(description)
  const totalLag = totalLagOf(live.partitions)
  const lagGrowthRate = known === null || known.isDeleted ? null : known.item.lagGrowthRate
  return {
    id: description.groupId,
    state: groupStateOf(description.state),
    protocolType: description.protocolType,
    protocol: description.protocol,
    coordinator,
    members: memberDetails.length,
    topics: [...new Set(live.partitions.map(([topic]) => topic))],
    totalLag,
    lagGrowthRate,
    drainMs: drainMsOf(totalLag, lagGrowthRate),
    isDeleted: false,
    memberDetails,
    partitions: live.partitions.map((packed) => unpackGroupPartition(packed, memberDetails)),
    asOf: live.asOf,
  }
}
