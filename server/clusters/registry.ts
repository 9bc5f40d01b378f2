import type { ClusterColor, ClusterOrigin } from '../../contracts/cluster-definitions.ts'
import { refusal } from '../errors.ts'
import type { Endpoint } from '../kafka/connection.ts'
import { type ClusterSecurity, connectionOptionsOf, PLAINTEXT } from '../kafka/security.ts'
import { parseBootstrap, WireClient } from '../kafka/wire-client.ts'
import { listedJolokia, type MetricsSource, NO_METRICS } from './metrics-source.ts'

export const EMBEDDED = 'embedded'

export interface ClusterSettings {
  readonly id: string
  readonly name: string
  readonly kind: 'embedded' | 'external'
  readonly origin: ClusterOrigin
  /** Null: one that follows from the id. */
  readonly color: ClusterColor | null
  readonly isProduction: boolean
  readonly bootstrap: readonly Endpoint[]
  readonly security: ClusterSecurity
  readonly metrics: MetricsSource
}

export interface Cluster extends ClusterSettings {
  readonly client: WireClient
}

type Variables = Readonly<Record<string, string | undefined>>

/**
 * EYRIE_EMBEDDED_BOOTSTRAP, EYRIE_EMBEDDED_JOLOKIA (`1=http://…/jolokia/;2=…`) and EYRIE_CLUSTERS
 * (`name=host:port,host:port;…`). The embedded cluster comes first. Throws on what cannot be read.
 */
export function readClusterSettings(variables: Variables): ClusterSettings[] {
  const clusters: ClusterSettings[] = []
  const embedded = variables.EYRIE_EMBEDDED_BOOTSTRAP
  if (embedded) {
    const jolokia = readJolokiaUrls(variables.EYRIE_EMBEDDED_JOLOKIA ?? '')
    clusters.push({
      ...PLAIN,
      id: EMBEDDED,
      name: EMBEDDED,
      kind: 'embedded',
      origin: 'embedded',
      bootstrap: parseBootstrap(embedded),
      metrics: listedJolokia(jolokia),
    })
  }
  for (const part of (variables.EYRIE_CLUSTERS ?? '').split(';')) {
    if (part.trim() === '') continue
    clusters.push(externalCluster(part, clusters))
  }
  return clusters
}

const PLAIN = {
  color: null,
  isProduction: false,
  security: PLAINTEXT,
} as const

function externalCluster(part: string, before: readonly ClusterSettings[]): ClusterSettings {
  const equals = part.indexOf('=')
  const name = part.slice(0, Math.max(0, equals)).trim()
  if (name === '') throw new Error(`EYRIE_CLUSTERS: not a name=host:port: ${part.trim()}`)
  const id = name.replace(/[^a-zA-Z0-9._-]+/g, '-').slice(0, 64)
  if (before.some((cluster) => cluster.id === id)) {
    throw new Error(`EYRIE_CLUSTERS: the name ${name} is taken`)
  }
  const bootstrap = parseBootstrap(part.slice(equals + 1))
  if (bootstrap.length === 0) throw new Error(`EYRIE_CLUSTERS: ${name} has no host:port`)
  const origin = 'environment'
  return { ...PLAIN, id, name, kind: 'external', origin, bootstrap, metrics: NO_METRICS }
}

function readJolokiaUrls(text: string): Map<number, string> {
  const urls = new Map<number, string>()
  for (const part of text.split(';')) {
    const equals = part.indexOf('=')
    const brokerId = Number(part.slice(0, equals))
    if (equals > 0 && Number.isInteger(brokerId)) urls.set(brokerId, part.slice(equals + 1).trim())
  }
  return urls
}

/** A cluster of the database; `signature` changes with anything that it was made from. */
export interface DefinedCluster {
  readonly signature: string
  readonly settings: ClusterSettings
}

interface Entry {
  readonly signature: string
  readonly cluster: Cluster
}

interface Registry {
  defined: readonly DefinedCluster[]
  readonly entries: Map<string, Entry>
}

// Next gives instrumentation and each route their own instance of a module: connections are shared
// because globalThis has one place for them.
const holder = globalThis as { eyrieClusters?: Registry }

function registry(): Registry {
  holder.eyrieClusters ??= { defined: [], entries: new Map() }
  return holder.eyrieClusters
}

/** Takes over what the database has; clusters that stay as they were keep their connections. */
export function setDefinedClusters(defined: readonly DefinedCluster[]): void {
  registry().defined = defined
}

function wantedClusters(variables: Variables): DefinedCluster[] {
  const fromEnvironment = readClusterSettings(variables).map((settings) => ({
    signature: JSON.stringify([
      settings.id === EMBEDDED
        ? [variables.EYRIE_EMBEDDED_BOOTSTRAP, variables.EYRIE_EMBEDDED_JOLOKIA]
        : settings,
    ]),
    settings,
  }))
  const taken = new Set(fromEnvironment.map(({ settings }) => settings.id))
  // Who names a cluster in the environment means that one.
  return [...fromEnvironment, ...registry().defined.filter((one) => !taken.has(one.settings.id))]
}

/** All clusters, with a client each; connections are opened when first used. */
export function allClusters(variables: Variables = process.env): Cluster[] {
  const { entries } = registry()
  const wanted = wantedClusters(variables)
  const ids = new Set(wanted.map(({ settings }) => settings.id))
  for (const [id, { cluster }] of entries) {
    if (ids.has(id)) continue
    cluster.client.close()
    entries.delete(id)
  }
  return wanted.map(({ signature, settings }) => {
    const known = entries.get(settings.id)
    if (known?.signature === signature) return known.cluster
    known?.cluster.client.close()
    const options = connectionOptionsOf(settings.security)
    const client = new WireClient({ bootstrap: settings.bootstrap, ...options })
    const cluster: Cluster = { ...settings, client }
    entries.set(settings.id, { signature, cluster })
    return cluster
  })
}

/** Throws ServiceError `not-found`. */
export function clusterOf(id: string): Cluster {
  const cluster = allClusters().find((candidate) => candidate.id === id)
  if (cluster === undefined) throw refusal('cluster-unknown', { cluster: id })
  return cluster
}
