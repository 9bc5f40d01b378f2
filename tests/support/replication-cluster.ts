// Brokers with real logs, real replica managers and real connections in a memory world, under a controller
// that does what the test says: it elects, fences and answers AlterPartition, and tells every broker.
import { fetch as fetchHandler } from '../../broker/api/01-fetch.ts'
import { listOffsets as listOffsetsHandler } from '../../broker/api/02-list-offsets.ts'
import { apiVersionsHandler } from '../../broker/api/18-api-versions.ts'
import { createDispatcher } from '../../broker/api/dispatch.ts'
import type { AnyHandler, BrokerServices } from '../../broker/api/types.ts'
import type { ControllerChannel } from '../../broker/controller/types.ts'
import { defaultLogManagerSettings, LogManager } from '../../broker/log/log-manager.ts'
import type { LogConfig } from '../../broker/log/types.ts'
import { emptyImage } from '../../broker/metadata/image.ts'
import type {
  BrokerImage,
  MetadataImage,
  PartitionImage,
  TopicImage,
} from '../../broker/metadata/image-types.ts'
import { Registry } from '../../broker/metrics/registry.ts'
import { defaultListenerSettings, SocketListener } from '../../broker/network/listener.ts'
import {
  defaultReplicationSettings,
  ReplicaManager,
  type ReplicationSettings,
} from '../../broker/replication/replica-manager.ts'
import type { ProduceResult } from '../../broker/replication/types.ts'
import type { Runtime } from '../../broker/runtime/runtime.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import type {
  AlterPartitionRequest,
  AlterPartitionResponse,
} from '../../protocol/schemas/56-alter-partition.ts'
import {
  AllocateProducerIds,
  type AllocateProducerIdsResponse,
} from '../../protocol/schemas/67-allocate-producer-ids.ts'
import {
  AssignReplicasToDirs,
  type AssignReplicasToDirsRequest,
} from '../../protocol/schemas/73-assign-replicas-to-dirs.ts'
import { createWorld, type World } from './memory-runtime.ts'
import {
  assignReplicas,
  batchOf,
  newPartition,
  noPartition,
  ScriptedMetadata,
  testLogConfig,
  valuesIn,
} from './replication-parts.ts'

export { batchOf, valuesIn } from './replication-parts.ts'

const METADATA_LATENCY_MS = [0.2, 3] as const

export interface TestBroker {
  readonly id: number
  readonly runtime: Runtime
  readonly metadata: ScriptedMetadata
  readonly logs: LogManager
  readonly replicas: ReplicaManager
  readonly metrics: Registry
  readonly listener: SocketListener
  /** For handlers; the coordinators and the quorum are not among them. */
  readonly services: BrokerServices
  readonly epoch: number
}

export interface ReplicationClusterOptions {
  seed: number | string
  brokerIds?: readonly number[]
  logConfig?: Partial<LogConfig>
  settings?: Partial<ReplicationSettings>
}

export class ReplicationCluster {
  readonly world: World
  readonly brokers = new Map<number, TestBroker>()
  readonly #options: ReplicationClusterOptions
  image: MetadataImage
  /** What an AlterPartition is answered instead of being done. */
  alterPartitionError: number | null = null
  /** While true AlterPartition waits. */
  isControllerDown = false
  #nextBrokerEpoch = 100
  #nextProducerId = 0

  constructor(options: ReplicationClusterOptions) {
    this.#options = options
    this.world = createWorld({ seed: options.seed })
    this.image = emptyImage('test-cluster')
  }

  static async start(options: ReplicationClusterOptions): Promise<ReplicationCluster> {
    const cluster = new ReplicationCluster(options)
    for (const id of options.brokerIds ?? [1, 2, 3]) await cluster.startBroker(id)
    return cluster
  }

  broker(id: number): TestBroker {
    const broker = this.brokers.get(id)
    if (broker === undefined) throw new Error(`broker ${id} does not run`)
    return broker
  }

  /** A new process on the host's disk, registered and unfenced. */
  async startBroker(id: number): Promise<TestBroker> {
    const runtime = this.world.host(`broker${id}`)
    this.#nextBrokerEpoch += 1
    const epoch = this.#nextBrokerEpoch
    const starting = this.#open(id, epoch, runtime)
    const broker = await this.world.run(starting)
    this.brokers.set(id, broker)
    // As Kafka does: what the last incarnation was leaves every ISR and leadership first.
    this.fence(id)
    this.#registerBroker(broker)
    this.#electLeaderless(id)
    broker.metadata.deliver(this.image)
    await this.world.run(broker.replicas.start())
    return broker
  }

