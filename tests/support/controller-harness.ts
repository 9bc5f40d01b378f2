// A controller without quorum, network or clock: operations are applied as soon as they are decided. Scenario tests
// read its partitions as lines of text.

import { BrokerSessions } from '../../broker/controller/broker-sessions.ts'
import { fenceBroker, findStaleBroker } from '../../broker/controller/brokers.ts'
import type {
  ControllerResult,
  ControllerSettings,
  ControllerState,
} from '../../broker/controller/controller-state.ts'
import { runRequest } from '../../broker/controller/requests.ts'
import { bootstrapRecords, supportedFeatures } from '../../broker/metadata/bootstrap.ts'
import { applyRecords, emptyImage } from '../../broker/metadata/image.ts'
import type { MetadataImage, PartitionImage } from '../../broker/metadata/image-types.ts'
import type { MetadataRecord } from '../../broker/metadata/records.ts'
import { type Api, decodeRequest, type Encodable, encodeRequest } from '../../protocol/api.ts'
import { errorName, KafkaError } from '../../protocol/errors.ts'
import { CreateTopics } from '../../protocol/schemas/19-create-topics.ts'
import { ElectLeaders } from '../../protocol/schemas/43-elect-leaders.ts'
import { IncrementalAlterConfigs } from '../../protocol/schemas/44-incremental-alter-configs.ts'
import { AlterPartition } from '../../protocol/schemas/56-alter-partition.ts'
import { BrokerRegistration } from '../../protocol/schemas/62-broker-registration.ts'
import { BrokerHeartbeat } from '../../protocol/schemas/63-broker-heartbeat.ts'
import { SeededRandom } from './memory-runtime.ts'

export const CLUSTER_ID = 'Y2x1c3RlcgAAAAAAAAAAAA'
export const SESSION_TIMEOUT_MS = 9000

/** A directory id that is the same in every run. */
export function directoryOf(brokerId: number): string {
  return Buffer.from(`directory-of-${String(brokerId).padStart(3, '0')}`).toString('base64url')
}

export function testSettings(overrides: Partial<ControllerSettings> = {}): ControllerSettings {
  return {
    nodeId: 1,
    clusterId: CLUSTER_ID,
    configOwner: { nodeId: 1, staticConfigs: new Map() },
    defaultNumPartitions: 1,
    defaultReplicationFactor: 1,
    deleteTopicEnable: true,
    changesPerTurnMax: 200,
    firstContactTimeoutMs: 500,
    ...overrides,
  }
}

export class PureController {
  readonly settings: ControllerSettings
  readonly random: SeededRandom
  sessions = new BrokerSessions(SESSION_TIMEOUT_MS)
  image: MetadataImage
  nowMs = 0
  activeSinceMs = 0
  /** Records of the last operation. */
  lastRecords: readonly MetadataRecord[] = []
  #incarnations = 0

  constructor(overrides: Partial<ControllerSettings> = {}, seed: number | string = 1) {
    this.settings = testSettings(overrides)
    this.random = new SeededRandom(String(seed))
    this.image = applyRecords(emptyImage(CLUSTER_ID), bootstrapRecords('1')).image
  }

  get state(): ControllerState {
    const { image, sessions, settings, random, nowMs, activeSinceMs } = this
    const nextOffset = image.offset + 1
    return { image, sessions, settings, random, nowMs, activeSinceMs, nextOffset }
  }

  run<Reply>(operation: (state: ControllerState) => ControllerResult<Reply>): Reply {
    const { records, reply } = operation(this.state)
    this.apply(records)
    return reply
  }

  apply(records: readonly MetadataRecord[]): void {
    this.lastRecords = records
    this.image = applyRecords(this.image, records).image
  }

  /** Another controller takes over: sessions begin anew, for brokers it has not heard. */
  failOver(): void {
    this.sessions = new BrokerSessions(SESSION_TIMEOUT_MS)
    this.activeSinceMs = this.nowMs
    for (const { id, epoch } of this.image.brokers.values()) {
      this.sessions.start(id, { nowMs: this.nowMs, registrationOffset: epoch })
    }
  }

  /** Through the codec, so that fields left out have their defaults. Throws what the request fails with. */
  request<Request, Response>(
    api: Api<Request, Response>,
    request: Encodable<Request>,
    version = api.maxVersion,
  ): Encodable<Response> {
    const bytes = Buffer.concat(encodeRequest(api, version, request))
    const decoded = decodeRequest(api, version, bytes)
    return this.run((state) => runRequest(state, api, { request: decoded, version }))
  }

  /** The name of the error that the whole request fails with, or 'NONE'. */
  errorOf<Request, Response>(
    api: Api<Request, Response>,
    request: Encodable<Request>,
    version = api.maxVersion,
  ): string {
    try {
      this.request(api, request, version)
      return 'NONE'
    } catch (error) {
      if (error instanceof KafkaError) return errorName(error.code)
      throw error
    }
  }

