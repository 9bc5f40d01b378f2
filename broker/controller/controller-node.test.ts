// The controller on a quorum: replies wait for commits, a lost leadership forgets what was not committed, silence
// and death are noticed.
import { beforeEach, describe, expect, test } from 'vitest'
import type { Api, Encodable } from '../../protocol/api.ts'
import { decodeRequest, encodeRequest } from '../../protocol/api.ts'
import { CreateTopics } from '../../protocol/schemas/19-create-topics.ts'
import { BrokerRegistration } from '../../protocol/schemas/62-broker-registration.ts'
import { BrokerHeartbeat } from '../../protocol/schemas/63-broker-heartbeat.ts'
import { CLUSTER_ID, directoryOf, testSettings } from '../../tests/support/controller-harness.ts'
import { createWorld, type World } from '../../tests/support/memory-runtime.ts'
import { OneNodeQuorum } from '../../tests/support/one-node-quorum.ts'
import { MetadataPublisher } from '../metadata/publisher.ts'
import { decodeRecords } from '../metadata/records.ts'
import type { Listener } from '../runtime/runtime.ts'
import {
  ControllerNode,
  type ControllerNodeSettings,
  defaultControllerNodeSettings,
} from './controller-node.ts'
import { defaultFailureDetectorSettings } from './failure-detector.ts'

let world: World
let quorum: OneNodeQuorum
let publisher: MetadataPublisher
let node: ControllerNode

function build(overrides: Partial<ControllerNodeSettings> = {}): void {
  world = createWorld({ seed: 1 })
  const runtime = world.host('controller')
  quorum = new OneNodeQuorum(1)
  publisher = new MetadataPublisher({ runtime, clusterId: CLUSTER_ID })
  node = new ControllerNode({
    runtime,
    raft: quorum,
    committed: publisher,
    settings: {
      ...testSettings(),
      ...defaultControllerNodeSettings,
      failureDetection: defaultFailureDetectorSettings,
      ...overrides,
    },
  })
  publisher.attach(node)
  quorum.feed(publisher)
}

beforeEach(() => build())

function ask<Request, Response>(api: Api<Request, Response>, request: Encodable<Request>) {
  const version = api.maxVersion
  const bytes = Buffer.concat(encodeRequest(api, version, request))
  const context = { principal: 'User:ANONYMOUS', clientId: null, apiVersion: version }
  return node.handle(api, decodeRequest(api, version, bytes), context)
}

function createTopic(name: string) {
  return ask(CreateTopics, {
    topics: [{ name, numPartitions: 1, replicationFactor: 1 }],
  })
}

async function register(brokerId: number, incarnation = brokerId): Promise<number> {
  const { brokerEpoch, errorCode } = await ask(BrokerRegistration, {
    brokerId,
    clusterId: CLUSTER_ID,
    incarnationId: directoryOf(500 + incarnation),
    listeners: [{ name: 'PLAINTEXT', host: `broker${brokerId}`, port: 9092, securityProtocol: 0 }],
    features: [
      { name: 'metadata.version', minSupportedVersion: 7, maxSupportedVersion: 30 },
      { name: 'eligible.leader.replicas.version', minSupportedVersion: 0, maxSupportedVersion: 1 },
      { name: 'transaction.version', minSupportedVersion: 0, maxSupportedVersion: 2 },
    ],
    logDirs: [directoryOf(brokerId)],
  })
  expect(errorCode).toBe(0)
  return brokerEpoch ?? -1
}

function heartbeat(brokerId: number) {
  return ask(BrokerHeartbeat, {
    brokerId,
    brokerEpoch: node.image.brokers.get(brokerId)?.epoch ?? -1,
    currentMetadataOffset: publisher.committedImage.offset,
  })
}

async function start(...brokerIds: number[]): Promise<void> {
  for (const id of brokerIds) {
    await register(id)
    await heartbeat(id)
  }
}

const isFenced = (id: number) => publisher.committedImage.brokers.get(id)?.isFenced

