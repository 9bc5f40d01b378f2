// All configuration names of brokers, topics and groups, with what each accepts and falls back to; and the
// checks a change must pass. Called by the controller (changes), DescribeConfigs and the loader. Pure data.
import { brokerRows } from './broker-definitions.ts'
import {
  type ConfigImportance,
  type ConfigType,
  DYNAMIC,
  INTERNAL,
  PER_BROKER,
  READ_ONLY,
  type TopicDefinitionRow,
  type UpdateMode,
} from './definition-row.ts'
import { documentationOf } from './documentation.ts'
import { eyrieRows } from './eyrie-definitions.ts'
import { groupRows } from './group-definitions.ts'
import { topicRows } from './topic-definitions.ts'
import { type ConfigValue, checkConfigValue, parseConfigValue } from './values.ts'

export type { ConfigImportance, ConfigType, UpdateMode } from './definition-row.ts'
export type { ConfigValue } from './values.ts'

export interface ConfigDefinition {
  readonly name: string
  readonly type: ConfigType
  /** As text, as Kafka prints it; null when there is none. */
  readonly defaultValue: string | null
  readonly isRequired: boolean
  /** Kafka's notation, '' when all is accepted. */
  readonly validator: string
  readonly importance: ConfigImportance
  readonly updateMode: UpdateMode
  readonly isSensitive: boolean
  /** Names that give this one its value, the first set one wins; the broker's names for a topic's. */
  readonly synonyms: readonly string[]
  readonly documentation: string
}

const RETENTION_NAMES = ['log.retention.ms', 'log.retention.minutes', 'log.retention.hours']
const ROLL_NAMES = ['log.roll.ms', 'log.roll.hours']
const ROLL_JITTER_NAMES = ['log.roll.jitter.ms', 'log.roll.jitter.hours']
const FLUSH_NAMES = ['log.flush.interval.ms', 'log.flush.scheduler.interval.ms']

/** The broker configurations that give `name` its value, in order. */
export function brokerSynonymsOf(name: string): readonly string[] {
  if (RETENTION_NAMES.includes(name)) return RETENTION_NAMES
  if (ROLL_NAMES.includes(name)) return ROLL_NAMES
  if (ROLL_JITTER_NAMES.includes(name)) return ROLL_JITTER_NAMES
  return name === 'log.flush.interval.ms' ? FLUSH_NAMES : [name]
}

function brokerTable(): ReadonlyMap<string, ConfigDefinition> {
  const table = new Map<string, ConfigDefinition>()
  for (const [name, type, given, validator, importance, updateMode] of [
    ...brokerRows,
    ...eyrieRows,
  ]) {
    const isRequired = typeof given === 'object' && given !== null
    table.set(name, {
      name,
      type,
      defaultValue: isRequired ? null : given,
      isRequired,
      validator,
      importance,
      updateMode,
      isSensitive: type === 'PASSWORD',
      synonyms: brokerSynonymsOf(name),
      documentation: documentationOf(name),
    })
  }
  return table
}

function overrideTable(rows: readonly TopicDefinitionRow[]): ReadonlyMap<string, ConfigDefinition> {
  const table = new Map<string, ConfigDefinition>()
  for (const [name, type, defaultValue, validator, synonym] of rows) {
    table.set(name, {
      name,
      type,
      defaultValue,
      isRequired: false,
      validator,
      importance: 'MEDIUM',
      updateMode: DYNAMIC,
      isSensitive: false,
      synonyms: synonym === null ? [] : brokerSynonymsOf(synonym),
      documentation: documentationOf(name),
    })
  }
  return table
}

/** By name, internal ones and Eyrie's own included. */
export const brokerConfigs: ReadonlyMap<string, ConfigDefinition> = brokerTable()
export const topicConfigs: ReadonlyMap<string, ConfigDefinition> = overrideTable(topicRows)
export const groupConfigs: ReadonlyMap<string, ConfigDefinition> = overrideTable(groupRows)

/** Broker settings that the reassignment tool writes for a time; shown only where they are set. */
export const QUOTA_CONFIGS: ReadonlySet<string> = new Set([
  'leader.replication.throttled.rate',
  'follower.replication.throttled.rate',
  'replica.alter.log.dirs.io.max.bytes.per.second',
])

/** Reads a value that has been validated; null in, null out. */
export function typedConfigValue(type: ConfigType, text: string): ConfigValue {
  const parsed = parseConfigValue('', type, text)
  if ('error' in parsed) throw new Error(parsed.error)
  return parsed.value
}

/** The value as Kafka prints it once parsed (' 5 ' is '5'); unreadable text stays as it is. */
export function canonicalConfigText(type: ConfigType, text: string): string {
  const parsed = parseConfigValue('', type, text)
  return 'error' in parsed ? text : parsed.text
}

