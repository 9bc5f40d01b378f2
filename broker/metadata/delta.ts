// What changed between two images: merged over several commits, or found by comparing (after a snapshot
// was loaded). Pure; used by the publisher.
import type { MetadataDelta, MetadataImage, TopicImage } from './image-types.ts'

/** `second` follows `first`. */
export function mergeDeltas(first: MetadataDelta, second: MetadataDelta): MetadataDelta {
  const { image } = second
  const changedTopics = new Set<string>()
  for (const name of [...first.changedTopics, ...second.changedTopics]) {
    if (image.topicsByName.has(name)) changedTopics.add(name)
  }
  const deleted = new Map<string, TopicImage>()
  for (const topic of [...first.deletedTopics, ...second.deletedTopics]) {
    const before = first.previous.topicsById.get(topic.id)
    if (before !== undefined) deleted.set(topic.id, before)
  }
  return {
    previous: first.previous,
    image,
    changedTopics,
    deletedTopics: [...deleted.values()],
    changedBrokers: new Set([...first.changedBrokers, ...second.changedBrokers]),
    changedConfigs: new Set([...first.changedConfigs, ...second.changedConfigs]),
  }
}

/** For two images that need not share anything. */
export function compareImages(previous: MetadataImage, image: MetadataImage): MetadataDelta {
  const changedTopics = new Set<string>()
  for (const [name, topic] of image.topicsByName) {
    if (!isSame(previous.topicsByName.get(name), topic)) changedTopics.add(name)
  }
  return {
    previous,
    image,
    changedTopics,
    deletedTopics: [...previous.topicsById.values()].filter(({ id }) => !image.topicsById.has(id)),
    changedBrokers: changedKeys(previous.brokers, image.brokers),
    changedConfigs: changedKeys(previous.configs, image.configs),
  }
}

/** True when nothing but the offset and the epoch moved. */
export function isUnchanged({ previous, image }: MetadataDelta): boolean {
  return (
    previous.topicsById === image.topicsById &&
    previous.brokers === image.brokers &&
    previous.configs === image.configs &&
    previous.features === image.features &&
    previous.controllers === image.controllers &&
    previous.nextProducerId === image.nextProducerId &&
    previous.unserved === image.unserved
  )
}

function changedKeys<K, V>(before: ReadonlyMap<K, V>, after: ReadonlyMap<K, V>): Set<K> {
  const changed = new Set<K>()
  for (const [key, value] of after) if (!isSame(before.get(key), value)) changed.add(key)
  for (const key of before.keys()) if (!after.has(key)) changed.add(key)
  return changed
}

function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (a instanceof Map && b instanceof Map) {
    return a.size === b.size && [...a].every(([key, value]) => isSame(value, b.get(key)))
  }
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every((key) =>
    isSame((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
  )
}
