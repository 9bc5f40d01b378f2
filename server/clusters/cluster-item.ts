import type { ClusterItem } from '../../contracts/clusters.ts'
import type { VerdictLevel } from '../../contracts/common.ts'
import { readConnection } from './connection-health.ts'
import { type KnownCluster, readClusterInventory } from './inventory.ts'
import type { ClusterSettings } from './registry.ts'
import type { ClusterSnapshot } from './snapshot.ts'

export async function clusterItemOf(cluster: ClusterSettings): Promise<ClusterItem> {
  const [known, connection] = await Promise.all([
    readClusterInventory(cluster.id),
    readConnection(cluster.id),
  ])
  const { snapshot } = known
  return {
    id: cluster.id,
    name: cluster.name,
    kind: cluster.kind,
    origin: cluster.origin,
    color: cluster.color,
    isProduction: cluster.isProduction,
    bootstrapServers: cluster.bootstrap.map(({ host, port }) => `${host}:${port}`),
    kafkaClusterId: snapshot?.kafkaClusterId ?? null,
    verdict: verdictOf(known),
    brokersOnline: known.error === null ? (snapshot?.brokersOnline ?? null) : 0,
    brokersTotal: snapshot?.brokersTotal ?? null,
    topics: snapshot?.topics ?? null,
    partitions: snapshot?.partitions ?? null,
    groups: snapshot?.groups ?? null,
    controllerId: snapshot?.controllerId ?? null,
    version: snapshot?.version ?? null,
    hasJmx: cluster.metrics.kind !== 'none',
    metricsFrom: cluster.metrics.kind,
    connection,
    error: known.error,
    asOf: known.asOf,
  }
}

/** Data that nobody can reach or write is critical; a missing copy or broker needs attention. */
export function verdictOf(known: KnownCluster): VerdictLevel {
  if (known.error !== null) return known.snapshot === null ? 'unknown' : 'critical'
  if (known.snapshot === null) return 'unknown'
  return snapshotVerdict(known.snapshot)
}

function snapshotVerdict(snapshot: ClusterSnapshot): VerdictLevel {
  if (snapshot.partitionsOffline > 0 || snapshot.partitionsUnderMinIsr > 0) return 'critical'
  if (snapshot.controllerId === null) return 'critical'
  const isWhole =
    snapshot.partitionsUnderReplicated === 0 && snapshot.brokersOnline === snapshot.brokersTotal
  return isWhole ? 'healthy' : 'attention'
}
