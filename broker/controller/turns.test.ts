// However many partitions a broker holds, no turn of the controller changes more than its share of them: counted over
// everything that becomes of a broker.
import { expect, test } from 'vitest'
import type { Api, Encodable } from '../../protocol/api.ts'
import { BrokerRegistration } from '../../protocol/schemas/62-broker-registration.ts'
import { BrokerHeartbeat } from '../../protocol/schemas/63-broker-heartbeat.ts'
import { UnregisterBroker } from '../../protocol/schemas/64-unregister-broker.ts'
import {
  CLUSTER_ID,
  directoryOf,
  PureController,
  testSettings,
} from '../../tests/support/controller-harness.ts'
import { createWorld, type World } from '../../tests/support/memory-runtime.ts'
import { OneNodeQuorum } from '../../tests/support/one-node-quorum.ts'
import { supportedFeatures } from '../metadata/bootstrap.ts'
import type { PartitionImage } from '../metadata/image-types.ts'
import { MetadataPublisher } from '../metadata/publisher.ts'
import { createRecord } from '../metadata/records.ts'
import { partitionRecord } from '../metadata/snapshot.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { ControllerNode, defaultControllerNodeSettings } from './controller-node.ts'
import { countPlaces } from './elections.ts'
import { defaultFailureDetectorSettings } from './failure-detector.ts'

const PARTITIONS = 900
const PER_TURN = 50
/** The record that says what becomes of the broker goes with the first changes. */
const RECORDS_PER_TURN_MAX = PER_TURN + 1
const context = { principal: 'User:ANONYMOUS', clientId: null }

/** Records appended in each turn of the event loop, and how many turns had any. */
class TurnCounter {
  readonly runtime: Runtime
  most = 0
  turns = 0
  #inThisTurn = 0

  constructor(runtime: Runtime) {
    const { timers } = runtime
    const asTurn = (callback: () => void) => () => {
      this.#inThisTurn = 0
      callback()
    }
    this.runtime = {
      ...runtime,
      timers: {
        set: (delayMs, callback) => timers.set(delayMs, asTurn(callback)),
        clear: (handle) => timers.clear(handle),
        immediate: (callback) => timers.immediate(asTurn(callback)),
      },
    }
  }