/** Keeps heartbeats coming until the test ends. */
function keepAlive(...brokerIds: number[]): void {
  const beat = () => {
    for (const id of brokerIds) heartbeat(id).catch(() => undefined)
    world.host('controller').timers.set(1000, beat)
  }
  beat()
}

test('the first controller of a cluster finalizes features and sets the min ISR', () => {
  expect(node.isActive).toBe(false)
  quorum.lead()
  quorum.commit()
  expect(node.isActive).toBe(true)
  expect(Object.fromEntries(publisher.committedImage.features)).toEqual({
    'metadata.version': 30,
    'eligible.leader.replicas.version': 1,
    'transaction.version': 2,
  })
  expect(publisher.committedImage.configs.get('4:')?.get('min.insync.replicas')).toBe('1')
})

test('a reply waits for the commit of its records, a refusal for what it has seen', async () => {
  quorum.lead()
  await start(1)
  quorum.isCommitting = false
  const order: string[] = []
  const created = createTopic('t').then(({ topics }) =>
    order.push(`created ${topics?.[0]?.errorCode}`),
  )
  const refused = createTopic('t').then(({ topics }) =>
    order.push(`refused ${topics?.[0]?.errorCode}`),
  )
  await world.runFor(10)
  expect(order).toEqual([])
  expect(publisher.committedImage.topicsByName.has('t')).toBe(false)
  expect(node.image.topicsByName.has('t')).toBe(true)
  quorum.commit()
  await Promise.all([created, refused])
  expect(order).toEqual(['created 0', 'refused 36'])
})

test('losing leadership forgets what was not committed and tells its askers', async () => {
  quorum.lead()
  await start(1)
  quorum.isCommitting = false
  const lost = createTopic('lost')
  quorum.follow(2)
  await expect(lost).rejects.toMatchObject({ code: 41 })
  await expect(createTopic('t')).rejects.toMatchObject({ code: 41 })
  expect(node.isActive).toBe(false)
  quorum.isCommitting = true
  quorum.lead()
  expect(node.image.topicsByName.has('lost')).toBe(false)
  expect((await createTopic('lost')).topics?.[0]?.errorCode).toBe(0)
})

test('an append that the quorum refuses ends the leadership', async () => {
  quorum.lead()
  await start(1)
  quorum.leaderAndEpoch = { leaderId: 2, epoch: 9 }
  await expect(createTopic('t')).rejects.toMatchObject({ code: 41 })
  expect(node.isActive).toBe(false)
})

test('an idle controller writes a no-op record every half second or so', async () => {
  quorum.lead()
  quorum.commit()
  const before = quorum.batches.length
  await world.runFor(10_000)
  const written = quorum.batches.slice(before)
  expect(written.length).toBeGreaterThanOrEqual(15)
  expect(written.length).toBeLessThanOrEqual(20)
  expect(
    decodeRecords(written.flatMap(({ records }) => records)).every(({ type }) => type === 'noOp'),
  ).toBe(true)
})

test('more than one request may cause is refused, and leaves nothing', async () => {
  build({ requestRecordsMax: 10 })
  quorum.lead()
  await start(1)
  const request = { topics: [{ name: 't', numPartitions: 10, replicationFactor: 1 }] }
  await expect(ask(CreateTopics, request)).rejects.toMatchObject({ code: 44 })
  expect(node.image.topicsByName.size).toBe(0)
})

test('more operations than may wait are refused', async () => {
  build({ pendingOperationsMax: 1 })
  quorum.lead()
  await start(1)
  quorum.isCommitting = false
  const first = createTopic('a')
  await expect(createTopic('b')).rejects.toMatchObject({ code: 7 })
  quorum.commit()
  await first
})

async function listenAt(host: string): Promise<Listener> {
  return world.run(
    world.host(host).network.listen({ host, port: 9092 }, (socket) => {
      socket.onClose(() => undefined)
    }),
  )
}

