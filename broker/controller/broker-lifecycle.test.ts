// A broker's way through registration, catching up, unfencing and shutdown, against a controller that a test plays.
import { beforeEach, expect, test } from 'vitest'
import type { Api, Encodable } from '../../protocol/api.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import type { BrokerHeartbeatRequest } from '../../protocol/schemas/63-broker-heartbeat.ts'
import { createWorld, type World } from '../../tests/support/memory-runtime.ts'
import { type PeerClient, PeerError } from '../network/types.ts'
import { BrokerLifecycle } from './broker-lifecycle.ts'
import type { LocalController } from './types.ts'

type Answer = Record<string, unknown> | Error

let world: World
let requests: { to: number; name: string; request: Record<string, unknown> }[]
let connections: { to: number; isOpen: boolean }[]
/** How the controller answers. */
let answers: { register?: () => Answer; heartbeat?: () => Answer }
let leader: { leaderId: number | null; epoch: number }
let lifecycle: BrokerLifecycle
let appliedOffset: number

function answer(to: number, name: string, request: unknown): unknown {
  requests.push({ to, name, request: request as Record<string, unknown> })
  const play = name === 'BrokerHeartbeat' ? answers.heartbeat : answers.register
  const given = play?.() ?? { errorCode: 0 }
  if (given instanceof Error) throw given
  return given
}

function connect(endpoint: { host: string; port: number }): PeerClient {
  const connection = { to: endpoint.port, isOpen: true }
  connections.push(connection)
  return {
    endpoint,
    get state(): 'connected' | 'closed' {
      return connection.isOpen ? 'connected' : 'closed'
    },
    send: async <Q, S>(api: Api<Q, S>, request: Encodable<Q>) =>
      answer(endpoint.port, api.name, request) as S,
    onClose: () => undefined,
    close: () => {
      connection.isOpen = false
    },
  }
}

beforeEach(() => {
  world = createWorld({ seed: 3 })
  requests = []
  connections = []
  answers = { register: () => ({ errorCode: 0, brokerEpoch: 40 }) }
  leader = { leaderId: 2, epoch: 1 }
  appliedOffset = 10
  const local: LocalController = {
    isActive: true,
    handle: async (api, request) => answer(1, api.name, request) as never,
    watchHeartbeats: () => undefined,
  }
  lifecycle = new BrokerLifecycle({
    runtime: world.host('broker1'),
    nodeId: 1,
    clusterId: 'c',
    rack: 'r',
    endpoints: [{ name: 'PLAINTEXT', host: 'broker1', port: 9092, securityProtocol: 0 }],
    logDirs: ['dir'],
    previousBrokerEpoch: 7,
    quorum: {
      get leaderAndEpoch() {
        return leader
      },
    },
    localController: local,
    controllerEndpoints: new Map([
      [2, { host: 'broker2', port: 2 }],
      [3, { host: 'broker3', port: 3 }],
    ]),
    connect,
    appliedOffset: () => appliedOffset,
  })
})

const heartbeats = () =>
  requests
    .filter(({ name }) => name === 'BrokerHeartbeat')
    .map(({ request }) => request) as unknown as BrokerHeartbeatRequest[]
const names = () => requests.map(({ name }) => name)
const fencedUntilReady = () => {
  const last = heartbeats().at(-1)
  return { errorCode: 0, isCaughtUp: true, isFenced: last?.wantFence ?? true }
}

async function running(): Promise<void> {
  answers.heartbeat = fencedUntilReady
  await world.run(lifecycle.start())
  await world.run(lifecycle.setReadyToUnfence())
}

test('registers, catches up, is unfenced, then tells every two seconds that it lives', async () => {
  answers.heartbeat = () => ({ errorCode: 0, isCaughtUp: appliedOffset > 40, isFenced: true })
  const caughtUp = lifecycle.start()
  await world.runFor(100)
  expect(requests[0]).toMatchObject({
    to: 2,
    name: 'BrokerRegistration',
    request: { brokerId: 1, rack: 'r', previousBrokerEpoch: 7, logDirs: ['dir'] },
  })
  expect(lifecycle.brokerEpoch).toBe(40)
  expect(lifecycle.state).toBe('starting')
  appliedOffset = 41
  await world.run(caughtUp)
  expect(lifecycle.state).toBe('recovery')
  answers.heartbeat = fencedUntilReady
  await world.run(lifecycle.setReadyToUnfence())
  expect(lifecycle.state).toBe('running')
  const before = heartbeats().length
  await world.runFor(10_000)
  expect(heartbeats().length - before).toBe(5)
  expect(heartbeats().at(-1)).toMatchObject({
    brokerEpoch: 40,
    currentMetadataOffset: 41,
    wantFence: false,
    wantShutDown: false,
  })
})

