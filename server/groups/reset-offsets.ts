import type { ResetOffsetsInput, ResetOffsetsOutput } from '../../contracts/groups.ts'
import { collectNow } from '../clusters/collect-now.ts'
import { type Cluster, clusterOf } from '../clusters/registry.ts'
import type { ServiceContext } from '../context.ts'
import { refusal } from '../errors.ts'
import { fetchClusterState } from '../kafka/describe-cluster.ts'
import { commitOffsets, onCoordinator } from '../kafka/group-offsets.ts'
import { onCluster, partErrorOf } from '../kafka/service-error.ts'
import type { ByPartition, TopicPartitionName } from '../kafka/types.ts'
import { fetchGroup, fetchOffsets, type LiveGroup, withLeaders } from './read-group.ts'
import { planReset, type ResetItem } from './reset-plan.ts'

const TIMEOUT_MS = 5_000

/**
 * Moves committed offsets of a group that nobody is in; `dryRun` only says where from and where to.
 * A group that does not exist yet is made by the commit, if topics are named.
 */
export async function resetOffsets({
  ctx,
  input,
}: {
  ctx: ServiceContext
  input: ResetOffsetsInput
}): Promise<ResetOffsetsOutput> {
  const cluster = clusterOf(input.cluster)
  const group = await onCluster(() => fetchGroup(cluster, input.group, TIMEOUT_MS))
  refuseActive(input, group)
  const offsets: LiveGroup['offsets'] = group?.offsets ?? new Map()
  const partitions = await onCluster(() => wantedPartitions(cluster, input, offsets))
  if (group === null && input.partitions === null) {
    throw refusal('group-unknown', { group: input.group })
  }
  const led = await onCluster(() => withLeaders(cluster, partitions, TIMEOUT_MS))
  const nothing: ByPartition<number> = new Map()
  const [logStarts, ends, atTimes] = await onCluster(() =>
    Promise.all([
      fetchOffsets(cluster, led, 'earliest', TIMEOUT_MS),
      fetchOffsets(cluster, led, 'latest', TIMEOUT_MS),
      input.to === 'time' && input.time !== undefined
        ? fetchOffsets(cluster, led, input.time, TIMEOUT_MS)
        : Promise.resolve(nothing),
    ]),
  )
  const plan = partitions.map(({ topic, partition }) =>
    planReset(
      {
        topic,
        partition,
        before: offsets.get(topic)?.get(partition)?.offset ?? null,
        logStart: logStarts.get(topic)?.get(partition) ?? null,
        end: ends.get(topic)?.get(partition) ?? null,
        atTime: atTimes.get(topic)?.get(partition) ?? null,
      },
      input,
    ),
  )
  const items = input.dryRun ? plan : await apply(cluster, input.group, plan)
  return { dryRun: input.dryRun, items, total: items.length, asOf: ctx.nowMs() }
}

function refuseActive(input: ResetOffsetsInput, group: LiveGroup | null): void {
  const members = group?.description.members.length ?? 0
  if (members === 0 || input.dryRun) return
  throw refusal(
    'group-has-members',
    { group: input.group, members },
    { kafkaError: 'UNKNOWN_MEMBER_ID' },
  )
}

async function wantedPartitions(
  cluster: Cluster,
  input: ResetOffsetsInput,
  offsets: LiveGroup['offsets'],
): Promise<TopicPartitionName[]> {
  if (input.partitions === null) {
    return sorted(
      [...offsets].flatMap(([topic, byPartition]) =>
        [...byPartition.keys()].map((partition) => ({ topic, partition })),
      ),
    )
  }
  const names = [...new Set(input.partitions.map(({ topic }) => topic))]
  const state = await fetchClusterState(cluster.client, names, { timeoutMs: TIMEOUT_MS })
  const counts = new Map(state.topics.map((t) => [t.name, t.partitions.length] as const))
  const wanted = new Map<string, TopicPartitionName>()
  for (const { topic, partition } of input.partitions) {
    const count = counts.get(topic)
    if (count === undefined) throw refusal('topic-unknown', { topic })
    if (partition !== null && partition >= count) {
      throw refusal('partition-unknown', { topic, partition })
    }
    const ids = partition === null ? Array.from({ length: count }, (_, id) => id) : [partition]
    for (const id of ids) wanted.set(`${id} ${topic}`, { topic, partition: id })
  }
  return sorted([...wanted.values()])
}

function sorted(partitions: TopicPartitionName[]): TopicPartitionName[] {
  return partitions.sort((a, b) =>
    a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1,
  )
}

async function apply(
  cluster: Cluster,
  groupId: string,
  plan: readonly ResetItem[],
): Promise<ResetItem[]> {
  const offsets = plan.flatMap(({ topic, partition, after }) =>
    after === null ? [] : [{ topic, partition, offset: after }],
  )
  if (offsets.length === 0) return [...plan]
  const { client } = cluster
  const codes = await onCluster(() =>
    onCoordinator(client, groupId, (id) => commitOffsets(client, id, { groupId, offsets }), {
      timeoutMs: TIMEOUT_MS,
      codesOf: (byTopic) =>
        [...byTopic.values()].flatMap((byPartition) => [...byPartition.values()]),
    }),
  )
  await collectNow(cluster.id)
  return plan.map((item) => {
    if (item.after === null) return item
    const error = partErrorOf(codes.get(item.topic)?.get(item.partition))
    return error === null ? item : { ...item, after: null, lagAfter: null, error }
  })
}
