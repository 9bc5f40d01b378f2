import { database } from '../db/client.ts'
import { groupItemOf } from '../lag/packed.ts'
import { clusterOf } from './registry.ts'
import type {
  BrokerItemRow,
  ClusterSnapshot,
  GroupDetailRow,
  GroupItem,
  TopicDetailRow,
  TopicItem,
} from './snapshot.ts'

export interface KnownCluster {
  /** Null until the first cycle. */
  readonly snapshot: ClusterSnapshot | null
  readonly asOf: number | null
  /** Why the cluster cannot be read now. */
  readonly error: string | null
}

/** What the collector last wrote. Throws ServiceError `not-found` for an unknown cluster. */
export async function readClusterInventory(clusterId: string): Promise<KnownCluster> {
  clusterOf(clusterId)
  const row = await (await database()).clusterInventory.findUnique({ where: { clusterId } })
  if (row === null) return { snapshot: null, asOf: null, error: null }
  return {
    // Safe because the collector alone writes it, in this shape; `null` before the first cycle.
    snapshot: JSON.parse(row.data) as ClusterSnapshot | null,
    asOf: row.asOf === null ? null : Number(row.asOf),
    error: row.error,
  }
}

export interface KnownTopic {
  readonly topicKey: string
  readonly item: TopicItem
  readonly detail: TopicDetailRow
  readonly isDeleted: boolean
}

/** The living topic of that name, else the one deleted last; null when there never was one. */
export async function readTopicInventory(
  clusterId: string,
  name: string,
): Promise<KnownTopic | null> {
  const rows = await (await database()).topicInventory.findMany({ where: { clusterId, name } })
  const row = rows.sort(
    (a, b) => Number(b.deletedAt ?? 2n ** 60n) - Number(a.deletedAt ?? 2n ** 60n),
  )[0]
  if (row === undefined) return null
  return {
    topicKey: row.topicKey,
    // Safe because the collector alone writes these columns, in these shapes.
    item: JSON.parse(row.item) as TopicItem,
    detail: JSON.parse(row.detail) as TopicDetailRow,
    isDeleted: row.deletedAt !== null,
  }
}

export interface KnownGroup {
  readonly item: GroupItem
  readonly detail: GroupDetailRow
  readonly isDeleted: boolean
}

export async function readGroupInventory(
  clusterId: string,
  groupId: string,
): Promise<KnownGroup | null> {
  const where = { clusterId_groupId: { clusterId, groupId } }
  const row = await (await database()).groupInventory.findUnique({ where })
  if (row === null) return null
  return {
    // Safe because the collector alone writes these columns, in these shapes.
    item: groupItemOf(row.item),
    detail: JSON.parse(row.detail) as GroupDetailRow,
    isDeleted: row.deletedAt !== null,
  }
}

/** By id. */
export async function readBrokerInventory(clusterId: string): Promise<BrokerItemRow[]> {
  const rows = await (await database()).brokerInventory.findMany({
    where: { clusterId, deletedAt: null },
    orderBy: { brokerId: 'asc' },
  })
  // Safe because the collector alone writes the column, in this shape.
  return rows.map((row) => JSON.parse(row.item) as BrokerItemRow)
}

/** One topic's row for each name, with packed partitions; for pages over many topics. */
export async function readTopicDetails(
  clusterId: string,
  names: readonly string[] | null,
): Promise<{ item: TopicItem; detail: TopicDetailRow }[]> {
  const rows = await (await database()).topicInventory.findMany({
    where: { clusterId, deletedAt: null, ...(names !== null && { name: { in: [...names] } }) },
    select: { item: true, detail: true },
  })
  return rows.map((row) => ({
    // Safe because the collector alone writes these columns, in these shapes.
    item: JSON.parse(row.item) as TopicItem,
    detail: JSON.parse(row.detail) as TopicDetailRow,
  }))
}
