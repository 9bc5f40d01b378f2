import type { PatchConfigsOutput, PatchTopicConfigsInput } from '../../contracts/configs.ts'
import type { ServiceContext } from '../context.ts'
import { patchConfigs } from './patch-configs.ts'

export async function patchTopicConfigs({
  ctx,
  input,
}: {
  ctx: ServiceContext
  input: PatchTopicConfigsInput
}): Promise<PatchConfigsOutput> {
  return patchConfigs(ctx, { ...input, resource: { type: 'topic', name: input.topic } })
}
