// DescribeConfigs, versions 1 to 4, of topics, brokers (this one, or the cluster-wide default by an empty name),
// loggers (none can be set), client metrics and groups. Values with their sources and ordered synonyms; sensitive
// values are never told. Only this broker's own settings are known here, so another broker's id is refused.
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import {
  DescribeConfigs,
  type DescribeConfigsRequest,
} from '../../protocol/schemas/32-describe-configs.ts'
import {
  brokerConfigs,
  type ConfigDefinition,
  type ConfigType,
  canonicalConfigText,
  groupConfigs,
  QUOTA_CONFIGS,
  topicConfigs,
} from '../config/definitions.ts'
import {
  brokerConfigSynonyms,
  ConfigSource,
  type ConfigSynonym,
  effectiveBrokerConfig,
  effectiveTopicConfig,
  overridesOf,
  topicConfigSynonyms,
} from '../config/effective.ts'
import { topicNameError } from '../controller/topic-names.ts'
import type { RequestContext } from '../network/types.ts'
import { type BrokerServices, defineHandler } from './types.ts'

type Resource = DescribeConfigsRequest['resources'][number]

const TOPIC = 2
const BROKER = 4
const BROKER_LOGGER = 8
const CLIENT_METRICS = 16
const GROUP = 32

const TYPE_CODES: Readonly<Record<ConfigType, number>> = {
  BOOLEAN: 1,
  STRING: 2,
  INT: 3,
  SHORT: 4,
  LONG: 5,
  DOUBLE: 6,
  LIST: 7,
  CLASS: 8,
  PASSWORD: 9,
}
const UNKNOWN_TYPE_CODE = 0

interface Entry {
  name: string
  value: string | null
  readOnly: boolean
  isSensitive: boolean
  definition: ConfigDefinition | undefined
  synonyms: readonly ConfigSynonym[]
  /** Where there are no synonyms. */
  source: number
}

export const describeConfigs = defineHandler({
  api: DescribeConfigs,
  listeners: ['broker'],
  handle(services, context, request) {
    const results = request.resources.map((resource) => {
      const { resourceType, resourceName } = resource
      try {
        const entries = describe(services, context, resource)
        return {
          resourceType,
          resourceName,
          configs: entries.map((entry) => present(entry, request)),
        }
      } catch (error) {
        if (!(error instanceof KafkaError)) throw error
        const { code: errorCode, message: errorMessage } = error
        return { resourceType, resourceName, errorCode, errorMessage }
      }
    })
    return { results }
  },
})

function present(entry: Entry, request: DescribeConfigsRequest) {
  const hidden = (value: string | null) => (entry.isSensitive ? null : value)
  return {
    name: entry.name,
    value: hidden(entry.value),
    readOnly: entry.readOnly,
    configSource: entry.synonyms[0]?.source ?? entry.source,
    isSensitive: entry.isSensitive,
    synonyms: request.includeSynonyms
      ? entry.synonyms.map(({ name, value, source }) => ({ name, value: hidden(value), source }))
      : [],
    configType: entry.definition ? TYPE_CODES[entry.definition.type] : UNKNOWN_TYPE_CODE,
    documentation: request.includeDocumentation ? (entry.definition?.documentation ?? null) : null,
  }
}

function invalid(message: string): never {
  throw new KafkaError(ErrorCode.INVALID_REQUEST, message)
}

/** Whether a config was asked for by name, or all were. */
type IsAsked = (config: { readonly name: string }) => boolean

function describe(services: BrokerServices, context: RequestContext, resource: Resource): Entry[] {
  const { resourceType, resourceName } = resource
  const keys = resource.configurationKeys ?? []
  // Two configs of ten thousand topics are asked for each minute: the others are not worked out.
  const isAsked: IsAsked = ({ name }) => keys.length === 0 || keys.includes(name)
  authorize(services, context, resource)
  switch (resourceType) {
    case TOPIC:
      return describeTopic(services, resourceName, isAsked)
    case BROKER:
      if (resourceName === '') return describeClusterDefault(services).filter(isAsked)
      checkBrokerId(services, resourceName)
      return describeBroker(services).filter(isAsked)
    case BROKER_LOGGER:
      if (resourceName === '') return invalid('Broker id must not be empty')
      checkBrokerId(services, resourceName, '')
      return []
    case CLIENT_METRICS:
      if (resourceName === '') {
        return invalid('Client metrics subscription name must not be empty')
      }
      return []
    case GROUP:
      if (resourceName === '') return invalid('Group name must not be empty')
      return describeGroup(services, resourceName).filter(isAsked)
    default:
      return invalid(`Unexpected resource type ${resourceType} for resource ${resourceName}`)
  }
}