/** The one class of its kind that there is without a JVM to load others. */
const PRINCIPAL_BUILDER =
  'org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder'

function validate(definition: ConfigDefinition, value: string): string | null {
  const parsed = parseConfigValue(definition.name, definition.type, value)
  if ('error' in parsed) return parsed.error
  return checkConfigValue(definition.name, definition.validator, parsed)
}

/** Null when a topic may carry `name=value`, else Kafka's message (error INVALID_CONFIG). */
export function validateTopicConfig(name: string, value: string): string | null {
  const definition = topicConfigs.get(name)
  return definition ? validate(definition, value) : `Unknown topic config name: ${name}`
}

/** All overrides of one topic together, as they will be: each by itself, then against one another. */
export function validateTopicConfigs(configs: ReadonlyMap<string, string>): string | null {
  for (const name of configs.keys()) {
    if (!topicConfigs.has(name)) return `Unknown topic config name: ${name}`
  }
  for (const [name, value] of configs) {
    const error = validateTopicConfig(name, value)
    if (error !== null) return error
  }
  return crossCheckTopicConfigs(configs)
}

function crossCheckTopicConfigs(configs: ReadonlyMap<string, string>): string | null {
  const minLag = configs.get('min.compaction.lag.ms')
  const maxLag = configs.get('max.compaction.lag.ms')
  if (minLag !== undefined && maxLag !== undefined && BigInt(minLag) > BigInt(maxLag)) {
    return (
      `conflict topic config setting min.compaction.lag.ms (${minLag.trim()}) ` +
      `> max.compaction.lag.ms (${maxLag.trim()})`
    )
  }
  if (configs.get('remote.storage.enable')?.trim().toLowerCase() === 'true') {
    return (
      'Tiered Storage functionality is disabled in the broker. ' +
      'Topic cannot be configured with remote log storage.'
    )
  }
  return null
}

/** Null when a group may carry `name=value`, else Kafka's message. */
export function validateGroupConfig(name: string, value: string): string | null {
  const definition = groupConfigs.get(name)
  return definition ? validate(definition, value) : `Unknown group config name: ${name}`
}

const LISTENER_PREFIX = /^listener\.name\.[^.]*\.(.*)$/

/** What a listener may have of its own among the limits of connections. */
function connectionLimitOf(name: string): ConfigDefinition | undefined {
  const base = LISTENER_PREFIX.exec(name)?.[1]
  const isLimit = base === 'max.connections' || base === 'max.connection.creation.rate'
  return isLimit ? brokerConfigs.get(base) : undefined
}

/** Null when `name=value` is good in server.properties, else Kafka's message; unknown names are good. */
export function validateBrokerConfig(name: string, value: string): string | null {
  const definition = brokerConfigs.get(name) ?? connectionLimitOf(name)
  if (definition) return validate(definition, value)
  if (QUOTA_CONFIGS.has(name)) {
    const parsed = parseConfigValue(name, 'LONG', value)
    return 'error' in parsed ? parsed.error : checkConfigValue(name, '[0,...]', parsed)
  }
  return null
}

/**
 * Whether a running broker may take these (`isClusterDefault`: for all brokers; else for one). Null, or
 * Kafka's message (error INVALID_REQUEST). Names Kafka does not know are accepted, as there.
 */
export function validateDynamicBrokerConfigs(
  configs: ReadonlyMap<string, string>,
  isClusterDefault: boolean,
): string | null {
  const names = [...configs.keys()]
  const modeOf = (name: string) => brokerConfigs.get(name)?.updateMode
  const fixed = names.filter((name) => modeOf(name) === READ_ONLY || modeOf(name) === INTERNAL)
  if (fixed.length > 0) return `Cannot update these configs dynamically: [${fixed.join(', ')}]`
  const unprefixed = names.filter((name) => modeOf(name) === PER_BROKER && name.startsWith('ssl.'))
  if (unprefixed.length > 0) {
    return (
      'These security configs can be dynamically updated only per-listener using the listener ' +
      `prefix: [${unprefixed.join(', ')}]`
    )
  }
  for (const [prefixed, value] of configs) {
    const name = prefixed.replace(LISTENER_PREFIX, '$1')
    const error = validateBrokerConfig(name, value)
    if (error !== null) return error
    if (name === 'principal.builder.class' && value !== PRINCIPAL_BUILDER) {
      return `Invalid value ${value} for configuration ${name}: Class ${value} could not be found.`
    }
  }
  const perBroker = names.filter((name) => modeOf(name) === PER_BROKER)
  if (isClusterDefault && perBroker.length > 0) {
    return (
      'Cannot update these configs at default cluster level, broker id must be specified: ' +
      `[${perBroker.join(', ')}]`
    )
  }
  return null
}
