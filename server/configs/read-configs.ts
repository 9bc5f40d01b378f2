import type { GetConfigsOutput } from '../../contracts/configs.ts'
import { type Cluster, clusterOf } from '../clusters/registry.ts'
import { refusal } from '../errors.ts'
import { validatedTopicConfigs } from '../kafka/change-topics.ts'
import { type ConfigResource, type DescribedConfig, describeConfigs } from '../kafka/configs.ts'
import { fetchClusterState } from '../kafka/describe-cluster.ts'
import { onCluster } from '../kafka/service-error.ts'
import type { WireClient } from '../kafka/wire-client.ts'
import { clusterDefaultOf, configEntryOf } from './config-entry.ts'

const TIMEOUT_MS = 5_000

/** Throws ServiceError; a broker that is down cannot be asked for its own configs. */
export async function readConfigs(
  cluster: Cluster,
  resource: ConfigResource,
): Promise<DescribedConfig[]> {
  const options = { timeoutMs: TIMEOUT_MS }
  return onCluster(async () => {
    if (resource.type === 'topic') {
      const configs = await describeConfigs(cluster.client, resource, null, options)
      return withTopicDefaults(cluster.client, configs)
    }
    const { brokers } = await fetchClusterState(cluster.client, [], options)
    const asked = resource.id === null ? brokers[0] : brokers.find((b) => b.id === resource.id)
    if (asked === undefined) {
      throw refusal('broker-offline', { broker: resource.id ?? '' })
    }
    const broker = { type: 'broker', id: asked.id } as const
    const configs = await describeConfigs(cluster.client, broker, null, options)
    return resource.id === null ? clusterDefaultOf(configs) : configs
  })
}

/**
 * Kafka tells no default beside an override where the default has another unit (retention.ms and
 * log.retention.hours): what a new topic would have fills that in.
 */
export async function withTopicDefaults(
  client: WireClient,
  configs: readonly DescribedConfig[],
): Promise<DescribedConfig[]> {
  const lacksDefault = (config: DescribedConfig): boolean =>
    config.source === 'topic' && config.synonyms.every((synonym) => synonym.source === 'topic')
  if (!configs.some(lacksDefault)) return [...configs]
  const defaults = await validatedTopicConfigs(client)
  const byName = new Map(defaults.map((config) => [config.name, config] as const))
  return configs.map((config) => {
    const fallback = byName.get(config.name)
    if (!lacksDefault(config) || fallback === undefined) return config
    return { ...config, synonyms: [...config.synonyms, fallback] }
  })
}

export async function listConfigs(
  clusterId: string,
  resource: ConfigResource,
): Promise<GetConfigsOutput> {
  const asOf = Date.now()
  const configs = await readConfigs(clusterOf(clusterId), resource)
  const items = configs.map((config) => configEntryOf(config, resource))
  return { items, total: items.length, asOf }
}

/** `default` stands for the cluster-wide default. */
export function brokerResource(broker: number | 'default'): ConfigResource {
  return { type: 'broker', id: broker === 'default' ? null : broker }
}
