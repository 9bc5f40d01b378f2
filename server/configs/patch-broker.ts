import type { PatchBrokerConfigsInput, PatchConfigsOutput } from '../../contracts/configs.ts'
import type { ServiceContext } from '../context.ts'
import { patchConfigs } from './patch-configs.ts'
import { brokerResource } from './read-configs.ts'

export async function patchBrokerConfigs({
  ctx,
  input,
}: {
  ctx: ServiceContext
  input: PatchBrokerConfigsInput
}): Promise<PatchConfigsOutput> {
  return patchConfigs(ctx, { ...input, resource: brokerResource(input.broker) })
}
