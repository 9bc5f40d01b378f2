// What a configuration is worth right now: topic override, then dynamic settings of the broker, of all brokers,
// server.properties, default. Read by replication (LogConfig), DescribeConfigs and main. Pure.
import type { LogConfig } from '../log/types.ts'
import type { ConfigResourceType, MetadataImage } from '../metadata/image-types.ts'
import {
  brokerConfigs,
  brokerSynonymsOf,
  type ConfigDefinition,
  canonicalConfigText,
  topicConfigs,
  typedConfigValue,
} from './definitions.ts'

/** Sources as on the wire (DescribeConfigs). */
export const ConfigSource = {
  TOPIC: 1,
  DYNAMIC_BROKER: 2,
  DYNAMIC_DEFAULT_BROKER: 3,
  STATIC_BROKER: 4,
  DEFAULT: 5,
  GROUP: 8,
} as const

export interface ConfigSynonym {
  name: string
  value: string
  source: number
}

/** The broker whose view is asked for; `staticConfigs` is its server.properties, text as written. */
export interface ConfigOwner {
  readonly nodeId: number
  readonly staticConfigs: ReadonlyMap<string, string>
}

const NONE: ReadonlyMap<string, string> = new Map()

type ConfigsOf = Pick<MetadataImage, 'configs'>

export function overridesOf(
  image: ConfigsOf,
  type: ConfigResourceType,
  name: string,
): ReadonlyMap<string, string> {
  return image.configs.get(`${type}:${name}`) ?? NONE
}

/** Every place that gives one of `names` a value, strongest first. */
function findAll(image: ConfigsOf, owner: ConfigOwner, names: readonly string[]): ConfigSynonym[] {
  const found: ConfigSynonym[] = []
  const layers = [
    [ConfigSource.DYNAMIC_BROKER, overridesOf(image, 4, String(owner.nodeId))],
    [ConfigSource.DYNAMIC_DEFAULT_BROKER, overridesOf(image, 4, '')],
    [ConfigSource.STATIC_BROKER, owner.staticConfigs],
  ] as const
  for (const [source, layer] of layers) {
    for (const name of names) {
      const value = layer.get(name)
      if (value !== undefined) found.push({ name, value, source })
    }
  }
  for (const name of names) {
    const value = brokerConfigs.get(name)?.defaultValue ?? null
    if (value !== null) found.push({ name, value, source: ConfigSource.DEFAULT })
  }
  return found
}

/**
 * Ordered synonyms of a broker configuration as DescribeConfigs lists them: from the first that carries the
 * name itself, so that a value which only log.retention.hours gives shows none under log.retention.ms.
 */
export function brokerConfigSynonyms(
  image: ConfigsOf,
  owner: ConfigOwner,
  name: string,
): ConfigSynonym[] {
  const all = findAll(image, owner, brokerSynonymsOf(name))
  const first = all.findIndex((synonym) => synonym.name === name)
  return first < 0 ? [] : all.slice(first)
}

/** The same for a topic: its override first, then those of the broker configuration it falls back to. */
export function topicConfigSynonyms(
  image: ConfigsOf,
  owner: ConfigOwner,
  topic: { name: string; config: string },
): ConfigSynonym[] {
  const definition = topicConfigs.get(topic.config)
  const synonym = definition?.synonyms[0]
  const fallback = synonym === undefined ? [] : brokerConfigSynonyms(image, owner, synonym)
  const override = overridesOf(image, 2, topic.name).get(topic.config)
  if (override === undefined) return fallback
  return [{ name: topic.config, value: override, source: ConfigSource.TOPIC }, ...fallback]
}

const UNIT_MS: Readonly<Record<string, number>> = { hours: 3_600_000, minutes: 60_000 }

/** The first set name wins whatever its layer; hours and minutes become milliseconds. */
function firstOf(image: ConfigsOf, owner: ConfigOwner, names: readonly string[]): string | null {
  for (const name of names) {
    const value = findAll(image, owner, [name])[0]?.value
    if (value === undefined) continue
    const unitMs = UNIT_MS[name.slice(name.lastIndexOf('.') + 1)]
    return unitMs === undefined ? value : String(Number(value) * unitMs)
  }
  return null
}

