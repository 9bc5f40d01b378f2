// What Apache Kafka checks of a running broker's configuration as a whole, once each value is good by itself: bounds
// between values, and how far thread counts may move at a time. Called before a change goes to the controller. Pure.
import { resolve } from 'node:path'
import type { MetadataImage } from '../metadata/image-types.ts'
import { brokerConfigs, typedConfigValue } from './definitions.ts'
import { type ConfigOwner, effectiveBrokerConfig, effectiveTopicConfig } from './effective.ts'

type ConfigsOf = Pick<MetadataImage, 'configs'>

const MEGABYTE = 1024 * 1024

/** May be halved or doubled at a time. */
const THREAD_COUNTS = [
  'num.io.threads',
  'num.network.threads',
  'num.replica.fetchers',
  'num.recovery.threads.per.data.dir',
  'background.threads',
  'remote.log.manager.copier.thread.pool.size',
  'remote.log.manager.expiration.thread.pool.size',
  'remote.log.manager.follower.thread.pool.size',
  'remote.log.reader.threads',
]

/** The only class of this kind that there is without a JVM. */
const REPORTER = 'org.apache.kafka.common.metrics.JmxReporter'

/** Null when the broker may go from `current` to `next`, else Kafka's message (error INVALID_REQUEST). */
export function validateReconfiguration(
  owner: ConfigOwner,
  current: ConfigsOf,
  next: ConfigsOf,
): string | null {
  const before = new Values(owner, current)
  const after = new Values(owner, next)
  const requirement = unmetRequirement(after)
  if (requirement !== null) return requirement
  const refusal =
    refusedReporters(before, after) ??
    refusedConnections(owner, before, after) ??
    refusedThreadCount(before, after) ??
    refusedLocalRetention(after) ??
    refusedCleanerThreads(before, after) ??
    refusedCordon(after)
  if (refusal === null) return null
  const cause = `org.apache.kafka.common.config.ConfigException: ${refusal}`
  return `Invalid value ${cause} for configuration Invalid dynamic configuration`
}

/** Null when a broker may start with these, else Kafka's message. */
export function validateStaticConfigs(owner: ConfigOwner): string | null {
  return unmetRequirement(new Values(owner, { configs: new Map() }))
}

class Values {
  readonly #owner: ConfigOwner
  readonly #image: ConfigsOf

  constructor(owner: ConfigOwner, image: ConfigsOf) {
    this.#owner = owner
    this.#image = image
  }

