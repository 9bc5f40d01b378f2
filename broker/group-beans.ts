// Beans of the group coordinator, under Kafka's names. Made once by server-beans.ts; values are read when asked for.
import type { ClassicGroupCoordinator } from './coordinator/group/group-coordinator.ts'
import type { MetricsRegistry } from './metrics/types.ts'

/** Attributes by Kafka's old name for the count of groups in a state. */
const states = ['CompletingRebalance', 'Dead', 'Empty', 'PreparingRebalance', 'Stable'] as const

export function registerGroupBeans(
  metrics: MetricsRegistry,
  groups: ClassicGroupCoordinator,
): void {
  const manager = 'kafka.coordinator.group:type=GroupMetadataManager,name='
  metrics.gauge(`${manager}NumGroups`, () => groups.counts().groups)
  metrics.gauge(`${manager}NumOffsets`, () => groups.counts().offsets)
  for (const state of states) {
    const count = () => groups.counts().byState.get(state) ?? 0
    metrics.gauge(`${manager}NumGroups${state}`, count)
  }
  const coordinator = 'kafka.server:type=group-coordinator-metrics'
  metrics.sensors(coordinator, () => groups.measures.attributes())
  metrics.sensors(`${coordinator},protocol=classic`, () => ({
    'group-count': groups.counts().groups,
  }))
  const partitions = (state: string, count: () => number) =>
    metrics.sensors(`${coordinator},state=${state}`, () => ({ 'num-partitions': count() }))
  partitions('active', () => groups.partitionCounts().active)
  partitions('loading', () => groups.partitionCounts().loading)
  partitions('failed', () => groups.measures.failedPartitions)
}
