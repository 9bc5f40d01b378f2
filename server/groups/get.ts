import type { GetGroupInput, GroupDetail } from '../../contracts/groups.ts'
import type { GroupLag } from '../../contracts/lag.ts'
import { type KnownGroup, readClusterInventory, readGroupInventory } from '../clusters/inventory.ts'
import { type Cluster, clusterOf } from '../clusters/registry.ts'
import type { PackedGroupPartition } from '../clusters/snapshot.ts'
import type { ServiceContext } from '../context.ts'
import { database } from '../db/client.ts'
import { refusal } from '../errors.ts'
import { getGroupAsItWas } from '../events/groups-as-they-were.ts'
import { UNKNOWN_GROUP_LAG, unpackedLag } from '../lag/packed.ts'
import { type PartitionRates, readPartitionRates } from '../lag/partition-rates.ts'
import type { PartitionLag } from '../lag/tracker.ts'
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
  if (input.at !== undefined) return getGroupAsItWas(input, input.at)
  const cluster = clusterOf(input.cluster)
  const [known, { asOf }, live] = await Promise.all([
    readGroupInventory(cluster.id, input.group),
    readClusterInventory(cluster.id),
    readLive(cluster, input.group),
  ])
  const judged = await judgedOf(cluster.id, known)
  if (live) return fromLive(live, known, judged)
  if (known === null) throw refusal('group-unknown', { group: input.group })
  const isDeleted = live === null || known.isDeleted
  const { memberDetails, partitions } = known.detail
  return {
    ...known.item,
    ...(isDeleted && { state: 'Dead', members: 0, coordinator: null, drainMs: null }),
    ...(isDeleted && UNKNOWN_GROUP_LAG),
    isDeleted,
    memberDetails: isDeleted ? [] : [...memberDetails],
    partitions: partitions.map((packed) =>
      unpackGroupPartition(
        packed,
        isDeleted ? [] : memberDetails,
        isDeleted ? null : judged(packed),
      ),
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

type Judged = (packed: PackedGroupPartition) => (PartitionLag & PartitionRates) | null

/** What the collector's last cycle and the samples say of each partition. */
async function judgedOf(clusterId: string, known: KnownGroup | null): Promise<Judged> {
  if (known === null || known.isDeleted) return () => null
  const { partitions, lags = [], topicKeys } = known.detail
  const nowMs = Date.now()
  const groupId = known.item.id
  const rates = await readPartitionRates(await database(), { clusterId, groupId, topicKeys, nowMs })
  const byName = new Map(
    partitions.map(([topic, partition], index) => [`${topic}/${partition}`, lags[index]] as const),
  )
  return ([topic, partition]) => {
    const lag = unpackedLag(byName.get(`${topic}/${partition}`))
    if (lag === null) return null
    const none = { producerRate: null, consumerRate: null }
    return { ...lag, ...(rates.get(`${topic}/${partition}`) ?? none) }
  }
}

function fromLive(live: LiveDetail, known: KnownGroup | null, judged: Judged): GroupDetail {
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
    ...lagPartOf(known),
    isDeleted: false,
    memberDetails,
    partitions: live.partitions.map((packed) =>
      unpackGroupPartition(packed, memberDetails, judged(packed)),
    ),
    asOf: live.asOf,
  }
}

/** A group that the collector has not seen yet, or that was gone when it looked, is not judged. */
function lagPartOf(known: KnownGroup | null): GroupLag {
  if (known === null || known.isDeleted) return UNKNOWN_GROUP_LAG
  const { lagTime, verdict, cause, worst, flow, forecast } = known.item
  return { lagTime, verdict, cause, worst, flow, forecast }
}
