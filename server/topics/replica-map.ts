import type { GetReplicaMapInput, ReplicaMap } from '../../contracts/replica-map.ts'
import {
  readBrokerInventory,
  readClusterInventory,
  readTopicDetails,
} from '../clusters/inventory.ts'
import { isrRankOf } from '../clusters/snapshot.ts'
import type { ServiceContext } from '../context.ts'
import { database } from '../db/client.ts'
import { getReplicaMapAsItWas } from '../events/topics-as-they-were.ts'

/** From the inventory; topics with a problem come first, then by name. */
export async function getReplicaMap({
  input,
}: {
  ctx: ServiceContext
  input: GetReplicaMapInput
}): Promise<ReplicaMap> {
  if (input.at !== undefined) return getReplicaMapAsItWas(input, input.at)
  const { asOf } = await readClusterInventory(input.cluster)
  const brokers = await readBrokerInventory(input.cluster)
  const names = await topicNames(input)
  const details = await readTopicDetails(input.cluster, names.chosen)
  const topics = details
    .sort(
      (a, b) =>
        isrRankOf(b.item.isr) - isrRankOf(a.item.isr) || (a.item.name < b.item.name ? -1 : 1),
    )
    .map(({ item, detail }) => ({
      name: item.name,
      isInternal: item.isInternal,
      partitions: detail.partitions.map(([partition, leader, leaderEpoch, replicas, isr]) => ({
        partition,
        leader: leader < 0 ? null : leader,
        replicas: [...replicas],
        isr: [...isr],
        leaderEpoch,
      })),
    }))
  return {
    brokers: brokers.map(({ id, isOnline }) => ({ broker: id, isOnline })),
    topics,
    total: names.total,
    asOf,
  }
}

async function topicNames(input: GetReplicaMapInput): Promise<{ chosen: string[]; total: number }> {
  const db = await database()
  const where = { clusterId: input.cluster, deletedAt: null }
  const total = await db.topicInventory.count({ where })
  if (input.topic !== undefined) return { chosen: [input.topic], total }
  const rows = await db.topicInventory.findMany({
    where,
    select: { name: true },
    orderBy: [{ isrRank: 'desc' }, { name: 'asc' }],
    take: input.limit,
  })
  return { chosen: rows.map((row) => row.name), total }
}
