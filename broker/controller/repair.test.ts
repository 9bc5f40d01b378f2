// A broker with more places than one turn may take from it: they go in pieces, also across a change of controller,
// and meanwhile nobody takes the broker for what it was.
import { expect, test } from 'vitest'
import {
  CLUSTER_ID,
  type PureController,
  testSettings,
  threeBrokers,
} from '../../tests/support/controller-harness.ts'
import { createWorld } from '../../tests/support/memory-runtime.ts'
import { OneNodeQuorum } from '../../tests/support/one-node-quorum.ts'
import type { MetadataImage } from '../metadata/image-types.ts'
import { MetadataPublisher } from '../metadata/publisher.ts'
import { createRecord } from '../metadata/records.ts'
import { partitionRecord } from '../metadata/snapshot.ts'
import { ControllerNode, defaultControllerNodeSettings } from './controller-node.ts'
import { countPlaces } from './elections.ts'
import { defaultFailureDetectorSettings } from './failure-detector.ts'
import { beginRepair, repairSlice } from './repair.ts'

const PARTITIONS = 40
const PER_TURN = 7

function busy(): PureController {
  const controller = threeBrokers()
  const lists = Array.from({ length: PARTITIONS }, (_, at) => [1 + (at % 3), 1 + ((at + 1) % 3)])
  controller.createTopic('t', lists)
  controller.settings.changesPerTurnMax = PER_TURN
  return controller
}

function repairAll(controller: PureController): number {
  let turns = 0
  let cursor: ReturnType<typeof beginRepair> | null = beginRepair(controller.image)
  while (cursor !== null) {
    const at: ReturnType<typeof beginRepair> = cursor
    cursor = controller.run((state) => repairSlice(state, at))
    expect(controller.lastRecords.length).toBeLessThanOrEqual(PER_TURN)
    turns += 1
  }
  return turns
}

const places = (image: MetadataImage, id: number) => countPlaces(image, id)

test('fenced first, then out of its places piece by piece', () => {
  const controller = busy()
  const before = places(controller.image, 1)
  controller.fence(1)
  expect(controller.lastRecords[0]?.type).toBe('brokerRegistrationChange')
  expect(controller.image.brokers.get(1)?.isFenced).toBe(true)
  expect(places(controller.image, 1)).toBe(before - PER_TURN)
  expect(repairAll(controller)).toBeGreaterThan(2)
  expect(places(controller.image, 1)).toBe(0)
  const leaders = controller.image.topicsByName.get('t')?.partitions.map(({ leader }) => leader)
  expect(leaders?.every((leader) => leader === 2 || leader === 3)).toBe(true)
})

test('not unfenced, and no new incarnation of it registered, before it is out of them', () => {
  const controller = busy()
  controller.fence(1)
  expect(controller.heartbeat(1).isFenced).toBe(true)
  const { incarnationId } = controller.image.brokers.get(1) ?? {}
  expect(controller.register(1)).toBe(-1)
  expect(controller.image.brokers.get(1)?.incarnationId).toBe(incarnationId)
  repairAll(controller)
  expect(controller.register(1)).toBeGreaterThan(0)
  expect(controller.heartbeat(1).isFenced).toBe(false)
})

test('a new incarnation of one that was never fenced is fenced first', () => {
  const controller = busy()
  controller.nowMs += 1
  controller.loseSession(3)
  controller.nowMs += 10_000
  expect(controller.register(1)).toBe(-1)
  expect(controller.image.brokers.get(1)?.isFenced).toBe(true)
})

test('a broker that wants to shut down may go once it has no places', () => {
  const controller = busy()
  expect(controller.heartbeat(1, { wantShutDown: true }).shouldShutDown).toBe(false)
  expect(controller.heartbeat(1, { wantShutDown: true }).shouldShutDown).toBe(false)
  repairAll(controller)
  for (const id of [2, 3]) controller.heartbeat(id)
  expect(controller.heartbeat(1, { wantShutDown: true }).shouldShutDown).toBe(true)
})

test('the next active controller goes on where the last one stopped', async () => {
  const world = createWorld({ seed: 1 })
  const runtime = world.host('controller')
  const quorum = new OneNodeQuorum(1)
  const publisher = new MetadataPublisher({ runtime, clusterId: CLUSTER_ID })
  const node = new ControllerNode({
    runtime,
    raft: quorum,
    committed: publisher,
    settings: {
      ...testSettings(),
      ...defaultControllerNodeSettings,
      changesPerTurnMax: PER_TURN,
      failureDetection: { ...defaultFailureDetectorSettings, isEnabled: false },
    },
  })
  publisher.attach(node)
  quorum.feed(publisher)
  quorum.lead()
  const { image } = busy()
  // What another controller had written when it stopped: broker 1 fenced, its places still its own.
  const records = [...image.brokers.values()].map((broker) =>
    createRecord('registerBroker', {
      brokerId: broker.id,
      incarnationId: broker.incarnationId,
      brokerEpoch: broker.epoch,
      logDirs: [...broker.logDirs],
      fenced: broker.id === 1,
    }),
  )
  for (const topic of image.topicsByName.values()) {
    records.push(createRecord('topic', { name: topic.name, topicId: topic.id }))
    for (const partition of topic.partitions) records.push(partitionRecord(topic.id, partition))
  }
  quorum.scheduleAppend(
    quorum.leaderAndEpoch.epoch,
    records.map(({ framed }) => framed),
  )
  quorum.commit()
  quorum.follow(2)
  expect(places(publisher.committedImage, 1)).toBeGreaterThan(PER_TURN)
  quorum.lead()
  await world.runUntil(() => places(publisher.committedImage, 1) === 0, 1000)
  node.close()
})