  appended(count: number): void {
    if (this.#inThisTurn === 0) this.turns += 1
    this.#inThisTurn += count
    this.most = Math.max(this.most, this.#inThisTurn)
  }

  begin(): void {
    this.most = 0
    this.turns = 0
    this.#inThisTurn = 0
  }
}

class Scene {
  readonly world: World = createWorld({ seed: 1 })
  readonly counter = new TurnCounter(this.world.host('controller'))
  readonly publisher = new MetadataPublisher({
    runtime: this.counter.runtime,
    clusterId: CLUSTER_ID,
  })
  readonly quorum = new OneNodeQuorum(9)
  readonly node: ControllerNode

  constructor() {
    const { runtime } = this.counter
    const settings = { ...testSettings(), ...defaultControllerNodeSettings, nodeId: 9 }
    this.node = new ControllerNode({
      runtime,
      raft: this.quorum,
      committed: this.publisher,
      settings: {
        ...settings,
        changesPerTurnMax: PER_TURN,
        maxIdleIntervalMs: 0,
        sessionTimeoutMs: 1_000_000,
        failureDetection: { ...defaultFailureDetectorSettings, isEnabled: false },
      },
    })
    this.publisher.attach(this.node)
    this.quorum.feed(this.publisher)
    this.quorum.lead()
    this.#fill()
    this.quorum.follow(2)
    this.quorum.lead()
    const append = this.quorum.scheduleAppend.bind(this.quorum)
    this.quorum.scheduleAppend = (epoch, records) => {
      this.counter.appended(records.length)
      return append(epoch, records)
    }
  }

  /** Three brokers with two directories each; every partition on two of them, and nobody but both will do. */
  #fill(): void {
    const model = new PureController()
    for (const id of [1, 2, 3]) {
      model.register(id, { logDirs: [directoryOf(id), directoryOf(100 + id)] })
      model.heartbeat(id)
    }
    const lists = Array.from({ length: PARTITIONS }, (_, at) => [1 + (at % 3), 1 + ((at + 1) % 3)])
    model.createTopic('t', lists)
    const { image } = model
    const records = [...image.features].map(([name, featureLevel]) =>
      createRecord('featureLevel', { name, featureLevel }),
    )
    for (const { id, epoch, incarnationId, logDirs, endpoints } of image.brokers.values()) {
      const about = { brokerId: id, incarnationId, logDirs: [...logDirs], fenced: false }
      const endPoints = endpoints.map((endpoint) => ({ ...endpoint }))
      records.push(createRecord('registerBroker', { ...about, brokerEpoch: epoch, endPoints }))
    }
    const minIsr = { name: 'min.insync.replicas', value: '2' }
    records.push(createRecord('config', { resourceType: 2, resourceName: 't', ...minIsr }))
    for (const topic of image.topicsByName.values()) {
      records.push(createRecord('topic', { name: topic.name, topicId: topic.id }))
      for (const partition of topic.partitions) {
        const directories = partition.replicas.map(directoryOf)
        records.push(partitionRecord(topic.id, { ...partition, directories }))
      }
    }
    const framed = records.map((record) => record.framed)
    this.quorum.scheduleAppend(this.quorum.leaderAndEpoch.epoch, framed)
    this.quorum.commit()
  }

  get partitions(): readonly PartitionImage[] {
    return this.node.image.topicsByName.get('t')?.partitions ?? []
  }

  places(id: number): number {
    return countPlaces(this.node.image, id)
  }

  /** Sent again until `isDone`, as a broker does. */
  async until(what: () => unknown, isDone: () => boolean): Promise<void> {
    this.counter.begin()
    for (let round = 0; round < 100 && !isDone(); round += 1) {
      await this.world.run(Promise.resolve(what()))
      await this.world.run(
        new Promise((resolve) => this.world.host('x').timers.set(100, () => resolve(null))),
      )
    }
    expect(isDone()).toBe(true)
    expect(this.counter.most).toBeLessThanOrEqual(RECORDS_PER_TURN_MAX)
  }

  send<Request, Response>(api: Api<Request, Response>, request: Request) {
    return this.node.handle(api, request, { ...context, apiVersion: api.maxVersion })
  }

  heartbeat(brokerId: number, wants: { shutDown?: boolean; offline?: string[] } = {}) {
    return this.send(BrokerHeartbeat, {
      brokerId,
      brokerEpoch: this.node.image.brokers.get(brokerId)?.epoch ?? -1,
      currentMetadataOffset: this.node.image.offset,
      wantFence: false,
      wantShutDown: wants.shutDown ?? false,
      offlineLogDirs: wants.offline ?? [],
      cordonedLogDirs: null,
    })
  }

  register(brokerId: number): Promise<Encodable<{ brokerEpoch: number }>> {
    return this.send(BrokerRegistration, {
      brokerId,
      clusterId: CLUSTER_ID,
      incarnationId: this.world.host('controller').random.uuid(),
      listeners: [{ name: 'PLAINTEXT', host: 'b', port: 9092, securityProtocol: 0 }],
      features: [...supportedFeatures].map(([name, { minVersion, maxVersion }]) => ({
        name,
        minSupportedVersion: minVersion,
        maxSupportedVersion: maxVersion,
      })),
      rack: null,
      isMigratingZkBroker: false,
      logDirs: [directoryOf(brokerId)],
      previousBrokerEpoch: -1,
    })
  }
}

test('a broker that is fenced, and comes back', async () => {
  const scene = new Scene()
  expect(scene.places(1)).toBe((PARTITIONS * 2) / 3)
  await scene.until(
    () => scene.node.fence(1),
    () => scene.places(1) === 0,
  )
  expect(scene.counter.turns).toBeGreaterThan(10)
  const isElsewhere = ({ leader }: PartitionImage) => leader === 2 || leader === 3
  expect(scene.partitions.every(isElsewhere)).toBe(true)
  const isFenced = () => scene.node.image.brokers.get(1)?.isFenced === true
  await scene.until(
    () => scene.heartbeat(1),
    () => !isFenced(),
  )
  scene.node.close()
})

test('a broker that shuts down, and one that is unregistered', async () => {
  const scene = new Scene()
  let mayGo: boolean | undefined
  await scene.until(
    async () => {
      for (const id of [2, 3]) await scene.heartbeat(id)
      mayGo = (await scene.heartbeat(1, { shutDown: true })).shouldShutDown
    },
    () => mayGo === true,
  )
  expect(scene.counter.turns).toBeGreaterThan(10)
  expect(scene.places(1)).toBe(0)
  await scene.until(
    () => scene.send(UnregisterBroker, { brokerId: 2 }),
    () => scene.places(2) === 0 && !scene.node.image.brokers.has(2),
  )
  expect(scene.counter.turns).toBeGreaterThan(10)
  scene.node.close()
})

test('a directory that is lost: nothing in it leads, the broker stays', async () => {
  const scene = new Scene()
  const offline = [directoryOf(1)]
  await scene.until(
    () => scene.heartbeat(1, { offline }),
    () => scene.places(1) === 0,
  )
  expect(scene.counter.turns).toBeGreaterThan(10)
  expect(scene.node.image.brokers.get(1)?.isFenced).toBe(false)
  expect(scene.partitions.every(({ leader }) => leader !== 1)).toBe(true)
  scene.node.close()
})

test('a broker that comes back without what it had is eligible nowhere when it is registered', async () => {
  const scene = new Scene()
  await scene.until(
    () => scene.node.fence(1),
    () => scene.places(1) === 0,
  )
  const eligible = () => scene.partitions.filter(({ elr }) => elr.includes(1)).length
  expect(eligible()).toBe((PARTITIONS * 2) / 3)
  let brokerEpoch = -1
  await scene.until(
    async () => {
      brokerEpoch = (await scene.register(1)).brokerEpoch ?? -1
      expect(brokerEpoch < 0 || eligible() === 0).toBe(true)
    },
    () => brokerEpoch >= 0,
  )
  expect(scene.counter.turns).toBeGreaterThan(10)
  scene.node.close()
})
