import { refusal } from '../errors.ts'
import type { Endpoint } from '../kafka/connection.ts'
import { parseBootstrap, WireClient } from '../kafka/wire-client.ts'

export const EMBEDDED = 'embedded'

export interface ClusterSettings {
  readonly id: string
  readonly name: string
  readonly kind: 'embedded' | 'external'
  readonly bootstrap: readonly Endpoint[]
  /** Jolokia's URL by broker id; empty: no metrics over JMX. */
  readonly jolokia: ReadonlyMap<number, string>
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
    clusters.push({
      id: EMBEDDED,
      name: EMBEDDED,
      kind: 'embedded',
      bootstrap: parseBootstrap(embedded),
      jolokia: readJolokiaUrls(variables.EYRIE_EMBEDDED_JOLOKIA ?? ''),
    })
  }
  for (const part of (variables.EYRIE_CLUSTERS ?? '').split(';')) {
    if (part.trim() === '') continue
    clusters.push(externalCluster(part, clusters))
  }
  return clusters
}

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
  return { id, name, kind: 'external', bootstrap, jolokia: new Map() }
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

interface Registry {
  /** The variables that `clusters` was made from. */
  readonly signature: string
  readonly clusters: ReadonlyMap<string, Cluster>
}

// Next gives instrumentation and each route their own instance of a module: connections are shared
// because globalThis has one place for them.
const holder = globalThis as { eyrieClusters?: Registry }

/** All clusters, with a client each; connections are opened when first used. */
export function allClusters(variables: Variables = process.env): Cluster[] {
  const signature = JSON.stringify([
    variables.EYRIE_EMBEDDED_BOOTSTRAP,
    variables.EYRIE_EMBEDDED_JOLOKIA,
    variables.EYRIE_CLUSTERS,
  ])
  if (holder.eyrieClusters?.signature !== signature) {
    for (const cluster of holder.eyrieClusters?.clusters.values() ?? []) cluster.client.close()
    const clusters = readClusterSettings(variables).map(
      (settings) =>
        [
          settings.id,
          { ...settings, client: new WireClient({ bootstrap: settings.bootstrap }) },
        ] as const,
    )
    holder.eyrieClusters = { signature, clusters: new Map(clusters) }
  }
  return [...holder.eyrieClusters.clusters.values()]
}

/** Throws ServiceError `not-found`. */
export function clusterOf(id: string): Cluster {
  const cluster = allClusters().find((candidate) => candidate.id === id)
  if (cluster === undefined) throw refusal('cluster-unknown', { cluster: id })
  return cluster
}
