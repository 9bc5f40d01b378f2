import { z } from 'zod'
import {
  type ClusterDefinition,
  clusterColor,
  type MetricsSettings,
  metricsSettings,
  type SaslSettings,
  type SecretName,
  saslSettings,
  secretName,
  type TlsSettings,
  tlsSettings,
} from '../../contracts/cluster-definitions.ts'
import { type Database, database } from '../db/client.ts'
import type { Secrets } from '../kafka/security.ts'
import { parseBootstrap } from '../kafka/wire-client.ts'
import { patternMetrics } from './metrics-source.ts'
import { type DefinedCluster, setDefinedClusters } from './registry.ts'
import { SealError, secretBox } from './secret-box.ts'

/** What a definition says, apart from who and when. */
export interface DefinitionValues {
  readonly name: string
  readonly color: ClusterDefinition['color']
  readonly isProduction: boolean
  readonly bootstrapServers: readonly string[]
  readonly tls: TlsSettings | null
  readonly sasl: SaslSettings | null
  readonly metrics: MetricsSettings
}

export interface StoredDefinition extends DefinitionValues {
  readonly id: string
  /** Null: sealed with a key that this process does not have. */
  readonly secrets: Secrets | null
  readonly createdAt: number
  readonly updatedAt: number
  /** The row as it is, for telling changes. */
  readonly signature: string
}

type Row = NonNullable<Awaited<ReturnType<Database['clusterDefinition']['findUnique']>>>

const storedSecrets = z.partialRecord(secretName, z.string())

function parsed<T extends z.ZodType>(schema: T, text: string | null): z.output<T> | null {
  return text === null ? null : schema.parse(JSON.parse(text))
}

function secretsOf(row: Row): Secrets | null {
  if (row.secrets === null) return {}
  try {
    return storedSecrets.parse(JSON.parse(secretBox().open(row.secrets, row.id)))
  } catch (error) {
    if (error instanceof SealError) return null
    throw error
  }
}

function definitionOf(row: Row): StoredDefinition {
  return {
    id: row.id,
    name: row.name,
    color: clusterColor.nullable().catch(null).parse(row.color),
    isProduction: row.isProduction,
    bootstrapServers: row.bootstrap.split(','),
    tls: parsed(tlsSettings, row.tls),
    sasl: parsed(saslSettings, row.sasl),
    metrics: parsed(metricsSettings, row.metrics) ?? { kind: 'none' },
    secrets: secretsOf(row),
    createdAt: row.createdAt.getTime(),
    updatedAt: row.updatedAt.getTime(),
    signature: JSON.stringify(row),
  }
}

function columnsOf(id: string, values: DefinitionValues, secrets: Secrets) {
  const isEmpty = Object.keys(secrets).length === 0
  return {
    name: values.name,
    color: values.color,
    isProduction: values.isProduction,
    bootstrap: values.bootstrapServers.join(','),
    tls: values.tls === null ? null : JSON.stringify(values.tls),
    sasl: values.sasl === null ? null : JSON.stringify(values.sasl),
    metrics: JSON.stringify(values.metrics),
    secrets: isEmpty ? null : secretBox().seal(JSON.stringify(secrets), id),
  }
}

export async function readDefinition(id: string): Promise<StoredDefinition | null> {
  const row = await (await database()).clusterDefinition.findUnique({ where: { id } })
  return row === null || row.removedAt !== null ? null : definitionOf(row)
}

/** Every id that may not be given again yet, the ones being forgotten included. */
export async function readDefinitionIds(): Promise<string[]> {
  const rows = await (await database()).clusterDefinition.findMany({ select: { id: true } })
  return rows.map(({ id }) => id)
}

export async function writeDefinition(
  id: string,
  values: DefinitionValues,
  secrets: Secrets,
): Promise<void> {
  const columns = columnsOf(id, values, secrets)
  const create = { id, ...columns }
  await (await database()).clusterDefinition.upsert({ where: { id }, create, update: columns })
  await loadClusters()
}

/** Out of sight at once; the collector forgets its history, then the row. */
export async function markRemoved(id: string, at: Date): Promise<void> {
  const data = { removedAt: at, secrets: null, tls: null, sasl: null }
  await (await database()).clusterDefinition.update({ where: { id }, data })
  await loadClusters()
}

const SEALED = 'its secrets were sealed with another EYRIE_SECRET: set it back, or enter them again'

function definedCluster(definition: StoredDefinition): DefinedCluster {
  const { id, name, color, isProduction, tls, sasl, secrets, metrics } = definition
  return {
    signature: definition.signature,
    settings: {
      id,
      name,
      kind: 'external',
      origin: 'console',
      color,
      isProduction,
      bootstrap: definition.bootstrapServers.flatMap(parseBootstrap),
      security: { tls, sasl, secrets: secrets ?? {}, problem: secrets === null ? SEALED : null },
      metrics: patternMetrics(metrics, secrets?.metricsPassword),
    },
  }
}

/** Makes the registry of this process that of the database; `allClusters` shows it from then on. */
export async function loadClusters(): Promise<void> {
  const rows = await (await database()).clusterDefinition.findMany({
    where: { removedAt: null },
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
  })
  setDefinedClusters(rows.flatMap(readableCluster))
}

/** A row that cannot be read costs its own cluster, not the others. */
function readableCluster(row: Row): DefinedCluster[] {
  try {
    return [definedCluster(definitionOf(row))]
  } catch (cause) {
    console.error(`the definition of cluster ${row.id} cannot be read:`, cause)
    return []
  }
}

const FRESH_MS = 2_000
const holder = globalThis as { eyrieClustersLoaded?: { atMs: number; loading: Promise<void> } }

/** `loadClusters`, unless it was done within the last two seconds: for every request. */
export function ensureClusters(nowMs: number): Promise<void> {
  const known = holder.eyrieClustersLoaded
  if (known !== undefined && nowMs - known.atMs < FRESH_MS) return known.loading
  const loading = loadClusters()
  holder.eyrieClustersLoaded = { atMs: nowMs, loading }
  loading.catch(() => {
    delete holder.eyrieClustersLoaded
  })
  return loading
}

/** The names of secrets that a definition has use for; all others are dropped when it is written. */
export function secretsInUse(
  values: Pick<DefinitionValues, 'tls' | 'sasl' | 'metrics'>,
): SecretName[] {
  const { tls, sasl, metrics } = values
  const names: SecretName[] = []
  if (tls?.certificate) names.push('tlsKey', 'tlsKeyPassphrase')
  if (sasl !== null) {
    if (sasl.mechanism !== 'OAUTHBEARER') names.push('password')
    else names.push(sasl.client === null ? 'token' : 'clientSecret')
  }
  if (metrics.kind !== 'none' && metrics.username !== null) names.push('metricsPassword')
  return names
}