/** The value in force of a broker configuration; null when it has none. */
export function effectiveBrokerConfig(
  image: ConfigsOf,
  owner: ConfigOwner,
  name: string,
): string | null {
  const value = findAll(image, owner, [name])[0]?.value ?? null
  const definition = brokerConfigs.get(name)
  return value === null || !definition ? value : canonicalConfigText(definition.type, value)
}

/** The value in force of a topic configuration, as Kafka prints it. */
export function effectiveTopicConfig(
  image: ConfigsOf,
  owner: ConfigOwner,
  topic: { name: string; config: string },
): string {
  const definition = topicConfigs.get(topic.config)
  if (!definition) throw new Error(`no topic config is named ${topic.config}`)
  const override = overridesOf(image, 2, topic.name).get(topic.config)
  const value = override ?? fallbackOf(image, owner, definition)
  return canonicalConfigText(definition.type, value)
}

function fallbackOf(image: ConfigsOf, owner: ConfigOwner, definition: ConfigDefinition): string {
  const fallback = firstOf(image, owner, definition.synonyms) ?? definition.defaultValue ?? ''
  // A negative broker retention means "for ever", which topics write as -1.
  return definition.name === 'retention.ms' && Number(fallback) < 0 ? '-1' : fallback
}

const COMPRESSIONS = ['producer', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'] as const

/** Settings of the logs of `topic` on the broker `owner`. */
export function logConfigFor(image: ConfigsOf, owner: ConfigOwner, topic: string): LogConfig {
  const typed = (config: string) => {
    const type = topicConfigs.get(config)?.type ?? 'STRING'
    return typedConfigValue(type, effectiveTopicConfig(image, owner, { name: topic, config }))
  }
  const number = (config: string) => typed(config) as number
  const policies = typed('cleanup.policy') as readonly string[]
  const compression = typed('compression.type')
  const cleanupCompact = policies.includes('compact')
  const maxCompactionLagMs = number('max.compaction.lag.ms')
  // What must be compacted in time must leave the active segment in time.
  const segmentMsMax =
    cleanupCompact && maxCompactionLagMs > 0 ? maxCompactionLagMs : Number.POSITIVE_INFINITY
  return {
    segmentBytes: number('segment.bytes'),
    segmentMs: Math.min(number('segment.ms'), segmentMsMax),
    segmentJitterMs: number('segment.jitter.ms'),
    segmentIndexBytes: number('segment.index.bytes'),
    indexIntervalBytes: number('index.interval.bytes'),
    retentionMs: number('retention.ms'),
    retentionBytes: number('retention.bytes'),
    maxMessageBytes: number('max.message.bytes'),
    cleanupDelete: policies.includes('delete'),
    cleanupCompact,
    compressionType: COMPRESSIONS.find((known) => known === compression) ?? 'producer',
    messageTimestampType:
      typed('message.timestamp.type') === 'LogAppendTime' ? 'LogAppendTime' : 'CreateTime',
    messageTimestampBeforeMaxMs: number('message.timestamp.before.max.ms'),
    messageTimestampAfterMaxMs: number('message.timestamp.after.max.ms'),
    flushMessages: number('flush.messages'),
    flushMs: number('flush.ms'),
    fileDeleteDelayMs: number('file.delete.delay.ms'),
    minInsyncReplicas: number('min.insync.replicas'),
    uncleanLeaderElectionEnable: typed('unclean.leader.election.enable') as boolean,
    preallocate: typed('preallocate') as boolean,
    minCleanableDirtyRatio: number('min.cleanable.dirty.ratio'),
    minCompactionLagMs: number('min.compaction.lag.ms'),
    maxCompactionLagMs,
    deleteRetentionMs: number('delete.retention.ms'),
    compressionLevels: {
      gzip: number('compression.gzip.level'),
      lz4: number('compression.lz4.level'),
      zstd: number('compression.zstd.level'),
    },
  }
}