function authorize(services: BrokerServices, context: RequestContext, resource: Resource): void {
  const kinds: Readonly<Record<number, readonly [string, number]>> = {
    [TOPIC]: ['TOPIC', ErrorCode.TOPIC_AUTHORIZATION_FAILED],
    [GROUP]: ['GROUP', ErrorCode.GROUP_AUTHORIZATION_FAILED],
  }
  const [kind, errorCode] = kinds[resource.resourceType] ?? [
    'CLUSTER',
    ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
  ]
  const name = kind === 'CLUSTER' ? 'kafka-cluster' : resource.resourceName
  if (!services.authorize(context, 'DESCRIBE_CONFIGS', kind, name)) throw new KafkaError(errorCode)
}

function checkBrokerId(services: BrokerServices, name: string, orEmpty = ' or empty string'): void {
  if (!/^[+-]?\d+$/.test(name)) invalid(`Broker id must be an integer, but it is: ${name}`)
  const { nodeId } = services.config
  if (Number(name) !== nodeId) {
    invalid(`Unexpected broker id, expected ${nodeId}${orEmpty}, but received ${name}`)
  }
}

function describeTopic(services: BrokerServices, topic: string, isAsked: IsAsked): Entry[] {
  const { image } = services.metadata
  const nameError = topicNameError(topic)
  if (nameError !== null) throw new KafkaError(ErrorCode.INVALID_TOPIC_EXCEPTION, nameError)
  if (!image.topicsByName.has(topic)) throw new KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  return [...topicConfigs.values()].filter(isAsked).map((definition) => ({
    name: definition.name,
    value: effectiveTopicConfig(image, services.config, { name: topic, config: definition.name }),
    readOnly: false,
    isSensitive: false,
    definition,
    synonyms: topicConfigSynonyms(image, services.config, {
      name: topic,
      config: definition.name,
    }),
    source: ConfigSource.DEFAULT,
  }))
}

function describeBroker(services: BrokerServices): Entry[] {
  const { config } = services
  const { image } = services.metadata
  const names = new Set<string>()
  for (const definition of brokerConfigs.values()) {
    const isOwn = definition.name.startsWith('eyrie.')
    if (definition.updateMode !== 'internal' && !isOwn) names.add(definition.name)
  }
  const given = [
    config.staticConfigs,
    overridesOf(image, BROKER, ''),
    overridesOf(image, BROKER, String(config.nodeId)),
  ]
  for (const layer of given) for (const name of layer.keys()) names.add(name)
  return [...names].map((name) =>
    brokerEntry(services, name, brokerConfigSynonyms(image, config, name)),
  )
}

function describeClusterDefault(services: BrokerServices): Entry[] {
  const { config } = services
  const { image } = services.metadata
  return [...overridesOf(image, BROKER, '').keys()].map((name) => {
    const synonyms = brokerConfigSynonyms(image, config, name).filter(
      ({ source }) => source === ConfigSource.DYNAMIC_DEFAULT_BROKER,
    )
    const entry = brokerEntry(services, name, synonyms)
    return { ...entry, value: synonyms[0]?.value ?? entry.value }
  })
}

function brokerEntry(
  services: BrokerServices,
  name: string,
  synonyms: readonly ConfigSynonym[],
): Entry {
  const definition = brokerConfigs.get(name)
  const isQuota = QUOTA_CONFIGS.has(name)
  const mode = isQuota ? 'per-broker' : definition?.updateMode
  return {
    name,
    value: effectiveBrokerConfig(services.metadata.image, services.config, name),
    readOnly: mode !== 'cluster-wide' && mode !== 'per-broker',
    // A value of a name that nobody knows may be a secret.
    isSensitive: definition?.isSensitive ?? !isQuota,
    definition,
    synonyms,
    source: ConfigSource.DEFAULT,
  }
}

function describeGroup(services: BrokerServices, group: string): Entry[] {
  const { config } = services
  const { image } = services.metadata
  const overrides = overridesOf(image, GROUP, group)
  return [...groupConfigs.values()].map((definition) => {
    const synonym = definition.synonyms[0]
    const { name, defaultValue } = definition
    const fallback =
      synonym === undefined
        ? [{ name, value: defaultValue ?? '', source: ConfigSource.DEFAULT }]
        : brokerConfigSynonyms(image, config, synonym)
    const override = overrides.get(definition.name)
    const own =
      override === undefined
        ? []
        : [{ name: definition.name, value: override, source: ConfigSource.GROUP }]
    const synonyms = [...own, ...fallback]
    const value = synonyms[0]?.value ?? definition.defaultValue
    return {
      name: definition.name,
      value: value === null ? null : canonicalConfigText(definition.type, value),
      readOnly: false,
      isSensitive: false,
      definition,
      synonyms,
      source: ConfigSource.DEFAULT,
    }
  })
}