test('as long as it is a duplicate it asks again', async () => {
  answers.register = () =>
    requests.length < 4
      ? { errorCode: ErrorCode.DUPLICATE_BROKER_REGISTRATION }
      : { errorCode: 0, brokerEpoch: 50 }
  answers.heartbeat = fencedUntilReady
  await world.run(lifecycle.start())
  expect(lifecycle.brokerEpoch).toBe(50)
  expect(names().slice(0, 5)).toEqual([...Array(4).fill('BrokerRegistration'), 'BrokerHeartbeat'])
})

test('a new controller hears of it at once, on a connection of its own', async () => {
  await running()
  const before = requests.length
  leader = { leaderId: 3, epoch: 2 }
  lifecycle.handleLeaderChange(leader)
  await world.runFor(20)
  expect(requests.slice(before)).toMatchObject([{ to: 3, name: 'BrokerHeartbeat' }])
  expect(connections).toEqual([
    { to: 2, isOpen: false },
    { to: 3, isOpen: true },
  ])
})

test('a controller in the same process is asked directly', async () => {
  leader = { leaderId: 1, epoch: 1 }
  await running()
  expect(connections).toEqual([])
  expect(lifecycle.state).toBe('running')
})

test('a broken connection is made anew', async () => {
  await running()
  let failures = 2
  answers.heartbeat = () => {
    failures -= 1
    return failures >= 0 ? new PeerError('ECONNRESET', 'gone') : fencedUntilReady()
  }
  await world.runFor(2_500)
  expect(failures).toBeLessThan(0)
  expect(lifecycle.state).toBe('running')
})

test('a controller that does not know its epoch is told who it is, by the same incarnation', async () => {
  leader = { leaderId: 1, epoch: 1 }
  await running()
  let isKnown = false
  answers.heartbeat = () =>
    isKnown ? fencedUntilReady() : new KafkaError(ErrorCode.STALE_BROKER_EPOCH)
  answers.register = () => {
    isKnown = true
    return { errorCode: 0, brokerEpoch: 77 }
  }
  await world.runFor(3_000)
  expect(lifecycle.brokerEpoch).toBe(77)
  const registrations = requests.filter(({ name }) => name === 'BrokerRegistration')
  const incarnations = new Set(registrations.map(({ request }) => request.incarnationId))
  expect([registrations.length, incarnations.size]).toEqual([2, 1])
})

test('shuts down once the controller lets it go', async () => {
  await running()
  let asked = 0
  answers.heartbeat = () => {
    asked += 1
    return { errorCode: 0, isCaughtUp: true, isFenced: false, shouldShutDown: asked === 3 }
  }
  expect(await world.run(lifecycle.controlledShutdown(10_000))).toBe(true)
  expect(heartbeats().at(-1)?.wantShutDown).toBe(true)
  expect(lifecycle.state).toBe('stopped')
  expect(connections.every(({ isOpen }) => !isOpen)).toBe(true)
  const before = requests.length
  await world.runFor(10_000)
  expect(requests.length).toBe(before)
})

test('shuts down in time even where nobody lets it go', async () => {
  await running()
  answers.heartbeat = () => new PeerError('ECONNREFUSED', 'nobody there')
  const startMs = world.elapsedMs()
  expect(await world.run(lifecycle.controlledShutdown(2_000))).toBe(false)
  expect(world.elapsedMs() - startMs).toBeCloseTo(2_000, -1)
})

test('a directory that failed is told with the next heartbeat, at once', async () => {
  await running()
  lifecycle.reportOfflineDirectory('dir')
  await world.runFor(10)
  expect(heartbeats().at(-1)?.offlineLogDirs).toEqual(['dir'])
})
