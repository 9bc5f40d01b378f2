import type { GetBrokerConfigsInput, GetConfigsOutput } from '../../contracts/configs.ts'
import type { ServiceContext } from '../context.ts'
import { brokerResource, listConfigs } from './read-configs.ts'

/** Live, from the broker itself; the cluster-wide default from any. */
export async function getBrokerConfigs({
  input,
}: {
  ctx: ServiceContext
  input: GetBrokerConfigsInput
}): Promise<GetConfigsOutput> {
  return listConfigs(input.cluster, brokerResource(input.broker))
}
