import type { GetConfigsOutput, GetTopicConfigsInput } from '../../contracts/configs.ts'
import type { ServiceContext } from '../context.ts'
import { listConfigs } from './read-configs.ts'

/** Live. */
export async function getTopicConfigs({
  input,
}: {
  ctx: ServiceContext
  input: GetTopicConfigsInput
}): Promise<GetConfigsOutput> {
  return listConfigs(input.cluster, { type: 'topic', name: input.topic })
}
