import type { ConfigDiff, ConfigEntry, ConfigSource } from '../../contracts/configs.ts'
import type { ConfigResource, DescribedConfig } from '../kafka/configs.ts'

/** Where an override made on this resource comes from. */
export function ownSourceOf(resource: ConfigResource): ConfigSource {
  if (resource.type === 'topic') return 'topic'
  return resource.id === null ? 'broker-default' : 'broker'
}

interface Fallback {
  readonly value: string | null
  readonly source: ConfigSource
}

/** What the config would be without the override of this resource. */
export function fallbackOf(config: DescribedConfig, own: ConfigSource): Fallback {
  const next = config.synonyms.find((synonym) => synonym.source !== own)
  if (next !== undefined) return { value: next.value, source: next.source }
  if (config.source !== own) return { value: config.value, source: config.source }
  return { value: null, source: 'default' }
}

export function configEntryOf(config: DescribedConfig, resource: ConfigResource): ConfigEntry {
  return {
    name: config.name,
    value: config.value,
    source: config.source,
    defaultValue: fallbackOf(config, ownSourceOf(resource)).value,
    isDefault: config.source === 'default',
    isReadOnly: config.isReadOnly,
    isSensitive: config.isSensitive,
    type: config.type,
    documentation: config.documentation,
    synonyms: config.synonyms.map((synonym) => ({ ...synonym })),
  }
}

/**
 * The cluster-wide default as every broker sees it, told from one broker's configs: what that
 * broker has for itself alone is taken out. Kafka itself lists only the defaults that are set.
 */
export function clusterDefaultOf(configs: readonly DescribedConfig[]): DescribedConfig[] {
  return configs.map((config) => {
    const synonyms = config.synonyms.filter((synonym) => synonym.source !== 'broker')
    const first = synonyms[0]
    const isOwn = config.source === 'broker'
    return {
      ...config,
      synonyms,
      value: isOwn ? (first?.value ?? null) : config.value,
      source: isOwn ? (first?.source ?? 'default') : config.source,
    }
  })
}

export interface ConfigPatch {
  readonly set: Readonly<Record<string, string>>
  readonly delete: readonly string[]
}

/**
 * What a patch changes, by name; what stays as it is is left out. A value set to what it already is
 * by inheritance still is a change: from then on it is this resource's own.
 */
export function diffOf(
  configs: readonly DescribedConfig[],
  patch: ConfigPatch,
  own: ConfigSource,
): ConfigDiff[] {
  const byName = new Map(configs.map((config) => [config.name, config] as const))
  const diffs: ConfigDiff[] = []
  for (const [name, after] of Object.entries(patch.set)) {
    const config = byName.get(name)
    const before = config?.value ?? null
    const beforeSource = config?.source ?? 'unknown'
    if (before === after && beforeSource === own) continue
    const shown = config?.isSensitive ? null : after
    diffs.push({ name, before, beforeSource, after: shown, afterSource: own })
  }
  for (const name of patch.delete) {
    const config = byName.get(name)
    if (config === undefined || config.source !== own) continue
    const fallback = fallbackOf(config, own)
    diffs.push({
      name,
      before: config.value,
      beforeSource: config.source,
      after: fallback.value,
      afterSource: fallback.source,
    })
  }
  return diffs.sort((a, b) => (a.name < b.name ? -1 : 1))
}
