import type { AddPartitionsInput, AddPartitionsOutput } from '../../contracts/topics.ts'
import { collectNow } from '../clusters/collect-now.ts'
import { clusterOf } from '../clusters/registry.ts'
import type { ServiceContext } from '../context.ts'
import { createPartitions } from '../kafka/change-topics.ts'
import { onCluster } from '../kafka/service-error.ts'
import { waitForTopic } from './wait-for-topic.ts'

/** Keys may go to other partitions than before. With `dryRun` the cluster only validates. */
export async function addPartitions({
  input,
}: {
  ctx: ServiceContext
  input: AddPartitionsInput
}): Promise<AddPartitionsOutput> {
  const { client, id } = clusterOf(input.cluster)
  const { topic, count, dryRun } = input
  await onCluster(() => createPartitions(client, { topic, count, validateOnly: dryRun }))
  if (!dryRun) {
    await waitForTopic(client, topic, (state) => (state?.partitions.length ?? 0) >= count)
    await collectNow(id)
  }
  return { topic, count, dryRun }
}