describe('silence', () => {
  test('a broker without heartbeats is fenced after its session, not before', async () => {
    quorum.lead()
    await start(1, 2)
    keepAlive(1)
    await world.runFor(8_500)
    expect(isFenced(2)).toBe(false)
    await world.runFor(1_000)
    expect(isFenced(2)).toBe(true)
    expect(isFenced(1)).toBe(false)
  })

  test('a new controller gives every broker a whole session', async () => {
    quorum.lead()
    await start(1, 2)
    await listenAt('broker2')
    keepAlive(1)
    await world.runFor(8_000)
    quorum.follow(2)
    quorum.lead()
    await world.runFor(8_500)
    expect(isFenced(2)).toBe(false)
    await world.runFor(1_000)
    expect(isFenced(2)).toBe(true)
  })

  test('a controller that stood still itself does not hold it against brokers', async () => {
    quorum.lead()
    await start(1, 2)
    await world.runFor(1_000)
    world.pause('controller')
    await world.runFor(60_000)
    world.resume('controller')
    await world.runFor(1_000)
    expect([isFenced(1), isFenced(2)]).toEqual([false, false])
  })
})

describe('death', () => {
  /** A connection of the broker to this controller, and its end. */
  function connection(id: number) {
    let close: () => void = () => undefined
    const context = {
      id,
      onClose: (callback: () => void) => {
        close = callback
      },
    }
    return { context, end: () => close() }
  }

  test('a connection that ends, with nobody listening: fenced at once, and its session is gone', async () => {
    quorum.lead()
    await start(1, 2)
    world.host('broker2')
    const { context, end } = connection(7)
    node.watchHeartbeats(2, context)
    end()
    await world.runFor(50)
    expect(isFenced(2)).toBe(false)
    await world.runFor(150)
    expect(isFenced(2)).toBe(true)
    expect(await register(2, 99)).toBeGreaterThan(0)
  })

  test('a connection that ends while the broker listens: nothing happens until its session ends', async () => {
    quorum.lead()
    await start(1, 2)
    keepAlive(1)
    await listenAt('broker2')
    const { context, end } = connection(7)
    node.watchHeartbeats(2, context)
    end()
    await world.runFor(8_000)
    expect(isFenced(2)).toBe(false)
    await world.runFor(1_500)
    expect(isFenced(2)).toBe(true)
  })

  test('the end of an older connection means nothing', async () => {
    quorum.lead()
    await start(1, 2)
    world.host('broker2')
    const old = connection(7)
    node.watchHeartbeats(2, old.context)
    node.watchHeartbeats(2, connection(8).context)
    old.end()
    await world.runFor(1_000)
    expect(isFenced(2)).toBe(false)
  })

  test('a broker in controlled shutdown may end its connection', async () => {
    quorum.lead()
    await start(1, 2)
    world.host('broker2')
    await ask(CreateTopics, {
      topics: [
        {
          name: 't',
          numPartitions: -1,
          replicationFactor: -1,
          assignments: [{ partitionIndex: 0, brokerIds: [2, 1] }],
        },
      ],
    })
    const { context, end } = connection(7)
    node.watchHeartbeats(2, context)
    await ask(BrokerHeartbeat, {
      brokerId: 2,
      brokerEpoch: node.image.brokers.get(2)?.epoch ?? -1,
      wantShutDown: true,
    })
    end()
    await world.runFor(1_000)
    expect(isFenced(2)).toBe(false)
  })

  test('a new controller probes who has not reached it within half a second', async () => {
    quorum.lead()
    await start(1, 2, 3)
    for (const name of ['broker2', 'broker3']) world.host(name)
    quorum.follow(2)
    quorum.lead()
    await heartbeat(3)
    await world.runFor(480)
    expect(isFenced(2)).toBe(false)
    await world.runFor(200)
    expect([isFenced(1), isFenced(2), isFenced(3)]).toEqual([false, true, false])
  })

  test('turned off, only the session counts', async () => {
    build({ failureDetection: { ...defaultFailureDetectorSettings, isEnabled: false } })
    quorum.lead()
    await start(1, 2)
    world.host('broker2')
    const { context, end } = connection(7)
    node.watchHeartbeats(2, context)
    end()
    await world.runFor(2_000)
    expect(isFenced(2)).toBe(false)
  })
})
