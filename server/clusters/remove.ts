import type { RemoveClusterInput } from '../../contracts/cluster-definitions.ts'
import type { ServiceContext } from '../context.ts'
import { storedDefinition } from './definition.ts'
import { markRemoved } from './definition-store.ts'

/** Gone from every page at once; its history goes in small steps, by the collector. */
export async function removeCluster({
  ctx,
  input,
}: {
  ctx: ServiceContext
  input: RemoveClusterInput
}): Promise<{ ok: true }> {
  const { id, name } = await storedDefinition(input.cluster)
  await markRemoved(id, new Date(ctx.nowMs()))
  ctx.note({ name })
  return { ok: true }
}
