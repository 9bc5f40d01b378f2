import type { DeleteTopicInput } from '../../contracts/topics.ts'
import { collectNow } from '../clusters/collect-now.ts'
import { clusterOf } from '../clusters/registry.ts'
import type { ServiceContext } from '../context.ts'
import { deleteTopic as deleteTopicOnWire } from '../kafka/change-topics.ts'
import { onCluster } from '../kafka/service-error.ts'
import { waitForTopic } from './wait-for-topic.ts'

export async function deleteTopic({
  input,
}: {
  ctx: ServiceContext
  input: DeleteTopicInput
}): Promise<{ ok: true }> {
  const { client, id } = clusterOf(input.cluster)
  await onCluster(() => deleteTopicOnWire(client, input.topic))
  await waitForTopic(client, input.topic, (state) => state === null)
  await collectNow(id)
  return { ok: true }
}
