// From frames to replies: errors land in each API's own places, and every request is measured.
import { beforeEach, expect, test } from 'vitest'
import { type AnyApi, decodeResponse, encodeRequest } from '../../protocol/api.ts'
import { allApis } from '../../protocol/apis.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { readResponseHeader } from '../../protocol/frames.ts'
import { Produce } from '../../protocol/schemas/00-produce.ts'
import { OffsetFetch } from '../../protocol/schemas/09-offset-fetch.ts'
import { Heartbeat } from '../../protocol/schemas/12-heartbeat.ts'
import { CreateTopics } from '../../protocol/schemas/19-create-topics.ts'
import { Registry } from '../metrics/registry.ts'
import { createDispatcher } from './dispatch.ts'
import { errorResponse } from './error-response.ts'
import type { AnyHandler } from './types.ts'

const clock = { nowMs: () => 1000, monotonicMs: () => 1000 }
let registry: Registry
let logged: string[]

beforeEach(() => {
  registry = new Registry({ clock })
  logged = []
})

function dispatcher(api: AnyApi, handle: () => unknown) {
  const logger = {
    log: (_: string, message: string) => logged.push(message),
    child: () => logger,
  }
  const handler = { api, listeners: ['broker'], handle } as unknown as AnyHandler<null>
  return createDispatcher<null>({
    services: () => null,
    handlers: [handler],
    clock,
    logger: logger as never,
    metrics: registry,
  })
}

async function ask(api: AnyApi, version: number, request: object, handle: () => unknown) {
  const body = Buffer.concat(encodeRequest(api, version, request as never))
  const context = {
    apiKey: api.key,
    apiVersion: version,
    correlationId: 77,
    receivedMonotonicMs: 990,
  }
  const reply = await dispatcher(api, handle).dispatch(context as never, body)
  if (reply === null) return null
  const frame = Buffer.concat(reply).subarray(4)
  const { correlationId, bodyOffset } = readResponseHeader(api, version, frame)
  expect(correlationId).toBe(77)
  return decodeResponse(api, version, frame.subarray(bodyOffset)) as Record<string, unknown>
}

const heartbeat = { groupId: 'g', generationId: 1, memberId: 'm' }

test('a reply carries the correlation id, and the request is counted and timed', async () => {
  const reply = await ask(Heartbeat, 4, heartbeat, () => ({ errorCode: 27 }))
  expect(reply).toMatchObject({ errorCode: 27 })
  const metrics = 'kafka.network:type=RequestMetrics'
  expect(registry.find(`${metrics},name=TotalTimeMs,request=Heartbeat`)?.read()).toMatchObject({
    Count: 1,
    Max: 10,
  })
  expect(
    registry.find(`${metrics},name=RequestsPerSec,request=Heartbeat,version=4`)?.read().Count,
  ).toBe(1)
})

test('no reply is sent where the handler gives none', async () => {
  expect(await ask(Heartbeat, 4, heartbeat, () => null)).toBeNull()
})

test('a KafkaError becomes its code and message, an unknown throw UNKNOWN_SERVER_ERROR', async () => {
  const known = await ask(Heartbeat, 4, heartbeat, () => {
    throw new KafkaError(ErrorCode.NOT_COORDINATOR)
  })
  expect(known).toMatchObject({ errorCode: ErrorCode.NOT_COORDINATOR })
  expect(logged).toEqual([])
  const unknown = await ask(Heartbeat, 4, heartbeat, () => {
    throw new TypeError('boom')
  })
  expect(unknown).toMatchObject({ errorCode: ErrorCode.UNKNOWN_SERVER_ERROR })
  expect(logged).toEqual(['Handling Heartbeat failed'])
})

test('the same surprise is logged once', async () => {
  const { dispatch } = dispatcher(Heartbeat, () => {
    throw new Error('again')
  })
  const body = Buffer.concat(encodeRequest(Heartbeat, 4, heartbeat))
  const context = { apiKey: 12, apiVersion: 4, correlationId: 1, receivedMonotonicMs: 0 }
  await dispatch(context as never, body)
  await dispatch(context as never, body)
  expect(logged).toHaveLength(1)
})

test('a failed Produce says so for every partition', async () => {
  const request = {
    acks: 1,
    timeoutMs: 1,
    topicData: [{ name: 't', partitionData: [{ index: 0 }, { index: 3 }] }],
  }
  const reply = await ask(Produce, 9, request, () => {
    throw new KafkaError(ErrorCode.NOT_LEADER_OR_FOLLOWER, 'moved')
  })
  expect(reply?.responses).toMatchObject([
    {
      name: 't',
      partitionResponses: [
        { index: 0, errorCode: 6, errorMessage: 'moved', baseOffset: -1 },
        { index: 3, errorCode: 6 },
      ],
    },
  ])
})

test('per-item errors follow the version', async () => {
  const fail = () => {
    throw new KafkaError(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
  }
  const batched = await ask(OffsetFetch, 8, { groups: [{ groupId: 'a' }] }, fail)
  expect(batched?.groups).toMatchObject([{ groupId: 'a', errorCode: 14 }])
  const single = await ask(OffsetFetch, 7, { groupId: 'a', topics: [] }, fail)
  expect(single).toMatchObject({ errorCode: 14 })
  const created = await ask(CreateTopics, 7, { topics: [{ name: 't' }], timeoutMs: 1 }, fail)
  expect(created?.topics).toMatchObject([{ name: 't', errorCode: 14 }])
})

test('a request that cannot be decoded closes the connection', async () => {
  const { dispatch } = dispatcher(Heartbeat, () => ({}))
  const context = { apiKey: 12, apiVersion: 4, correlationId: 1, receivedMonotonicMs: 0 }
  await expect(dispatch(context as never, Buffer.from([9]))).rejects.toThrow()
})

test('every API has a place for an error', () => {
  const failure = { errorCode: 41, errorMessage: null }
  const without = allApis.filter((api) => {
    const empty = new Proxy({}, { get: () => [] })
    return errorResponse(api, empty, failure, api.maxVersion) === null
  })
  // Transactions, ACLs, quotas and the like are not served yet.
  const unserved = [24, 27, 28, 30, 31, 34, 36, 45, 47, 49, 51, 61, 65, 69]
  expect(
    without.map((api) => api.key).filter((key) => key < 70 && !unserved.includes(key)),
  ).toEqual([])
})
