// How a broker's requests find the active controller: here, elsewhere, moved, gone; and what an Envelope carries.
import { beforeEach, expect, test } from 'vitest'
import {
  type Api,
  decodeRequest,
  decodeResponse,
  type Encodable,
  encodeRequest,
  encodeResponse,
} from '../../protocol/api.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { requestFrame } from '../../protocol/frames.ts'
import { CreateTopics } from '../../protocol/schemas/19-create-topics.ts'
import { ElectLeaders } from '../../protocol/schemas/43-elect-leaders.ts'
import { Envelope } from '../../protocol/schemas/58-envelope.ts'
import { AllocateProducerIds } from '../../protocol/schemas/67-allocate-producer-ids.ts'
import { createWorld, type World } from '../../tests/support/memory-runtime.ts'
import type { ControllerRequestContext, LocalController } from '../controller/types.ts'
import { type PeerClient, PeerError, type RequestContext } from '../network/types.ts'
import { envelope } from './58-envelope.ts'
import { RoutingControllerChannel } from './controller-channel.ts'
import { decodePrincipal, encodeAddress, encodePrincipal } from './envelope.ts'
import type { BrokerServices } from './types.ts'

interface Asked {
  at: number
  name: string
  principal: string
  clientId: string | null
}

let world: World
let asked: Asked[]
let leader: { leaderId: number | null; epoch: number }
let channel: RoutingControllerChannel
/** What a controller does with a request; throws what it fails with. */
let controllers: Map<number, (name: string) => object>

/** A controller at `id`, behind the real envelope handler when asked over a connection. */
function controllerAt(id: number): LocalController {
  return {
    get isActive() {
      return leader.leaderId === id
    },
    handle: async (api, _request, context: ControllerRequestContext) => {
      const { principal, clientId } = context
      asked.push({ at: id, name: api.name, principal, clientId })
      if (leader.leaderId !== id) throw new KafkaError(ErrorCode.NOT_CONTROLLER)
      return (controllers.get(id)?.(api.name) ?? {}) as never
    },
    watchHeartbeats: () => undefined,
  }
}

function connect(endpoint: { host: string; port: number }): PeerClient {
  const local = controllerAt(endpoint.port)
  const services = { localController: local, authorize: () => true } as unknown as BrokerServices
  let isOpen = true
  return {
    endpoint,
    get state(): 'connected' | 'closed' {
      return isOpen ? 'connected' : 'closed'
    },
    async send<Q, S>(api: Api<Q, S>, request: Encodable<Q>): Promise<S> {
      const version = api.maxVersion
      const body = Buffer.concat(encodeRequest(api, version, request))
      const decoded = decodeRequest(api, version, body)
      const response =
        api.key === Envelope.key
          ? await envelope.handle(services, {} as RequestContext, decoded as never)
          : await plain(local, api, decoded)
      const bytes = Buffer.concat(encodeResponse(api, version, response as Encodable<S>))
      return decodeResponse(api, version, bytes)
    },
    onClose: () => undefined,
    close: () => {
      isOpen = false
    },
  }
}

async function plain<Q, S>(local: LocalController, api: Api<Q, S>, request: Q): Promise<object> {
  try {
    const context = { principal: 'User:broker', clientId: null, apiVersion: api.maxVersion }
    return (await local.handle(api, request, context)) as object
  } catch (error) {
    if (error instanceof KafkaError) return { errorCode: error.code }
    throw error
  }
}

function makeChannel(open: (endpoint: { host: string; port: number }) => PeerClient) {
  return new RoutingControllerChannel({
    nodeId: 1,
    runtime: world.host('broker1'),
    quorum: {
      get leaderAndEpoch() {
        return leader
      },
    },
    localController: controllerAt(1),
    controllerEndpoints: new Map([1, 2, 3].map((id) => [id, { host: `c${id}`, port: id }])),
    connect: open,
  })
}

beforeEach(() => {
  world = createWorld({ seed: 5 })
  asked = []
  controllers = new Map()
  leader = { leaderId: 2, epoch: 1 }
  channel = makeChannel(connect)
})

function createTopics(timeoutMs = 5_000) {
  const version = CreateTopics.maxVersion
  const context = { principal: 'User:ada', clientId: 'cli', apiVersion: version }
  const request = { topics: [{ name: 't', numPartitions: 1, replicationFactor: 1 }] }
  return channel.send(CreateTopics, request, { version, timeoutMs, context })
}

function allocate(timeoutMs = 5_000) {
  const context = { principal: 'User:ANONYMOUS', clientId: null, apiVersion: 0 }
  return channel.send(AllocateProducerIds, { brokerId: 1 }, { version: 0, timeoutMs, context })
}

const created = () => ({ topics: [{ name: 't', errorCode: 0, numPartitions: 1 }] })

test('a client request goes in an envelope, with principal and client id', async () => {
  controllers.set(2, created)
  const { topics } = await world.run(createTopics())
  expect(topics).toMatchObject([{ name: 't', errorCode: 0, numPartitions: 1 }])
  expect(asked).toEqual([{ at: 2, name: 'CreateTopics', principal: 'User:ada', clientId: 'cli' }])
})

test('a request between brokers goes as it is', async () => {
  controllers.set(2, () => ({ errorCode: 0, producerIdStart: 1000, producerIdLen: 1000 }))
  expect(await world.run(allocate())).toMatchObject({ producerIdStart: 1000 })
  expect(asked).toMatchObject([{ at: 2, principal: 'User:broker' }])
})

