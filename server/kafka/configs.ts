import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import {
  DescribeConfigs,
  type DescribeConfigsResponse,
} from '../../protocol/schemas/32-describe-configs.ts'
import { IncrementalAlterConfigs } from '../../protocol/schemas/44-incremental-alter-configs.ts'
import { plainDocumentation } from './config-documentation.ts'
import { controllerTarget } from './describe-cluster.ts'
import { chunksOf } from './types.ts'
import type { ClientCallOptions, Target, WireClient } from './wire-client.ts'

export type ConfigResource =
  | { readonly type: 'topic'; readonly name: string }
  /** Null: the cluster-wide default. */
  | { readonly type: 'broker'; readonly id: number | null }

export const CONFIG_SOURCES = {
  1: 'topic',
  2: 'broker',
  3: 'broker-default',
  4: 'static',
  5: 'default',
  6: 'broker-logger',
  7: 'client-metrics',
  8: 'group',
} as const

const CONFIG_TYPES = [
  'unknown',
  'boolean',
  'string',
  'int',
  'short',
  'long',
  'double',
  'list',
  'class',
  'password',
] as const

export type ConfigSourceName = (typeof CONFIG_SOURCES)[keyof typeof CONFIG_SOURCES] | 'unknown'

export interface DescribedConfig {
  readonly name: string
  readonly value: string | null
  readonly source: ConfigSourceName
  readonly isReadOnly: boolean
  readonly isSensitive: boolean
  readonly type: (typeof CONFIG_TYPES)[number]
  readonly documentation: string | null
  readonly synonyms: readonly {
    name: string
    value: string | null
    source: ConfigSourceName
  }[]
}

const TOPIC_RESOURCE = 2
const BROKER_RESOURCE = 4

function wireResource(resource: ConfigResource): { resourceType: number; resourceName: string } {
  return resource.type === 'topic'
    ? { resourceType: TOPIC_RESOURCE, resourceName: resource.name }
    : { resourceType: BROKER_RESOURCE, resourceName: resource.id === null ? '' : `${resource.id}` }
}

/** A broker answers for its own static configs only. */
function describeTarget(resource: ConfigResource): Target {
  return resource.type === 'broker' && resource.id !== null ? resource.id : 'any'
}

export function configSourceName(source: number): ConfigSourceName {
  // Safe because the lookup falls back for a number that is no key.
  return CONFIG_SOURCES[source as keyof typeof CONFIG_SOURCES] ?? 'unknown'
}

/** `names` null: all. Throws KafkaError. */
export async function describeConfigs(
  client: WireClient,
  resource: ConfigResource,
  names: readonly string[] | null = null,
  options: ClientCallOptions = {},
): Promise<DescribedConfig[]> {
  const request = {
    resources: [{ ...wireResource(resource), configurationKeys: names }],
    includeSynonyms: true,
    includeDocumentation: true,
  }
  const answer = await client.call(describeTarget(resource), DescribeConfigs, request, options)
  const result = answer.results[0]
  if (result === undefined) throw new KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR)
  if (result.errorCode !== ErrorCode.NONE) {
    throw new KafkaError(result.errorCode, result.errorMessage ?? undefined)
  }
  return result.configs.map(describedConfig).sort((a, b) => (a.name < b.name ? -1 : 1))
}

type WireConfig = DescribeConfigsResponse['results'][number]['configs'][number]

function describedConfig(config: WireConfig): DescribedConfig {
  return {
    name: config.name,
    value: config.value,
    source: configSourceName(config.configSource),
    isReadOnly: config.readOnly,
    isSensitive: config.isSensitive,
    type: CONFIG_TYPES[config.configType] ?? 'unknown',
    documentation: config.documentation === null ? null : plainDocumentation(config.documentation),
    synonyms: config.synonyms.map(({ name, value, source }) => ({
      name,
      value,
      source: configSourceName(source),
    })),
  }
}

const TOPICS_PER_REQUEST = 500

/** A few configs of many topics: topic → name → value. Topics with an error are left out. */
export async function describeTopicConfigs(
  client: WireClient,
  topics: readonly string[],
  names: readonly string[],
  options: ClientCallOptions = {},
): Promise<Map<string, Map<string, string | null>>> {
  const answers = await Promise.all(
    chunksOf(topics, TOPICS_PER_REQUEST).map((chunk) => {
      const resources = chunk.map((name) => ({
        resourceType: TOPIC_RESOURCE,
        resourceName: name,
        configurationKeys: names,
      }))
      return client.call('any', DescribeConfigs, { resources }, options)
    }),
  )
  const byTopic = new Map<string, Map<string, string | null>>()
  for (const result of answers.flatMap((answer) => answer.results)) {
    if (result.errorCode !== ErrorCode.NONE) continue
    const values = result.configs.map(({ name, value }) => [name, value] as const)
    byTopic.set(result.resourceName, new Map(values))
  }
  return byTopic
}

export interface ConfigChangeRequest {
  readonly set: Readonly<Record<string, string>>
  /** Names to set back to default. */
  readonly delete: readonly string[]
}

const SET = 0
const DELETE = 1

/**
 * Always IncrementalAlterConfigs: AlterConfigs would wipe every override not named. Throws
 * KafkaError.
 */
export async function alterConfigs(
  client: WireClient,
  resource: ConfigResource,
  change: ConfigChangeRequest,
  validateOnly: boolean,
): Promise<void> {
  const configs = [
    ...Object.entries(change.set).map(([name, value]) => ({ name, configOperation: SET, value })),
    ...change.delete.map((name) => ({ name, configOperation: DELETE, value: null })),
  ]
  const target =
    resource.type === 'broker' && resource.id !== null
      ? resource.id
      : await controllerTarget(client)
  const request = { resources: [{ ...wireResource(resource), configs }], validateOnly }
  const answer = await client.call(target, IncrementalAlterConfigs, request, { timeoutMs: 10_000 })
  const result = answer.responses[0]
  if (result === undefined) throw new KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR)
  if (result.errorCode !== ErrorCode.NONE) {
    throw new KafkaError(result.errorCode, result.errorMessage ?? undefined)
  }
}
