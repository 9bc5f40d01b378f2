// Settings of the whole broker that change while it runs: read from the committed metadata whenever a broker's
// configuration changes, and given to the parts they are for. Topic settings go by the replica manager.
// Attached by broker-server.ts once; holds nothing.
import { brokerConfigs, type ConfigValue, typedConfigValue } from './config/definitions.ts'
import { type ConfigOwner, effectiveBrokerConfig } from './config/effective.ts'
import { cordonedLogDirs } from './config/reconfiguration.ts'
import type { LogCleanerSettings } from './log/cleaner/log-cleaner.ts'
import type { LogManager } from './log/log-manager.ts'
import type { MetadataDelta, MetadataImage, MetadataListener } from './metadata/image-types.ts'
import type { ConnectionLimits } from './network/connection-limits.ts'
import type { ConnectionRates } from './network/connection-rate.ts'
import type { ReplicaManager } from './replication/replica-manager.ts'

type ConfigsOf = Pick<MetadataImage, 'configs'>

interface Metadata {
  readonly image: ConfigsOf
  subscribe(name: string, listener: MetadataListener): void
}

interface ListeningOwner extends ConfigOwner {
  readonly brokerListeners: readonly { readonly name: string }[]
  readonly interBrokerListenerName: string
  readonly logDirs: readonly string[]
}

export function followDynamicSettings(
  metadata: Metadata,
  owner: ListeningOwner,
  parts: { logs: LogManager; replicas: ReplicaManager; connections: ConnectionLimits },
): void {
  const apply = async (image: ConfigsOf) => {
    parts.logs.cleaner.reconfigure(cleanerSettings(image, owner))
    parts.logs.shared.mustVerifyTransactions =
      value(image, owner, 'transaction.partition.verification.enable') === true
    parts.logs.expireProducersAfter(number(image, owner, 'producer.id.expiration.ms'))
    parts.connections.update({
      max: number(image, owner, 'max.connections'),
      maxPerAddress: number(image, owner, 'max.connections.per.ip'),
      overrides: parseOverrides(String(value(image, owner, 'max.connections.per.ip.overrides'))),
    })
    parts.logs.cordon(new Set(cordonedLogDirs(owner, String(value(image, owner, CORDONED)))))
    parts.connections.rate.update(connectionRates(image, owner))
    await parts.replicas.resizeFetchers(number(image, owner, 'num.replica.fetchers'))
  }
  void apply(metadata.image)
  metadata.subscribe('dynamic settings', async (delta: MetadataDelta) => {
    const isOurs = (key: string) => key === '4:' || key === `4:${owner.nodeId}`
    if ([...delta.changedConfigs].some(isOurs)) await apply(delta.image)
  })
}

function cleanerSettings(image: ConfigsOf, owner: ConfigOwner): LogCleanerSettings {
  const read = (name: string) => number(image, owner, name)
  return {
    isEnabled: value(image, owner, 'log.cleaner.enable') === true,
    threads: read('log.cleaner.threads'),
    dedupeBufferBytes: read('log.cleaner.dedupe.buffer.size'),
    dedupeLoadFactor: read('log.cleaner.io.buffer.load.factor'),
    ioBufferBytes: read('log.cleaner.io.buffer.size'),
    ioMaxBytesPerSecond: read('log.cleaner.io.max.bytes.per.second'),
    backoffMs: read('log.cleaner.backoff.ms'),
  }
}

const CORDONED = 'cordoned.log.dirs'
const CREATION_RATE = 'max.connection.creation.rate'

function connectionRates(image: ConfigsOf, owner: ListeningOwner): ConnectionRates {
  const byListener = new Map<string, number>()
  for (const { name } of owner.brokerListeners) {
    const own = `listener.name.${name.toLowerCase()}.${CREATION_RATE}`
    const text = effectiveBrokerConfig(image, owner, own)?.trim() ?? ''
    if (/^\d+$/.test(text)) byListener.set(name, Number(text))
  }
  return {
    broker: number(image, owner, CREATION_RATE),
    byListener,
    exempt: owner.brokerListeners.length > 1 ? owner.interBrokerListenerName : null,
  }
}

/** `address:count`, comma-separated; what is none of that was refused when it was set. */
function parseOverrides(text: string): ReadonlyMap<string, number> {
  const overrides = new Map<string, number>()
  for (const part of text.split(',')) {
    const [, host, count] = /^\s*(.+?)\s*:\s*(\d+)\s*$/.exec(part) ?? []
    if (host !== undefined) overrides.set(host, Number(count))
  }
  return overrides
}

function number(image: ConfigsOf, owner: ConfigOwner, name: string): number {
  return value(image, owner, name) as number
}

function value(image: ConfigsOf, owner: ConfigOwner, name: string): ConfigValue {
  const text = effectiveBrokerConfig(image, owner, name)
  const type = brokerConfigs.get(name)?.type
  if (text === null || type === undefined) throw new Error(`${name} has no value`)
  return typedConfigValue(type, text)
}