  /** A new incarnation unless `incarnationId` is given. Gives the broker epoch. */
  register(
    brokerId: number,
    options: {
      rack?: string | null
      incarnationId?: string
      logDirs?: string[]
      host?: string
      previousBrokerEpoch?: number
    } = {},
  ): number {
    this.#incarnations += 1
    const { brokerEpoch } = this.request(BrokerRegistration, {
      brokerId,
      clusterId: CLUSTER_ID,
      incarnationId: options.incarnationId ?? incarnation(brokerId, this.#incarnations),
      listeners: [
        {
          name: 'PLAINTEXT',
          host: options.host ?? `broker${brokerId}`,
          port: 9092,
          securityProtocol: 0,
        },
      ],
      features: [...supportedFeatures].map(([name, { minVersion, maxVersion }]) => ({
        name,
        minSupportedVersion: minVersion,
        maxSupportedVersion: maxVersion,
      })),
      rack: options.rack ?? null,
      logDirs: options.logDirs ?? [directoryOf(brokerId)],
      previousBrokerEpoch: options.previousBrokerEpoch ?? -1,
    })
    return brokerEpoch ?? -1
  }

  heartbeat(
    brokerId: number,
    wants: {
      wantFence?: boolean
      wantShutDown?: boolean
      at?: number
      offline?: string[]
      cordoned?: string[]
    } = {},
  ) {
    return this.request(BrokerHeartbeat, {
      brokerId,
      brokerEpoch: this.image.brokers.get(brokerId)?.epoch ?? -1,
      currentMetadataOffset: wants.at ?? this.image.offset,
      wantFence: wants.wantFence ?? false,
      wantShutDown: wants.wantShutDown ?? false,
      offlineLogDirs: wants.offline ?? [],
      cordonedLogDirs: wants.cordoned ?? null,
    })
  }

  /** Registered, caught up, unfenced. */
  start(...brokerIds: number[]): void {
    for (const brokerId of brokerIds) {
      this.register(brokerId)
      this.heartbeat(brokerId)
    }
  }

  /** Time passes without a word from `silent`, whose sessions end; the others go on. */
  loseSession(...silent: number[]): void {
    const others = [...this.image.brokers.values()].filter(
      ({ id, isFenced }) => !isFenced && !silent.includes(id),
    )
    this.nowMs += SESSION_TIMEOUT_MS + 1
    for (const { id } of others) this.heartbeat(id)
    for (let id = findStaleBroker(this.state); id !== null; id = findStaleBroker(this.state)) {
      this.apply(fenceBroker(this.state, id))
    }
  }

  fence(brokerId: number): void {
    this.apply(fenceBroker(this.state, brokerId))
  }

  createTopic(name: string, assignments: readonly (readonly number[])[], configs = {}): string {
    const { topics } = this.request(CreateTopics, {
      topics: [
        {
          name,
          numPartitions: -1,
          replicationFactor: -1,
          assignments: assignments.map((brokerIds, partitionIndex) => ({
            partitionIndex,
            brokerIds: [...brokerIds],
          })),
          configs: Object.entries(configs).map(([key, value]) => ({
            name: key,
            value: String(value),
          })),
        },
      ],
    })
    const created = topics?.[0]
    if (created?.errorCode !== 0) throw new Error(`topic ${name}: ${created?.errorMessage}`)
    return created.topicId ?? ''
  }

  setTopicConfig(topic: string, name: string, value: string): void {
    this.request(IncrementalAlterConfigs, {
      resources: [
        {
          resourceType: 2,
          resourceName: topic,
          configs: [{ name, configOperation: 0, value }],
        },
      ],
    })
  }

  partition(topic: string, partition = 0): PartitionImage {
    const found = this.image.topicsByName.get(topic)?.partitions[partition]
    if (found === undefined) throw new Error(`there is no ${topic}-${partition}`)
    return found
  }

  /** 'leader 1 isr 1,2,3 epoch 0/0' : leader epoch and partition epoch. */
  show(topic: string, partition = 0): string {
    const { leader, isr, elr, leaderEpoch, partitionEpoch, leaderRecoveryState } = this.partition(
      topic,
      partition,
    )
    const who = leader < 0 ? 'no leader' : `leader ${leader}`
    const recovering = leaderRecoveryState === 1 ? ' recovering' : ''
    const eligible = elr.length > 0 ? ` elr ${elr.join(',')}` : ''
    return `${who} isr ${isr.join(',')}${eligible} epoch ${leaderEpoch}/${partitionEpoch}${recovering}`
  }
}

function incarnation(brokerId: number, count: number): string {
  const text = `incarnation${String(brokerId).padStart(2, '0')}${String(count).padStart(3, '0')}`
  return Buffer.from(text).toString('base64url')
}

export function threeBrokers(): PureController {
  const controller = new PureController()
  controller.start(1, 2, 3)
  return controller
}

export function elect(
  controller: PureController,
  electionType: number,
  topic: string,
  partition = 0,
) {
  const { replicaElectionResults } = controller.request(ElectLeaders, {
    electionType,
    topicPartitions: [{ topic, partitions: [partition] }],
  })
  const result = replicaElectionResults?.[0]?.partitionResult?.[0]
  return `${errorName(result?.errorCode ?? -1)} ${result?.errorMessage ?? ''}`.trim()
}

export interface Proposal {
  from: number
  isr: number[]
  leaderEpoch?: number
  partitionEpoch?: number
  epochs?: Record<number, number>
  recoveryState?: number
}

export function propose(
  controller: PureController,
  topicId: string,
  proposal: Proposal,
  { version = 3, partition = 0 }: { version?: number; partition?: number } = {},
) {
  const epochOf = (id: number) => controller.image.brokers.get(id)?.epoch ?? -1
  const { from, isr } = proposal
  const { topics } = controller.request(
    AlterPartition,
    {
      brokerId: from,
      brokerEpoch: epochOf(from),
      topics: [
        {
          topicId,
          partitions: [
            {
              partitionIndex: partition,
              leaderEpoch: proposal.leaderEpoch ?? 0,
              partitionEpoch: proposal.partitionEpoch ?? 0,
              newIsr: isr,
              newIsrWithEpochs: isr.map((brokerId) => ({
                brokerId,
                brokerEpoch: proposal.epochs?.[brokerId] ?? epochOf(brokerId),
              })),
              leaderRecoveryState: proposal.recoveryState ?? 0,
            },
          ],
        },
      ],
    },
    version,
  )
  return errorName(topics?.[0]?.partitions?.[0]?.errorCode ?? -1)
}
