// The metadata image and how records change it: the one place that knows what a metadata record means. Pure;
// used by the publisher (committed records) and by the controller (records on their way to commit).
import { ZERO_UUID } from '../../protocol/primitives.ts'
import type {
  BrokerEndpointImage,
  BrokerImage,
  ControllerImage,
  MetadataDelta,
  MetadataImage,
  PartitionImage,
  TopicImage,
} from './image-types.ts'
import { type MapEditor, PersistentMap } from './persistent-map.ts'
import type { MetadataRecord, MetadataRecordOf } from './records.ts'
import { removedUnservedKey, unservedKey } from './unserved.ts'

/** Reserved directory ids: Kafka's (0, 0), (0, 1) and (0, 2). */
export const MIGRATING_DIRECTORY = ZERO_UUID
export const UNASSIGNED_DIRECTORY = 'AAAAAAAAAAAAAAAAAAAAAQ'
export const LOST_DIRECTORY = 'AAAAAAAAAAAAAAAAAAAAAg'

export const NO_LEADER = -1
const NO_LEADER_CHANGE = -2

export function emptyImage(clusterId = ''): MetadataImage {
  return {
    clusterId,
    offset: -1,
    epoch: 0,
    topicsByName: PersistentMap.empty<string, TopicImage>(),
    topicsById: PersistentMap.empty<string, TopicImage>(),
    brokers: new Map(),
    configs: PersistentMap.empty<string, ReadonlyMap<string, string>>(),
    features: new Map(),
    nextProducerId: 0,
    controllers: new Map(),
    unserved: new Map(),
  }
}

export interface LogPosition {
  /** Offset of the last record applied. */
  offset: number
  epoch: number
}

/** A new image; `image` is left as it is and shares with the result what no record touched. */
export function applyRecords(
  image: MetadataImage,
  records: readonly MetadataRecord[],
  position: LogPosition = { offset: image.offset + records.length, epoch: image.epoch },
): { image: MetadataImage; delta: MetadataDelta } {
  const editor = new ImageEditor(image)
  for (const record of records) editor.apply(record)
  return editor.finish(position)
}

export function configKey(type: number, name: string): string {
  return `${type}:${name}`
}

/** What a PartitionChangeRecord makes of a partition. */
export function mergePartitionChange(
  partition: PartitionImage,
  change: MetadataRecordOf<'partitionChange'>['value'],
): PartitionImage {
  const replicas = change.replicas ?? partition.replicas
  const isLeaderSet = change.leader !== NO_LEADER_CHANGE
  return {
    partition: partition.partition,
    replicas,
    isr: change.isr ?? partition.isr,
    removingReplicas: change.removingReplicas ?? partition.removingReplicas,
    addingReplicas: change.addingReplicas ?? partition.addingReplicas,
    elr: change.eligibleLeaderReplicas ?? partition.elr,
    lastKnownElr: change.lastKnownElr ?? partition.lastKnownElr,
    leader: isLeaderSet ? change.leader : partition.leader,
    leaderRecoveryState:
      change.leaderRecoveryState < 0 ? partition.leaderRecoveryState : change.leaderRecoveryState,
    leaderEpoch: partition.leaderEpoch + (isLeaderSet ? 1 : 0),
    partitionEpoch: partition.partitionEpoch + 1,
    directories: change.directories ?? directoriesOf(replicas, partition),
  }
}

/** A record without directories keeps those of replicas that stay. */
function directoriesOf(replicas: readonly number[], partition: PartitionImage): readonly string[] {
  if (replicas === partition.replicas) return partition.directories
  return replicas.map((replica) => {
    const index = partition.replicas.indexOf(replica)
    return partition.directories[index] ?? UNASSIGNED_DIRECTORY
  })
}

function endpointsOf(
  endPoints: readonly { name: string; host: string; port: number; securityProtocol: number }[],
): BrokerEndpointImage[] {
  return endPoints.map(({ name, host, port, securityProtocol }) => ({
    name,
    host,
    port,
    securityProtocol,
  }))
}

function featuresOf(
  features: readonly { name: string; minSupportedVersion: number; maxSupportedVersion: number }[],
): ReadonlyMap<string, { minVersion: number; maxVersion: number }> {
  return new Map(
    features.map((feature) => [
      feature.name,
      { minVersion: feature.minSupportedVersion, maxVersion: feature.maxSupportedVersion },
    ]),
  )
}

