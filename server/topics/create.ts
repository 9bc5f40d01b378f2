import type { CreateTopicInput, CreateTopicOutput } from '../../contracts/topics.ts'
import { collectNow } from '../clusters/collect-now.ts'
import { clusterOf } from '../clusters/registry.ts'
import type { ServiceContext } from '../context.ts'
import { refusal } from '../errors.ts'
import { createTopic as createTopicOnWire } from '../kafka/change-topics.ts'
import { onCluster } from '../kafka/service-error.ts'
import { waitForTopic } from './wait-for-topic.ts'

/** With `dryRun` the cluster validates and creates nothing. */
export async function createTopic({
  input,
}: {
  ctx: ServiceContext
  input: CreateTopicInput
}): Promise<CreateTopicOutput> {
  const { client, id } = clusterOf(input.cluster)
  const { name, partitions, replicationFactor, assignments, dryRun } = input
  if (assignments !== null && (partitions !== null || replicationFactor !== null)) {
    throw refusal('assignments-or-counts')
  }
  const topic = { name, partitions, replicationFactor, configs: input.configs, assignments }
  const created = await onCluster(() => createTopicOnWire(client, topic, dryRun))
  if (!dryRun) {
    await waitForTopic(client, name, (state) => state !== null)
    await collectNow(id)
  }
  return {
    name,
    id: dryRun ? null : created.topicId,
    partitions: created.partitions ?? assignments?.length ?? partitions,
    replicationFactor: created.replicationFactor ?? assignments?.[0]?.length ?? replicationFactor,
    dryRun,
  }
}
