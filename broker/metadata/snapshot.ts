// An image as the records of a snapshot: applied to an empty image they give the same image again. The order is
// fixed by names and ids alone, so equal images give equal bytes. Used by the publisher.
import type { BrokerEndpointImage, MetadataImage, PartitionImage } from './image-types.ts'
import { createRecord, type MetadataRecord } from './records.ts'

export function* snapshotRecords(image: MetadataImage): Generator<MetadataRecord> {
  yield* featureRecords(image)
  yield* brokerRecords(image)
  yield* controllerRecords(image)
  yield* topicRecords(image)
  yield* configRecords(image)
  yield* producerIdRecords(image)
}

/** The same as bytes, with what is kept unread. Lazy, so that a big image can be written in turns. */
export function* snapshotBytes(image: MetadataImage): Generator<Buffer> {
  for (const record of snapshotRecords(image)) yield record.framed
  for (const [, framed] of sorted(image.unserved)) yield framed
}

function sorted<V>(map: ReadonlyMap<string, V>): [string, V][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}

function byId<V extends { id: number }>(map: ReadonlyMap<number, V>): V[] {
  return [...map.values()].sort((a, b) => a.id - b.id)
}

function featureRecords(image: MetadataImage): MetadataRecord[] {
  const levels = sorted(image.features)
  // metadata.version first: readers need it to judge what follows.
  levels.sort(([a], [b]) => Number(b === 'metadata.version') - Number(a === 'metadata.version'))
  return levels.map(([name, featureLevel]) => createRecord('featureLevel', { name, featureLevel }))
}

function endPoints(endpoints: readonly BrokerEndpointImage[]) {
  return endpoints.map(({ name, host, port, securityProtocol }) => ({
    name,
    host,
    port,
    securityProtocol,
  }))
}

function features(supported: ReadonlyMap<string, { minVersion: number; maxVersion: number }>) {
  return sorted(supported).map(([name, { minVersion, maxVersion }]) => ({
    name,
    minSupportedVersion: minVersion,
    maxSupportedVersion: maxVersion,
  }))
}

function brokerRecords(image: MetadataImage): MetadataRecord[] {
  return byId(image.brokers).map((broker) =>
    createRecord('registerBroker', {
      brokerId: broker.id,
      brokerEpoch: broker.epoch,
      incarnationId: broker.incarnationId,
      endPoints: endPoints(broker.endpoints),
      features: features(broker.features),
      rack: broker.rack,
      fenced: broker.isFenced,
      inControlledShutdown: broker.inControlledShutdown,
      logDirs: [...broker.logDirs],
      cordonedLogDirs: broker.cordonedLogDirs?.length ? [...broker.cordonedLogDirs] : null,
    }),
  )
}

function controllerRecords(image: MetadataImage): MetadataRecord[] {
  return byId(image.controllers).map((controller) =>
    createRecord('registerController', {
      controllerId: controller.id,
      incarnationId: controller.incarnationId,
      endPoints: endPoints(controller.endpoints),
      features: features(controller.features),
    }),
  )
}

/** Everything of a partition, as one record. */
export function partitionRecord(topicId: string, partition: PartitionImage): MetadataRecord {
  const { elr, lastKnownElr } = partition
  return createRecord('partition', {
    partitionId: partition.partition,
    topicId,
    replicas: [...partition.replicas],
    isr: [...partition.isr],
    removingReplicas: [...partition.removingReplicas],
    addingReplicas: [...partition.addingReplicas],
    leader: partition.leader,
    leaderRecoveryState: partition.leaderRecoveryState,
    leaderEpoch: partition.leaderEpoch,
    partitionEpoch: partition.partitionEpoch,
    directories: [...partition.directories],
    eligibleLeaderReplicas: elr.length === 0 ? null : [...elr],
    lastKnownElr: lastKnownElr.length === 0 ? null : [...lastKnownElr],
  })
}

function* topicRecords(image: MetadataImage): Generator<MetadataRecord> {
  for (const [name, topic] of sorted(image.topicsByName)) {
    yield createRecord('topic', { name, topicId: topic.id })
    for (const partition of topic.partitions) yield partitionRecord(topic.id, partition)
  }
}

function* configRecords(image: MetadataImage): Generator<MetadataRecord> {
  for (const [key, overrides] of sorted(image.configs)) {
    const colon = key.indexOf(':')
    const resourceType = Number(key.slice(0, colon))
    const resourceName = key.slice(colon + 1)
    for (const [name, value] of sorted(overrides)) {
      yield createRecord('config', { resourceType, resourceName, name, value })
    }
  }
}

function producerIdRecords(image: MetadataImage): MetadataRecord[] {
  if (image.nextProducerId === 0) return []
  return [
    createRecord('producerIds', {
      brokerId: -1,
      brokerEpoch: -1,
      nextProducerId: image.nextProducerId,
    }),
  ]
}
