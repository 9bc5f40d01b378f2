import type { ClusterItem, GetClusterInput } from '../../contracts/clusters.ts'
import type { ServiceContext } from '../context.ts'
import { clusterItemOf } from './cluster-item.ts'
import { clusterOf } from './registry.ts'

/** From the inventory: the cluster is not asked. */
export async function getCluster({
  input,
}: {
  ctx: ServiceContext
  input: GetClusterInput
}): Promise<ClusterItem> {
  return clusterItemOf(clusterOf(input.cluster))
}
