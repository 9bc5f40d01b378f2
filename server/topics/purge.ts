import type { PurgeTopicInput, PurgeTopicOutput } from '../../contracts/topics.ts'
import { collectNow } from '../clusters/collect-now.ts'
import { clusterOf } from '../clusters/registry.ts'
import type { ServiceContext } from '../context.ts'
import { refusal } from '../errors.ts'
import { deleteRecords } from '../kafka/change-topics.ts'
import { fetchTopic } from '../kafka/describe-cluster.ts'
import { brokerPartError, onCluster, partErrorOf } from '../kafka/service-error.ts'

const HIGH_WATERMARK = -1

/** DeleteRecords on every leader at once; what one partition refuses does not stop the others. */
export async function purgeTopic({
  ctx,
  input,
}: {
  ctx: ServiceContext
  input: PurgeTopicInput
}): Promise<PurgeTopicOutput> {
  const { client, id } = clusterOf(input.cluster)
  const { topic } = input
  const state = await onCluster(() => fetchTopic(client, topic))
  if (state === null) throw refusal('topic-unknown', { topic })
  const leaders = new Map(state.partitions.map((p) => [p.partition, p.leader] as const))
  const asked =
    input.partitions ?? state.partitions.map(({ partition }) => ({ partition, beforeOffset: null }))
  const unknown = asked.find(({ partition }) => !leaders.has(partition))
  if (unknown !== undefined) {
    throw refusal('partition-unknown', { topic, partition: unknown.partition })
  }
  const wanted = asked.map(({ partition, beforeOffset }) => ({
    topic,
    partition,
    leader: leaders.get(partition) ?? null,
    beforeOffset: beforeOffset ?? HIGH_WATERMARK,
  }))
  const { results, brokerErrors } = await onCluster(() => deleteRecords(client, wanted))
  const items = wanted.map(({ partition, leader }) => {
    const result = results.get(topic)?.get(partition)
    const error =
      result === undefined
        ? brokerPartError(leader === null ? undefined : brokerErrors.get(leader))
        : partErrorOf(result.errorCode)
    return { partition, logStart: result?.logStart ?? null, error }
  })
  await collectNow(id)
  return { items, total: items.length, asOf: ctx.nowMs() }
}