  text(name: string): string {
    return effectiveBrokerConfig(this.#image, this.#owner, name) ?? ''
  }

  number(name: string): number {
    const type = brokerConfigs.get(name)?.type ?? 'LONG'
    return typedConfigValue(type, this.text(name)) as number
  }

  /** Of a setting that hours or minutes may give too: the topic's, which has none of its own. */
  milliseconds(topicConfig: string): number {
    const topic = { name: '', config: topicConfig }
    return Number(effectiveTopicConfig(this.#image, this.#owner, topic))
  }
}

function unmetRequirement(values: Values): string | null {
  const failed = (message: string) => `requirement failed: ${message}`
  if (values.milliseconds('segment.ms') < 1) {
    return failed('log.roll.ms must be greater than or equal to 1')
  }
  if (values.milliseconds('segment.jitter.ms') < 0) {
    return failed('log.roll.jitter.ms must be greater than or equal to 0')
  }
  if (values.milliseconds('retention.ms') === 0) {
    return failed('log.retention.ms must be unlimited (-1) or, greater than or equal to 1')
  }
  const cleanerThreads = values.number('log.cleaner.threads')
  if (cleanerThreads < 1) return failed('log.cleaner.threads must be at least 1')
  const buffer = Math.floor(values.number('log.cleaner.dedupe.buffer.size') / cleanerThreads)
  if (buffer <= MEGABYTE) {
    return failed('log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.')
  }
  const overrides = values.text('max.connections.per.ip.overrides')
  if (values.number('max.connections.per.ip') === 0 && overrides === '') {
    return failed(
      'max.connections.per.ip can be set to zero only if max.connections.per.ip.overrides ' +
        'property is set.',
    )
  }
  return malformedOverride(overrides)
}

/** In the words of the Java methods that read it. */
function malformedOverride(text: string): string | null {
  for (const part of text.split(',').map((item) => item.trim())) {
    if (part === '') continue
    const colon = part.lastIndexOf(':')
    const count = part.slice(colon + 1).trim()
    const isNumber = /^[+-]?\d+$/.test(count)
    if (colon >= 0 && isNumber) continue
    const reason =
      colon < 0 ? `begin 0, end -1, length ${part.length}` : `For input string: "${count}"`
    return `Error parsing configuration property 'max.connections.per.ip.overrides': ${reason}`
  }
  return null
}

/** Directories that `cordoned.log.dirs` names; `*`: all. */
export function cordonedLogDirs(
  owner: { readonly logDirs: readonly string[] },
  text: string,
): string[] {
  const named = text.split(',').map((item) => item.trim())
  if (named.includes('*')) return [...owner.logDirs]
  return named.filter((item) => item !== '').map((item) => resolve(item))
}

const CORDONED = 'cordoned.log.dirs'

function refusedCordon(after: Values): string | null {
  const items = (text: string) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
  const known = new Set(items(after.text('log.dirs') || after.text('log.dir')))
  const cordoned = items(after.text(CORDONED))
  const unknown = cordoned.includes('*') ? undefined : cordoned.find((item) => !known.has(item))
  if (unknown === undefined) return null
  return (
    `Invalid value [${cordoned.join(', ')}] for configuration ${CORDONED}: Invalid entry in ` +
    `${CORDONED}: ${unknown}. All cordoned log dirs must be entries of log.dirs or log.dir.`
  )
}

function refusedReporters(before: Values, after: Values): string | null {
  if (before.text('metric.reporters') === after.text('metric.reporters')) return null
  const unknown = after
    .text('metric.reporters')
    .split(',')
    .filter((name) => name !== '' && name !== REPORTER)
  if (unknown.length === 0) return null
  return (
    'Validation of dynamic config update of Set(metric.reporters) failed with class ' +
    'class kafka.server.DynamicMetricsReporters'
  )
}

/** Zero is refused, for the broker and for each of its listeners, once it runs. */
function refusedConnections(owner: ConfigOwner, before: Values, after: Values): string | null {
  const items = (name: string) => (owner.staticConfigs.get(name) ?? '').split(',')
  const controllers = new Set(items('controller.listener.names').map((item) => item.trim()))
  const listeners = items('listeners')
    .map((item) => item.trim().split(':')[0] ?? '')
    .filter((name) => !controllers.has(name))
  const inForce = (values: Values, listener: string, name: string) =>
    values.text(`listener.name.${listener.toLowerCase()}.${name}`) || values.text(name)
  for (const listener of listeners) {
    for (const name of ['max.connections', 'max.connection.creation.rate']) {
      const text = inForce(after, listener, name)
      if (text === inForce(before, listener, name) || Number(text) > 0) continue
      return `Invalid ${name} ${Number(text)}`
    }
  }
  return null
}

function refusedThreadCount(before: Values, after: Values): string | null {
  for (const name of THREAD_COUNTS) {
    const [old, count] = [before.number(name), after.number(name)]
    const failed = `Dynamic thread count update validation failed for ${name}=${count}`
    if (count < Math.floor(old / 2)) {
      return `${failed}, value should be at least half the current value ${old}`
    }
    if (count > old * 2) {
      return `${failed}, value should not be greater than double the current value ${old}`
    }
  }
  return null
}

function refusedLocalRetention(after: Values): string | null {
  const check = (config: string, limitedBy: string, limit: number) => {
    const local = after.number(config)
    if (limit < 0 || local === -2) return null
    const invalid = `Invalid value ${local} for configuration ${config}: Value must not be`
    if (local === -1) return `${invalid} -1 as ${limitedBy} value is set as ${limit}.`
    if (local <= limit) return null
    return `${invalid} more than ${limitedBy} property value: ${limit}`
  }
  return (
    check('log.local.retention.ms', 'log.retention.ms', after.milliseconds('retention.ms')) ??
    check('log.local.retention.bytes', 'log.retention.bytes', after.number('log.retention.bytes'))
  )
}

function refusedCleanerThreads(before: Values, after: Values): string | null {
  const old = before.number('log.cleaner.threads')
  const count = after.number('log.cleaner.threads')
  if (count < Math.floor(old / 2)) {
    return `Log cleaner threads cannot be reduced to less than half the current value ${old}`
  }
  if (count > old * 2) {
    return `Log cleaner threads cannot be increased to more than double the current value ${old}`
  }
  return null
}
