import type { ClusterDefinition, UpdateClusterInput } from '../../contracts/cluster-definitions.ts'
import type { ServiceContext } from '../context.ts'
import { checkDefinition, mergeSecrets } from './check-definition.ts'
import { assertNameFree } from './create.ts'
import { shownDefinition, storedDefinition } from './definition.ts'
import { type DefinitionValues, writeDefinition } from './definition-store.ts'

/** What is left out stays; the collector takes over within seconds. */
export async function updateCluster({
  input,
}: {
  ctx: ServiceContext
  input: UpdateClusterInput
}): Promise<ClusterDefinition> {
  const stored = await storedDefinition(input.cluster)
  const { cluster: id, secrets: given, ...changes } = input
  const values: DefinitionValues = {
    name: changes.name ?? stored.name,
    color: changes.color === undefined ? stored.color : changes.color,
    isProduction: changes.isProduction ?? stored.isProduction,
    bootstrapServers: changes.bootstrapServers ?? stored.bootstrapServers,
    tls: changes.tls === undefined ? stored.tls : changes.tls,
    sasl: changes.sasl === undefined ? stored.sasl : changes.sasl,
    metrics: changes.metrics ?? stored.metrics,
  }
  assertNameFree(values.name, id)
  const secrets = mergeSecrets(values, stored.secrets ?? {}, given ?? {})
  checkDefinition(values, secrets)
  await writeDefinition(id, values, secrets)
  return shownDefinition(await storedDefinition(id))
}