  /** The last member of an ISR leads again when it is back. */
  #electLeaderless(id: number): void {
    for (const topic of [...this.image.topicsByName.values()]) {
      for (const { partition, isr, leader } of topic.partitions) {
        if (leader === -1 && isr.includes(id)) this.elect(topic.name, id, isr, partition)
      }
    }
  }

  /** Ends the process; the controller fences it and elects others when told to by `fence`. */
  crash(id: number, options: { powerLoss: boolean } = { powerLoss: false }): void {
    this.brokers.delete(id)
    this.world.crash(`broker${id}`, { tornWrites: options.powerLoss, ...options })
  }

  createTopic(
    name: string,
    assignments: readonly (readonly number[])[],
    config: Readonly<Record<string, string>> = {},
  ): void {
    const id = this.world.host('controller').random.uuid()
    const partitions = assignments.map((replicas, partition) => newPartition(partition, replicas))
    this.#changeTopic({ name, id, partitions })
    this.setTopicConfig(name, config)
  }

  deleteTopic(name: string): void {
    const topic = this.image.topicsByName.get(name)
    const topicsByName = new Map(this.image.topicsByName)
    const topicsById = new Map(this.image.topicsById)
    topicsByName.delete(name)
    topicsById.delete(topic?.id ?? '')
    this.#publish({ topicsByName, topicsById })
  }

  setTopicConfig(name: string, config: Readonly<Record<string, string>>): void {
    this.#setConfig(`2:${name}`, config)
  }

  setBrokerConfig(id: number, config: Readonly<Record<string, string>>): void {
    this.#setConfig(`4:${id}`, config)
  }

  #setConfig(key: string, config: Readonly<Record<string, string>>): void {
    const configs = new Map(this.image.configs)
    configs.set(key, new Map(Object.entries(config)))
    this.#publish({ configs })
  }

  /** As a reassignment does: other replicas, in the same leader epoch. */
  reassign(topic: string, change: Partial<PartitionImage>, partition = 0): void {
    const before = this.partition(topic, partition)
    this.#changePartition(topic, {
      ...before,
      ...change,
      partitionEpoch: before.partitionEpoch + 1,
    })
  }

  partition(topic: string, partition = 0): PartitionImage {
    const image = this.image.topicsByName.get(topic)?.partitions[partition]
    if (image === undefined) throw new Error(`no partition ${topic}-${partition}`)
    return image
  }

  /** Leader and ISR as told; the leader epoch goes up when the leader changes. */
  elect(topic: string, leader: number, isr: readonly number[], partition = 0): void {
    const before = this.partition(topic, partition)
    this.#changePartition(topic, {
      ...before,
      leader,
      isr,
      leaderEpoch: before.leader === leader ? before.leaderEpoch : before.leaderEpoch + 1,
      partitionEpoch: before.partitionEpoch + 1,
    })
  }

  /** Same leader, next epoch. */
  reelect(topic: string, partition = 0): void {
    const before = this.partition(topic, partition)
    this.#changePartition(topic, {
      ...before,
      leaderEpoch: before.leaderEpoch + 1,
      partitionEpoch: before.partitionEpoch + 1,
    })
  }

  /** Session expiry: out of every ISR, leaderships to the first of the remaining ISR. */
  fence(id: number): void {
    this.#changeBroker(id, { isFenced: true })
    for (const topic of [...this.image.topicsByName.values()]) {
      for (const { partition, isr, leader } of topic.partitions) {
        if (!isr.includes(id)) continue
        const rest = isr.filter((member) => member !== id)
        const next = leader === id ? (rest[0] ?? -1) : leader
        this.elect(topic.name, next, rest.length > 0 ? rest : isr, partition)
      }
    }
  }

  unfence(id: number): void {
    this.#changeBroker(id, { isFenced: false })
  }

  /** Client calls on the broker that the controller says leads. */
  leader(topic: string, partition = 0): TestBroker {
    return this.broker(this.partition(topic, partition).leader)
  }

  produceTo(
    broker: TestBroker,
    topic: string,
    values: readonly string[],
    options: { acks?: -1 | 0 | 1; timeoutMs?: number; partition?: number } = {},
  ): Promise<ProduceResult> {
    const { acks = -1, timeoutMs = 5_000, partition = 0 } = options
    return broker.replicas
      .produce([{ topic, partition, records: batchOf(values) }], {
        acks,
        timeoutMs,
        origin: 'client',
        allowInternalTopics: false,
      })
      .then((results) => results[0] as ProduceResult)
  }

  /** On the leader; runs the world until answered. */
  produce(
    topic: string,
    values: readonly string[],
    options: { acks?: -1 | 0 | 1; timeoutMs?: number; partition?: number } = {},
  ): Promise<ProduceResult> {
    const leader = this.leader(topic, options.partition)
    return this.world.run(this.produceTo(leader, topic, values, options))
  }

  /** All values in one replica's log, committed or not. */
  async valuesOn(id: number, topic: string, partition = 0): Promise<string[]> {
    const log = this.broker(id).logs.get({ topic, partition })
    if (log === null) throw new Error(`broker ${id} has no log of ${topic}-${partition}`)
    const values: string[] = []
    for (let offset = log.logStartOffset; offset < log.logEndOffset; ) {
      const reading = Promise.resolve(
        log.read({
          offset,
          maxBytes: 1024 * 1024,
          minOneBatch: true,
          endOffsetExclusive: log.logEndOffset,
        }),
      )
      const read = await this.world.run(reading)
      values.push(...valuesIn(read.records))
      offset = read.nextOffset
    }
    return values
  }

  /** Until all replicas of all partitions are in the ISR and hold the leader's whole log. */
  async settle(limitMs = 60_000): Promise<void> {
    await this.world.runUntil(() => this.#isSettled(), limitMs)
  }

  #isSettled(): boolean {
    for (const topic of this.image.topicsByName.values()) {
      for (const { partition, replicas, isr, leader } of topic.partitions) {
        if (isr.length !== replicas.length) return false
        const ends = replicas.map((id) => {
          const view = this.brokers.get(id)?.replicas.get({ topic: topic.name, partition })
          return view?.isLeader === (id === leader) ? view.log?.logEndOffset : undefined
        })
        if (ends.some((end) => end === undefined || end !== ends[0])) return false
      }
    }
    return true
  }

  async #open(id: number, epoch: number, runtime: Runtime): Promise<TestBroker> {
    const metrics = new Registry(runtime)
    const metadata = new ScriptedMetadata(emptyImage('test-cluster'))
    const logs = await openLogs(id, runtime)
    logs.start()
    const replicas = new ReplicaManager({
      runtime,
      settings: {
        ...defaultReplicationSettings,
        brokerId: id,
        interBrokerListenerName: 'PLAINTEXT',
        ...this.#options.settings,
      },
      logs,
      metadata,
      controller: this.#channel(runtime),
      metrics,
      localBrokerEpoch: () => epoch,
      isOwnRegistration: (registration) => registration.epoch === epoch,
      logConfigOf: (topic, image) => this.#logConfigOf(topic, image),
    })
    const served: AnyHandler[] = []
    served.push(
      fetchHandler as AnyHandler,
      listOffsetsHandler as AnyHandler,
      apiVersionsHandler(['broker'], () => served) as AnyHandler,
    )
    // Safe because the handlers served here use none of the other services.
    const services = {
      runtime,
      metadata,
      replicas,
      logs,
      metrics,
      controller: this.#channel(runtime),
      authorize: () => true,
      config: { fetchSessionCacheSlots: 1000 },
    } as unknown as BrokerServices
    const { clock, logger } = runtime
    const dispatcher = createDispatcher({
      services: () => services,
      handlers: served,
      clock,
      logger,
      metrics,
    })
    const listener = await SocketListener.open({
      name: 'PLAINTEXT',
      endpoint: { host: `broker${id}`, port: 9092 },
      runtime,
      settings: defaultListenerSettings,
      ...dispatcher,
    })
    return { id, runtime, metadata, logs, replicas, metrics, listener, services, epoch }
  }

  #logConfigOf(topic: string, image: MetadataImage = this.image): LogConfig {
    const overrides = image.configs.get(`2:${topic}`)
    const minIsr = Number(overrides?.get('min.insync.replicas') ?? 1)
    return { ...testLogConfig, ...this.#options.logConfig, minInsyncReplicas: minIsr }
  }

  #channel(runtime: Runtime): ControllerChannel {
    const cluster = this
    return {
      activeControllerId: 1,
      send(api, request) {
        return new Promise((resolve) => {
          const attempt = (): void => {
            if (cluster.isControllerDown) {
              runtime.timers.set(100, attempt)
              return
            }
            const response = cluster.#answer(api.key, request)
            runtime.timers.set(1, () => resolve(response as never))
          }
          runtime.timers.set(1, attempt)
        })
      },
    }
  }

  #answer(apiKey: number, request: unknown): unknown {
    if (apiKey === AllocateProducerIds.key) return this.#allocateProducerIds()
    if (apiKey === AssignReplicasToDirs.key) {
      return assignReplicas(
        this.image,
        request as AssignReplicasToDirsRequest,
        (topic, partition) => this.#changePartition(topic, partition),
      )
    }
    return this.#alterPartition(request as AlterPartitionRequest)
  }

  #allocateProducerIds(): Partial<AllocateProducerIdsResponse> {
    this.#nextProducerId += 1_000
    return { errorCode: 0, producerIdStart: this.#nextProducerId, producerIdLen: 1_000 }
  }

  #alterPartition(request: AlterPartitionRequest): Partial<AlterPartitionResponse> {
    const topics = request.topics.map(({ topicId, partitions }) => ({
      topicId,
      partitions: partitions.map((asked) => {
        const topic = this.image.topicsById.get(topicId)
        const before = topic?.partitions[asked.partitionIndex]
        const errorCode = this.#alterError(request, before, asked)
        if (errorCode !== ErrorCode.NONE || before === undefined || topic === undefined) {
          return { ...noPartition, partitionIndex: asked.partitionIndex, errorCode }
        }
        const isr = asked.newIsrWithEpochs.map((member) => member.brokerId)
        const after = { ...before, isr, partitionEpoch: before.partitionEpoch + 1 }
        this.#changePartition(topic.name, after)
        const { leader, leaderEpoch, partitionEpoch } = after
        const answer = { leaderId: leader, leaderEpoch, isr, partitionEpoch }
        return { ...noPartition, ...answer, partitionIndex: asked.partitionIndex, errorCode }
      }),
    }))
    return { errorCode: ErrorCode.NONE, topics }
  }

  #alterError(
    request: AlterPartitionRequest,
    before: PartitionImage | undefined,
    asked: AlterPartitionRequest['topics'][number]['partitions'][number],
  ): number {
    if (before === undefined) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    if (before.leader !== request.brokerId) return ErrorCode.INVALID_REQUEST
    if (before.leaderEpoch !== asked.leaderEpoch) return ErrorCode.FENCED_LEADER_EPOCH
    if (before.partitionEpoch !== asked.partitionEpoch) return ErrorCode.INVALID_UPDATE_VERSION
    if (this.alterPartitionError !== null) return this.alterPartitionError
    const isIneligible = asked.newIsrWithEpochs.some(({ brokerId, brokerEpoch }) => {
      const broker = this.image.brokers.get(brokerId)
      return broker?.isFenced !== false || (brokerEpoch !== -1 && broker.epoch !== brokerEpoch)
    })
    return isIneligible ? ErrorCode.INELIGIBLE_REPLICA : ErrorCode.NONE
  }

  #registerBroker({ id, epoch, listener }: TestBroker): void {
    const brokers = new Map(this.image.brokers)
    brokers.set(id, {
      id,
      epoch,
      incarnationId: `incarnation-${epoch}`,
      endpoints: [{ name: 'PLAINTEXT', ...listener.endpoint, securityProtocol: 0 }],
      rack: null,
      isFenced: false,
      inControlledShutdown: false,
      logDirs: [],
      features: new Map(),
    })
    this.#publish({ brokers })
  }

  #changeBroker(id: number, change: Partial<BrokerImage>): void {
    const brokers = new Map(this.image.brokers)
    const before = brokers.get(id)
    if (before !== undefined) brokers.set(id, { ...before, ...change })
    this.#publish({ brokers })
  }

  #changePartition(name: string, partition: PartitionImage): void {
    const topic = this.image.topicsByName.get(name)
    if (topic === undefined) return
    const partitions = [...topic.partitions]
    partitions[partition.partition] = partition
    this.#changeTopic({ ...topic, partitions })
  }

  #changeTopic(topic: TopicImage): void {
    const topicsByName = new Map(this.image.topicsByName).set(topic.name, topic)
    const topicsById = new Map(this.image.topicsById).set(topic.id, topic)
    this.#publish({ topicsByName, topicsById })
  }

  #publish(change: Partial<MetadataImage>): void {
    this.image = { ...this.image, ...change, offset: this.image.offset + 1 }
    const { image } = this
    for (const { runtime, metadata } of this.brokers.values()) {
      const [min, max] = METADATA_LATENCY_MS
      const delayMs = min + runtime.random.next() * (max - min)
      runtime.timers.set(delayMs, () => metadata.deliver(image))
    }
  }
}

function openLogs(id: number, runtime: Runtime): Promise<LogManager> {
  return LogManager.open({
    runtime,
    settings: {
      ...defaultLogManagerSettings,
      directories: ['/data'],
      clusterId: 'test-cluster',
      nodeId: id,
      defaultConfig: testLogConfig,
      checkpointIntervalMs: 5_000,
      tailRingBytes: 1024 * 1024,
    },
  })
}
