// The metadata image: an immutable picture of the cluster as of one offset of the metadata log. Each commit
// gives a new image that shares what did not change. Nothing in it is ever modified in place.

export interface PartitionImage {
  readonly partition: number
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
  readonly removingReplicas: readonly number[]
  readonly addingReplicas: readonly number[]
  readonly elr: readonly number[]
  readonly lastKnownElr: readonly number[]
  /** -1 when there is none. */
  readonly leader: number
  /** 0 recovered, 1 recovering. */
  readonly leaderRecoveryState: number
  readonly leaderEpoch: number
  readonly partitionEpoch: number
  /** Directory id of each replica, in the order of `replicas`. */
  readonly directories: readonly string[]
}

export interface TopicImage {
  readonly name: string
  readonly id: string
  /** Indexed by partition. */
  readonly partitions: readonly PartitionImage[]
}

export interface BrokerEndpointImage {
  readonly name: string
  readonly host: string
  readonly port: number
  /** 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL. */
  readonly securityProtocol: number
}

export interface BrokerImage {
  readonly id: number
  readonly epoch: number
  readonly incarnationId: string
  readonly endpoints: readonly BrokerEndpointImage[]
  readonly rack: string | null
  readonly isFenced: boolean
  readonly inControlledShutdown: boolean
  readonly logDirs: readonly string[]
  /** Of these: where no new replica is to go. */
  readonly cordonedLogDirs?: readonly string[]
  readonly features: ReadonlyMap<string, { minVersion: number; maxVersion: number }>
}

export interface ControllerImage {
  readonly id: number
  readonly incarnationId: string
  readonly endpoints: readonly BrokerEndpointImage[]
  readonly features: ReadonlyMap<string, { minVersion: number; maxVersion: number }>
}

/** ConfigResource types as on the wire: 2 topic, 4 broker (name '' is the cluster-wide default). */
export type ConfigResourceType = 2 | 4 | 16 | 32

export interface MetadataImage {
  readonly clusterId: string
  /** Last offset applied, -1 before the first. */
  readonly offset: number
  readonly epoch: number
  readonly topicsByName: ReadonlyMap<string, TopicImage>
  readonly topicsById: ReadonlyMap<string, TopicImage>
  readonly brokers: ReadonlyMap<number, BrokerImage>
  /** Key `${type}:${name}` → overrides. */
  readonly configs: ReadonlyMap<string, ReadonlyMap<string, string>>
  readonly features: ReadonlyMap<string, number>
  readonly nextProducerId: number
  /** Controllers by id (RegisterControllerRecord). */
  readonly controllers: ReadonlyMap<number, ControllerImage>
  /**
   * Records of what is not served (ACLs, SCRAM credentials, quotas, delegation tokens), framed, by what
   * they are about: kept so that a snapshot loses nothing of a log that Apache Kafka wrote.
   */
  readonly unserved: ReadonlyMap<string, Buffer>
}

/** What one commit changed; `image` is the one after it. */
export interface MetadataDelta {
  readonly previous: MetadataImage
  readonly image: MetadataImage
  /** Names of topics created, or with any partition changed. */
  readonly changedTopics: ReadonlySet<string>
  /** Topics removed, as they were. */
  readonly deletedTopics: readonly TopicImage[]
  readonly changedBrokers: ReadonlySet<number>
  /** Keys of `configs` that changed. */
  readonly changedConfigs: ReadonlySet<string>
}

export type MetadataListener = (delta: MetadataDelta) => void | Promise<void>

/** The broker's view of the committed metadata. Implemented by `MetadataPublisher` in publisher.ts. */
export interface MetadataView {
  readonly image: MetadataImage
  /** Listeners are called in order of subscription, each awaited. */
  subscribe(name: string, listener: MetadataListener): void
  /** Resolves once the image has reached `offset`; rejects after `timeoutMs`. */
  waitForOffset(offset: number, timeoutMs: number): Promise<void>
}