function partitionOf(record: MetadataRecordOf<'partition'>['value']): PartitionImage {
  return {
    partition: record.partitionId,
    replicas: record.replicas,
    isr: record.isr,
    removingReplicas: record.removingReplicas,
    addingReplicas: record.addingReplicas,
    elr: record.eligibleLeaderReplicas ?? [],
    lastKnownElr: record.lastKnownElr ?? [],
    leader: record.leader,
    leaderRecoveryState: record.leaderRecoveryState,
    leaderEpoch: record.leaderEpoch,
    partitionEpoch: record.partitionEpoch,
    directories:
      record.directories.length > 0
        ? record.directories
        : record.replicas.map(() => MIGRATING_DIRECTORY),
  }
}

class ImageEditor {
  readonly #base: MetadataImage
  readonly #names: MapEditor<string, TopicImage>
  readonly #ids: MapEditor<string, TopicImage>
  readonly #configs: MapEditor<string, ReadonlyMap<string, string>>
  /** Topics under change, by id, their partitions copied once. */
  readonly #openTopics = new Map<
    string,
    { name: string; id: string; partitions: PartitionImage[] }
  >()
  #brokers: Map<number, BrokerImage> | null = null
  #features: Map<string, number> | null = null
  #controllers: Map<number, ControllerImage> | null = null
  #unserved: Map<string, Buffer> | null = null
  #nextProducerId: number
  readonly #deleted = new Map<string, TopicImage>()
  readonly #changedTopicIds = new Set<string>()
  readonly #changedBrokers = new Set<number>()
  readonly #changedConfigs = new Set<string>()

  constructor(base: MetadataImage) {
    this.#base = base
    this.#names = PersistentMap.from(base.topicsByName).edit()
    this.#ids = PersistentMap.from(base.topicsById).edit()
    this.#configs = PersistentMap.from(base.configs).edit()
    this.#nextProducerId = base.nextProducerId
  }

  apply(record: MetadataRecord): void {
    switch (record.type) {
      case 'topic':
        this.#createTopic(record.value.name, record.value.topicId)
        return
      case 'partition':
        this.#setPartition(record.value.topicId, partitionOf(record.value))
        return
      case 'partitionChange':
        this.#changePartition(record.value)
        return
      case 'removeTopic':
        this.#removeTopic(record.value.topicId)
        return
      case 'config':
        this.#setConfig(record.value)
        return
      case 'registerController':
        this.#registerController(record.value)
        return
      case 'producerIds':
        this.#nextProducerId = record.value.nextProducerId
        return
      case 'featureLevel':
        this.#setFeature(record.value.name, record.value.featureLevel)
        return
      case 'clearElr':
        this.#clearElr(record.value.topicName)
        return
      case 'noOp':
      case 'zkMigrationState':
      case 'beginTransaction':
      case 'endTransaction':
      case 'abortTransaction':
        return
      default:
        if (!this.#applyBroker(record)) this.#keepUnserved(record)
    }
  }

  finish(position: LogPosition): { image: MetadataImage; delta: MetadataDelta } {
    const changedTopics = new Set<string>()
    for (const id of this.#changedTopicIds) {
      const open = this.#openTopics.get(id)
      if (open === undefined) continue
      changedTopics.add(open.name)
      this.#names.set(open.name, open)
      this.#ids.set(id, open)
    }
    const image: MetadataImage = {
      clusterId: this.#base.clusterId,
      offset: position.offset,
      epoch: position.epoch,
      topicsByName: this.#names.finish(),
      topicsById: this.#ids.finish(),
      brokers: this.#brokers ?? this.#base.brokers,
      configs: this.#configs.finish(),
      features: this.#features ?? this.#base.features,
      nextProducerId: this.#nextProducerId,
      controllers: this.#controllers ?? this.#base.controllers,
      unserved: this.#unserved ?? this.#base.unserved,
    }
    const delta: MetadataDelta = {
      previous: this.#base,
      image,
      changedTopics,
      deletedTopics: [...this.#deleted.values()],
      changedBrokers: this.#changedBrokers,
      changedConfigs: this.#changedConfigs,
    }
    return { image, delta }
  }

  #createTopic(name: string, id: string): void {
    const topic = { name, id, partitions: [] }
    this.#openTopics.set(id, topic)
    this.#names.set(name, topic)
    this.#ids.set(id, topic)
    this.#changedTopicIds.add(id)
  }

  #openTopic(id: string): { name: string; id: string; partitions: PartitionImage[] } | null {
    const open = this.#openTopics.get(id)
    if (open !== undefined) return open
    const topic = this.#ids.get(id)
    if (topic === undefined) return null
    const copy = { name: topic.name, id, partitions: [...topic.partitions] }
    this.#openTopics.set(id, copy)
    this.#changedTopicIds.add(id)
    return copy
  }

