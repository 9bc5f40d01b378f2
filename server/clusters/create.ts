import type { ClusterDefinition, CreateClusterInput } from '../../contracts/cluster-definitions.ts'
import type { ServiceContext } from '../context.ts'
import { refusal } from '../errors.ts'
import { checkDefinition, mergeSecrets } from './check-definition.ts'
import { shownDefinition, storedDefinition } from './definition.ts'
import { readDefinitionIds, writeDefinition } from './definition-store.ts'
import { allClusters, EMBEDDED } from './registry.ts'

/** Kept whether or not the cluster can be reached now: that is what the test is for. */
export async function createCluster({
  ctx,
  input,
}: {
  ctx: ServiceContext
  input: CreateClusterInput
}): Promise<ClusterDefinition> {
  const { secrets: given, ...values } = input
  assertNameFree(values.name, null)
  const secrets = mergeSecrets(values, {}, given)
  checkDefinition(values, secrets)
  const known = allClusters().map((cluster) => cluster.id)
  const id = freeId(values.name, new Set([EMBEDDED, ...known, ...(await readDefinitionIds())]))
  await writeDefinition(id, values, secrets)
  ctx.note({ cluster: id })
  return shownDefinition(await storedDefinition(id))
}

/** Throws `conflict`: two clusters of one name are how the wrong one gets changed. */
export function assertNameFree(name: string, ownId: string | null): void {
  const lower = name.toLowerCase()
  const isTaken = allClusters().some(
    (cluster) => cluster.id !== ownId && cluster.name.toLowerCase() === lower,
  )
  if (isTaken) throw refusal('cluster-name-taken', { name })
}

const ID_CHARS_MAX = 40

/** `Orders (EU)` → `orders-eu`; a number is added where that is taken. */
export function freeId(name: string, taken: ReadonlySet<string>): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, ID_CHARS_MAX)
  const base = slug === '' ? 'cluster' : slug
  let id = base
  for (let count = 2; taken.has(id); count++) id = `${base}-${count}`
  return id
}
