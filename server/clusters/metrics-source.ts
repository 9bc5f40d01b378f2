import type { MetricsSettings } from '../../contracts/cluster-definitions.ts'
import type { MetricsTarget } from '../kafka/metrics-reads.ts'
import type { BrokerNode } from '../kafka/types.ts'

/** Where a cluster's metrics come from. */
export interface MetricsSource {
  readonly kind: 'none' | 'jolokia' | 'prometheus'
  /** Null: this broker has none. */
  targetOf(broker: Pick<BrokerNode, 'id' | 'host' | 'port'>): MetricsTarget | null
  /** Brokers known to have metrics though the cluster may not name them at the moment. */
  readonly knownBrokers: readonly number[]
}

export const NO_METRICS: MetricsSource = {
  kind: 'none',
  targetOf: () => null,
  knownBrokers: [],
}

/** A Jolokia URL for each broker by id, as the embedded cluster's supervisor gives them. */
export function listedJolokia(urls: ReadonlyMap<number, string>): MetricsSource {
  if (urls.size === 0) return NO_METRICS
  return {
    kind: 'jolokia',
    targetOf: ({ id }) => {
      const url = urls.get(id)
      return url === undefined ? null : { kind: 'jolokia', url, authorization: null }
    },
    knownBrokers: [...urls.keys()],
  }
}

/** One URL pattern for all brokers. */
export function patternMetrics(settings: MetricsSettings, password?: string): MetricsSource {
  if (settings.kind === 'none') return NO_METRICS
  const { kind, url, username } = settings
  const authorization = username === null ? null : basicAuthorization(username, password ?? '')
  return {
    kind,
    targetOf: (broker) => ({ kind, url: metricsUrlOf(url, broker), authorization }),
    knownBrokers: [],
  }
}

/**
 * `{host}`, `{id}` and `{port}` are the broker's; `{port+200}` and `{id-1}` are figures made from
 * them, for agents whose ports count along with the brokers.
 */
export function metricsUrlOf(
  pattern: string,
  broker: Pick<BrokerNode, 'id' | 'host' | 'port'>,
): string {
  return pattern.replace(/\{(host|id|port)([+-]\d{1,5})?\}/g, (_, name: string, shift = '') => {
    if (name === 'host') return broker.host.includes(':') ? `[${broker.host}]` : broker.host
    return String((name === 'id' ? broker.id : broker.port) + Number(shift || 0))
  })
}

function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

/** By broker id: of those the cluster names, and of those known to have metrics besides. */
export function metricsTargets(
  source: MetricsSource,
  brokers: readonly Pick<BrokerNode, 'id' | 'host' | 'port'>[],
): Map<number, MetricsTarget> {
  const known = source.knownBrokers.map((id) => ({ id, host: '', port: 0 }))
  const targets = new Map<number, MetricsTarget>()
  for (const broker of [...known, ...brokers]) {
    const target = source.targetOf(broker)
    if (target !== null) targets.set(broker.id, target)
  }
  return targets
}
