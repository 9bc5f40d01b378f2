import type { ListClustersOutput } from '../../contracts/clusters.ts'
import type { ServiceContext } from '../context.ts'
import { readCollectionStop } from '../db/disk-guard.ts'
import { clusterItemOf } from './cluster-item.ts'
import { allClusters } from './registry.ts'

/** From the inventory: no cluster is asked. */
export async function listClusters(_: { ctx: ServiceContext }): Promise<ListClustersOutput> {
  const items = await Promise.all(allClusters().map(clusterItemOf))
  const times = items.flatMap((item) => (item.asOf === null ? [] : [item.asOf]))
  const asOf = times.length === 0 ? null : Math.min(...times)
  return { items, total: items.length, asOf, collectionStop: readCollectionStop() }
}
