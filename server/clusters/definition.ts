import type {
  ClusterDefinition,
  GetClusterDefinitionInput,
  SecretName,
} from '../../contracts/cluster-definitions.ts'
import type { ServiceContext } from '../context.ts'
import { refusal } from '../errors.ts'
import { readDefinition, type StoredDefinition } from './definition-store.ts'
import { type Cluster, clusterOf } from './registry.ts'

/** For administrators; secrets by name alone. */
export async function getClusterDefinition({
  input,
}: {
  ctx: ServiceContext
  input: GetClusterDefinitionInput
}): Promise<ClusterDefinition> {
  const cluster = clusterOf(input.cluster)
  if (cluster.origin !== 'console') return givenDefinition(cluster)
  return shownDefinition(await storedDefinition(cluster.id))
}

/** Throws `not-found`, or `unsupported` for a cluster that is not changed on the page. */
export async function storedDefinition(id: string): Promise<StoredDefinition> {
  if (clusterOf(id).origin !== 'console') throw refusal('cluster-read-only', { cluster: id })
  const stored = await readDefinition(id)
  if (stored === null) throw refusal('cluster-unknown', { cluster: id })
  return stored
}

export function shownDefinition(stored: StoredDefinition): ClusterDefinition {
  const { secrets, signature: _, bootstrapServers, ...rest } = stored
  return {
    ...rest,
    origin: 'console',
    bootstrapServers: [...bootstrapServers],
    // Safe because the store keeps secrets under these names alone.
    secretsSet: Object.keys(secrets ?? {}) as SecretName[],
    areSecretsReadable: secrets !== null,
  }
}

function givenDefinition(cluster: Cluster): ClusterDefinition {
  const { id, origin, name, color, isProduction, bootstrap } = cluster
  return {
    ...{ id, origin, name, color, isProduction },
    bootstrapServers: bootstrap.map(({ host, port }) => `${host}:${port}`),
    tls: null,
    sasl: null,
    metrics: { kind: 'none' },
    secretsSet: [],
    areSecretsReadable: true,
    createdAt: null,
    updatedAt: null,
  }
}
