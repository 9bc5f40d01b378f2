import type {
  ConfigEntry,
  GetConfigsOutput,
  ListTopicConfigDefaultsInput,
} from '../../contracts/configs.ts'
import { clusterOf } from '../clusters/registry.ts'
import type { ServiceContext } from '../context.ts'
import { validatedTopicConfigs } from '../kafka/change-topics.ts'
import { describeConfigs } from '../kafka/configs.ts'
import { fetchClusterState } from '../kafka/describe-cluster.ts'
import { onCluster } from '../kafka/service-error.ts'
import { configEntryOf, fallbackOf } from './config-entry.ts'
import { withTopicDefaults } from './read-configs.ts'

const TIMEOUT_MS = 5_000

/**
 * What a topic created now would have. Told from an existing topic without its overrides, which
 * brings types and descriptions; on a cluster without topics, from a creation that is only
 * validated.
 */
export async function listTopicConfigDefaults({
  ctx,
  input,
}: {
  ctx: ServiceContext
  input: ListTopicConfigDefaultsInput
}): Promise<GetConfigsOutput> {
  const { client } = clusterOf(input.cluster)
  const options = { timeoutMs: TIMEOUT_MS }
  const items = await onCluster(async () => {
    const { topics } = await fetchClusterState(client, null, options)
    const model = topics.find((topic) => !topic.isInternal) ?? topics[0]
    if (model === undefined) return (await validatedTopicConfigs(client)).map(entryWithoutModel)
    const resource = { type: 'topic', name: model.name } as const
    const described = await describeConfigs(client, resource, null, options)
    const configs = await withTopicDefaults(client, described)
    return configs.map((config): ConfigEntry => {
      const { value, source } = fallbackOf(config, 'topic')
      const entry = configEntryOf(config, resource)
      const synonyms = entry.synonyms.filter((synonym) => synonym.source !== 'topic')
      return { ...entry, value, source, synonyms, isDefault: source === 'default' }
    })
  })
  return { items, total: items.length, asOf: ctx.nowMs() }
}

function entryWithoutModel(config: {
  name: string
  value: string | null
  source: ConfigEntry['source']
}): ConfigEntry {
  return {
    ...config,
    defaultValue: config.value,
    isDefault: config.source === 'default',
    isReadOnly: false,
    isSensitive: false,
    type: 'unknown',
    documentation: null,
    synonyms: [],
  }
}
