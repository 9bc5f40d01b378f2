import { setTimeout as sleep } from 'node:timers/promises'
import type {
  ElectionPartition,
  ElectLeadersInput,
  ElectLeadersOutput,
} from '../../contracts/elections.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import { collectNow } from '../clusters/collect-now.ts'
import { type Cluster, clusterOf } from '../clusters/registry.ts'
import type { ServiceContext } from '../context.ts'
import { refusal } from '../errors.ts'
import { type ElectionResult, electPreferredLeaders } from '../kafka/change-topics.ts'
import { fetchClusterState } from '../kafka/describe-cluster.ts'
import { onCluster, partErrorOf } from '../kafka/service-error.ts'
import { type ByPartition, type ClusterState, chunksOf } from '../kafka/types.ts'
import { countLeaders, planElection } from './plan.ts'

const PARTITIONS_PER_REQUEST = 2_000
const SETTLE_MS = 2_000
const POLL_MS = 50

/**
 * Preferred leader election. `dryRun` says what would move; else what did, partition by partition.
 */
export async function electLeaders({
  input,
}: {
  ctx: ServiceContext
  input: ElectLeadersInput
}): Promise<ElectLeadersOutput> {
  const cluster = clusterOf(input.cluster)
  const before = await onCluster(() => fetchClusterState(cluster.client, null))
  const asOf = Date.now()
  refuseUnknown(input, before)
  const online = new Set(before.brokers.map((broker) => broker.id))
  const brokerIds = new Set([
    ...online,
    ...before.topics.flatMap((topic) => topic.partitions.flatMap((p) => p.replicas)),
  ])
  const plan = planElection(before.topics, online, input)
  const leadersBefore = countLeaders(before.topics, brokerIds)
  const answer = (items: ElectionPartition[], leadersAfter: typeof leadersBefore) => ({
    dryRun: input.dryRun,
    items,
    total: items.length,
    leadersBefore,
    leadersAfter,
    asOf,
  })
  if (input.dryRun) return answer(plan, countLeaders(before.topics, brokerIds, plan))
  const results = await elect(cluster, plan)
  const settled = await settle(cluster, plan, results)
  await collectNow(cluster.id)
  const leaders = settled === null ? null : leadersOf(settled)
  const items = plan.map((item) => outcomeOf(item, results, leaders))
  return answer(items, countLeaders(settled?.topics ?? before.topics, brokerIds))
}

function refuseUnknown(input: ElectLeadersInput, state: ClusterState): void {
  const counts = new Map(state.topics.map((t) => [t.name, t.partitions.length] as const))
  const names = [...(input.topic === null ? [] : [{ topic: input.topic, partition: 0 }])]
  for (const { topic, partition } of [...names, ...(input.partitions ?? [])]) {
    const count = counts.get(topic)
    if (count === undefined) throw refusal('topic-unknown', { topic })
    if (partition >= count) {
      throw refusal('partition-unknown', { topic, partition })
    }
  }
}

async function elect(
  cluster: Cluster,
  plan: readonly ElectionPartition[],
): Promise<ByPartition<ElectionResult>> {
  const moves = plan.filter((item) => item.outcome === 'will-move')
  const results: ByPartition<ElectionResult> = new Map()
  for (const chunk of chunksOf(moves, PARTITIONS_PER_REQUEST)) {
    const part = await onCluster(() => electPreferredLeaders(cluster.client, chunk))
    for (const [topic, byPartition] of part) {
      results.set(topic, new Map([...(results.get(topic) ?? []), ...byPartition]))
    }
  }
  return results
}

/** Brokers learn of the new leaders a moment after the controller has answered. */
async function settle(
  cluster: Cluster,
  plan: readonly ElectionPartition[],
  results: ByPartition<ElectionResult>,
): Promise<ClusterState | null> {
  const untilMs = Date.now() + SETTLE_MS
  let state: ClusterState | null = null
  for (;;) {
    try {
      state = await fetchClusterState(cluster.client, null, { timeoutMs: 1_000 })
      const now = leadersOf(state)
      const isSettled = plan.every(
        ({ topic, partition, preferred }) =>
          results.get(topic)?.get(partition)?.errorCode !== ErrorCode.NONE ||
          now.get(topic)?.get(partition) === preferred,
      )
      if (isSettled) return state
    } catch {
      // The election is done; only the picture of it is missing.
      if (Date.now() > untilMs) return state
    }
    if (Date.now() > untilMs) return state
    await sleep(POLL_MS)
  }
}

function leadersOf(state: ClusterState): ByPartition<number | null> {
  return new Map(
    state.topics.map(
      (topic) =>
        [topic.name, new Map(topic.partitions.map((p) => [p.partition, p.leader]))] as const,
    ),
  )
}

function outcomeOf(
  item: ElectionPartition,
  results: ByPartition<ElectionResult>,
  leaders: ByPartition<number | null> | null,
): ElectionPartition {
  if (item.outcome !== 'will-move') return item
  const result = results.get(item.topic)?.get(item.partition)
  const leaderNow = leaders?.get(item.topic)?.get(item.partition)
  if (result?.errorCode === ErrorCode.NONE) {
    return { ...item, outcome: 'moved', leaderAfter: item.preferred }
  }
  // Somebody else's election was first: it is led as wished.
  if (result?.errorCode === ErrorCode.ELECTION_NOT_NEEDED) {
    return { ...item, outcome: 'moved', leaderAfter: item.preferred }
  }
  const error = partErrorOf(result?.errorCode, result?.errorMessage ?? null)
  return { ...item, outcome: 'failed', leaderAfter: leaderNow ?? item.leaderBefore, error }
}