test('a controller in this process is called, and answers as over the wire', async () => {
  leader = { leaderId: 1, epoch: 1 }
  controllers.set(1, created)
  const { topics, throttleTimeMs } = await world.run(createTopics())
  expect([topics[0]?.replicationFactor, throttleTimeMs]).toEqual([-1, 0])
  controllers.set(1, () => {
    throw new KafkaError(ErrorCode.STALE_BROKER_EPOCH)
  })
  expect(await world.run(allocate())).toMatchObject({ errorCode: ErrorCode.STALE_BROKER_EPOCH })
})

test('what fails a request whole comes back in its own form, through an envelope too', async () => {
  controllers.set(2, () => {
    throw new KafkaError(ErrorCode.INVALID_REQUEST, 'Unknown election type 7')
  })
  const context = { principal: 'User:ada', clientId: null, apiVersion: 2 }
  const response = await world.run(
    channel.send(
      ElectLeaders,
      { electionType: 7, topicPartitions: [{ topic: 't', partitions: [0] }] },
      { version: 2, timeoutMs: 1000, context },
    ),
  )
  expect(response.errorCode).toBe(ErrorCode.INVALID_REQUEST)
})

test('a controller that leads no more sends it on to the next', async () => {
  controllers.set(3, created)
  controllers.set(2, created)
  const actual = { leaderId: 3, epoch: 2 }
  channel = makeChannel((endpoint) => {
    // The old controller learns of the new one before this broker does.
    leader = actual
    return connect(endpoint)
  })
  const pending = createTopics()
  expect((await world.run(pending)).topics).toHaveLength(1)
  expect(asked.map(({ at }) => at)).toEqual([2, 3])
})

test('while there is none it waits for one', async () => {
  leader = { leaderId: null, epoch: 1 }
  controllers.set(3, created)
  world.at(700, () => {
    leader = { leaderId: 3, epoch: 2 }
    channel.handleLeaderChange(leader)
  })
  await world.run(createTopics())
  expect(world.elapsedMs()).toBeLessThan(710)
})

test('in the end it gives up: with none ever there, and with one that does not answer', async () => {
  leader = { leaderId: null, epoch: 1 }
  await expect(world.run(createTopics(500))).rejects.toMatchObject({
    code: ErrorCode.BROKER_NOT_AVAILABLE,
  })
  leader = { leaderId: 2, epoch: 1 }
  channel = makeChannel((endpoint) => ({
    ...connect(endpoint),
    send: () => Promise.reject(new PeerError('ETIMEDOUT', 'nothing')),
  }))
  await expect(world.run(createTopics(500))).rejects.toMatchObject({
    code: ErrorCode.REQUEST_TIMED_OUT,
  })
})

test('a controller that does not serve the version is not asked again', async () => {
  channel = makeChannel((endpoint) => ({
    ...connect(endpoint),
    send: () => Promise.reject(new PeerError('UNSUPPORTED_VERSION', 'no')),
  }))
  await expect(world.run(createTopics())).rejects.toMatchObject({
    code: ErrorCode.UNSUPPORTED_VERSION,
  })
})

test('closed, it gives up at once', async () => {
  leader = { leaderId: null, epoch: 1 }
  const pending = createTopics(60_000)
  world.at(10, () => channel.close())
  await expect(world.run(pending)).rejects.toThrow(KafkaError)
  expect(world.elapsedMs()).toBeLessThan(50)
})

test('an envelope takes nothing but what clients may change, from readable principals', async () => {
  const services = {
    localController: controllerAt(2),
    authorize: () => true,
  } as unknown as BrokerServices
  const wrap = (requestData: Buffer, requestPrincipal: Buffer | null) =>
    envelope.handle(services, {} as RequestContext, {
      requestData,
      requestPrincipal,
      clientHostAddress: encodeAddress('127.0.0.1'),
    })
  const frame = (api: Api<never, never>, version: number) => {
    const header = { version, correlationId: 1, clientId: null }
    return Buffer.concat(requestFrame(api, header, {} as never)).subarray(4)
  }
  const principal = encodePrincipal('User:ada')
  expect(await wrap(frame(AllocateProducerIds as never, 0), principal)).toEqual({
    errorCode: ErrorCode.INVALID_REQUEST,
  })
  expect(await wrap(frame(CreateTopics as never, 7), Buffer.of(0, 9))).toEqual({
    errorCode: ErrorCode.PRINCIPAL_DESERIALIZATION_FAILURE,
  })
  leader = { leaderId: 3, epoch: 2 }
  expect(await wrap(frame(CreateTopics as never, 7), principal)).toEqual({
    errorCode: ErrorCode.NOT_CONTROLLER,
  })
})

test('principals and addresses are in the forms of Kafka', () => {
  // Two bytes of version, compact strings 'User' and 'ada', not token authenticated, no tags.
  expect(encodePrincipal('User:ada').toString('hex')).toBe('000005557365720461646100' + '00')
  expect(decodePrincipal(encodePrincipal('User:a:b'))).toBe('User:a:b')
  expect([...encodeAddress('192.168.0.7')]).toEqual([192, 168, 0, 7])
  expect([...encodeAddress('::ffff:10.0.0.1')]).toEqual([10, 0, 0, 1])
  expect(encodeAddress('fe80::1')).toHaveLength(16)
})