  #setPartition(topicId: string, partition: PartitionImage): void {
    const topic = this.#openTopic(topicId)
    if (topic !== null) topic.partitions[partition.partition] = partition
  }

  #changePartition(change: MetadataRecordOf<'partitionChange'>['value']): void {
    const topic = this.#openTopic(change.topicId)
    const partition = topic?.partitions[change.partitionId]
    if (topic === null || partition === undefined) return
    topic.partitions[change.partitionId] = mergePartitionChange(partition, change)
  }

  #removeTopic(id: string): void {
    const topic = this.#ids.get(id)
    if (topic === undefined) return
    this.#ids.delete(id)
    if (this.#names.get(topic.name)?.id === id) this.#names.delete(topic.name)
    this.#openTopics.delete(id)
    this.#changedTopicIds.delete(id)
    const before = this.#base.topicsById.get(id)
    if (before !== undefined) this.#deleted.set(id, before)
    const key = configKey(2, topic.name)
    if (this.#configs.get(key) !== undefined) {
      this.#configs.delete(key)
      this.#changedConfigs.add(key)
    }
  }

  #setConfig(record: MetadataRecordOf<'config'>['value']): void {
    const key = configKey(record.resourceType, record.resourceName)
    const overrides = new Map(this.#configs.get(key))
    if (record.value === null) overrides.delete(record.name)
    else overrides.set(record.name, record.value)
    if (overrides.size === 0) this.#configs.delete(key)
    else this.#configs.set(key, overrides)
    this.#changedConfigs.add(key)
  }

  #setFeature(name: string, level: number): void {
    this.#features ??= new Map(this.#base.features)
    if (level === 0) this.#features.delete(name)
    else this.#features.set(name, level)
  }

  #clearElr(topicName: string): void {
    const topics = topicName === '' ? [...this.#base.topicsById.values()] : []
    const named = this.#names.get(topicName)
    if (named !== undefined) topics.push(named)
    for (const { id } of topics) {
      const topic = this.#openTopic(id)
      if (topic === null) continue
      topic.partitions = topic.partitions.map((partition) => ({
        ...partition,
        elr: [],
        lastKnownElr: [],
      }))
    }
  }

  #registerController(record: MetadataRecordOf<'registerController'>['value']): void {
    this.#controllers ??= new Map(this.#base.controllers)
    this.#controllers.set(record.controllerId, {
      id: record.controllerId,
      incarnationId: record.incarnationId,
      endpoints: endpointsOf(record.endPoints),
      features: featuresOf(record.features),
    })
  }

  #applyBroker(record: MetadataRecord): boolean {
    switch (record.type) {
      case 'registerBroker':
        this.#setBroker({
          id: record.value.brokerId,
          epoch: record.value.brokerEpoch,
          incarnationId: record.value.incarnationId,
          endpoints: endpointsOf(record.value.endPoints),
          rack: record.value.rack,
          isFenced: record.value.fenced,
          inControlledShutdown: record.value.inControlledShutdown,
          logDirs: record.value.logDirs,
          cordonedLogDirs: record.value.cordonedLogDirs ?? [],
          features: featuresOf(record.value.features),
        })
        return true
      case 'unregisterBroker':
        this.#editBrokers().delete(record.value.brokerId)
        this.#changedBrokers.add(record.value.brokerId)
        return true
      case 'fenceBroker':
        this.#changeBroker(record.value.id, { isFenced: true })
        return true
      case 'unfenceBroker':
        this.#changeBroker(record.value.id, { isFenced: false })
        return true
      case 'brokerRegistrationChange': {
        const { fenced, inControlledShutdown, logDirs, cordonedLogDirs } = record.value
        this.#changeBroker(record.value.brokerId, {
          ...(fenced === 0 ? {} : { isFenced: fenced === 1 }),
          ...(inControlledShutdown === 1 ? { inControlledShutdown: true } : {}),
          ...(logDirs.length === 0 ? {} : { logDirs }),
          ...(cordonedLogDirs === null ? {} : { cordonedLogDirs }),
        })
        return true
      }
      default:
        return false
    }
  }

  #editBrokers(): Map<number, BrokerImage> {
    this.#brokers ??= new Map(this.#base.brokers)
    return this.#brokers
  }

  #setBroker(broker: BrokerImage): void {
    this.#editBrokers().set(broker.id, broker)
    this.#changedBrokers.add(broker.id)
  }

  #changeBroker(id: number, change: Partial<BrokerImage>): void {
    const broker = this.#editBrokers().get(id)
    if (broker !== undefined) this.#setBroker({ ...broker, ...change })
  }

  #keepUnserved(record: MetadataRecord): void {
    const removed = removedUnservedKey(record)
    const kept = unservedKey(record)
    if (removed === null && kept === null) return
    this.#unserved ??= new Map(this.#base.unserved)
    if (removed !== null) this.#unserved.delete(removed)
    // A copy: the record's bytes are a view of a whole batch.
    else if (kept !== null) this.#unserved.set(kept, Buffer.from(record.framed))
  }
}
