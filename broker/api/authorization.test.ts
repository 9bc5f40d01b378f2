// Every handler asks the authorizer, and one that is refused does nothing and says so.
import { expect, test } from 'vitest'
import { ErrorCode } from '../../protocol/errors.ts'
import { ValueSource } from '../../tests/fuzz/values.ts'
import { SeededRandom } from '../../tests/support/memory-scheduler.ts'
import { applyRecords, emptyImage } from '../metadata/image.ts'
import { createRecord } from '../metadata/records.ts'
import type { RequestContext } from '../network/types.ts'
import { offsetFetch } from './09-offset-fetch.ts'
import { joinGroup } from './11-join-group.ts'
import { describeGroups } from './15-describe-groups.ts'
import { deleteGroups } from './42-delete-groups.ts'
import { handlersFor } from './handlers.ts'
import type { AnyHandler, BrokerServices } from './types.ts'

/** Open to everybody in Kafka too; an envelope's content is asked for when it is unpacked. */
const OPEN_TO_ALL = new Set(['ApiVersions', 'DescribeCluster', 'Envelope'])

interface Asked {
  operation: string
  type: string
  name: string
}

const TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ'
const IMAGE = applyRecords(emptyImage('c'), [
  createRecord('topic', { name: 'a', topicId: TOPIC_ID }),
]).image

/** Those whose answer is what is asked about. */
const ANSWERS: Readonly<Record<string, object>> = {
  'transactions.list': { transactionStates: [{ transactionalId: 't', producerId: 1 }] },
  'transactions.describe': {
    transactionStates: [{ transactionalId: 't', errorCode: 0, topics: [{ topic: 'a' }] }],
  },
}

/** Services in which everything answers next to nothing; each call is noted, and the authorizer says no. */
function refusingServices() {
  const asked: Asked[] = []
  const calls: { method: string; request: unknown }[] = []
  const noting = (part: string): object =>
    new Proxy(
      {},
      {
        get: (_, method) => (first: unknown, second: unknown) => {
          calls.push({ method: `${part}.${String(method)}`, request: second ?? first })
          return Promise.resolve(ANSWERS[`${part}.${String(method)}`] ?? {})
        },
      },
    )
  const services = {
    config: { controllerListenerNames: ['CONTROLLER'], requestTimeoutMs: 1000 },
    runtime: { random: { int: () => 0 } },
    metadata: { image: IMAGE },
    groups: noting('groups'),
    transactions: noting('transactions'),
    controller: noting('controller'),
    localController: noting('localController'),
    raft: noting('raft'),
    replicas: noting('replicas'),
    authorize(_: RequestContext, operation: string, type: string, name: string): boolean {
      asked.push({ operation, type, name })
      return false
    },
  } as unknown as BrokerServices
  return { services, asked, calls }
}

function contextOf(apiVersion: number, listenerName: string): RequestContext {
  const connection = { listenerName, principal: 'User:ANONYMOUS', isClosed: false }
  return { apiVersion, clientId: 'test', connection } as unknown as RequestContext
}

async function answer(
  handler: AnyHandler,
  services: BrokerServices,
  context: RequestContext,
  request: unknown,
) {
  try {
    return await handler.handle(services, context, request)
  } catch (error) {
    return error
  }
}

const all = (['broker', 'controller'] as const).flatMap((kind) =>
  handlersFor(kind)
    .filter(({ api }) => !OPEN_TO_ALL.has(api.name))
    .map((handler) => ({ name: `${handler.api.name} (${kind})`, kind, handler })),
)

test.each(all)('$name asks', async ({ kind, handler }) => {
  const { api } = handler
  const random = new SeededRandom(`authorization ${api.name}`)
  const values = new ValueSource(random, () => Buffer.alloc(0))
  const { services, asked } = refusingServices()
  for (let round = 0; round < 60 && asked.length === 0; round++) {
    const version = api.minVersion + random.int(api.maxVersion - api.minVersion + 1)
    const request = values.struct(api.requestFields, version)
    await answer(
      handler,
      services,
      contextOf(version, kind === 'broker' ? 'PLAINTEXT' : 'CONTROLLER'),
      request,
    )
  }
  expect(asked.length).toBeGreaterThan(0)
})

test('a group that one may not read is not joined', async () => {
  const { services, asked, calls } = refusingServices()
  const request = { groupId: 'g' } as Parameters<typeof joinGroup.handle>[2]
  const refusal = await answer(
    joinGroup as unknown as AnyHandler,
    services,
    contextOf(9, 'PLAINTEXT'),
    request,
  )
  expect(refusal).toMatchObject({ code: ErrorCode.GROUP_AUTHORIZATION_FAILED })
  expect(asked).toEqual([{ operation: 'READ', type: 'GROUP', name: 'g' }])
  expect(calls).toEqual([])
})

test('groups are refused one by one', async () => {
  const { services, calls } = refusingServices()
  const code = ErrorCode.GROUP_AUTHORIZATION_FAILED
  const deleted = await deleteGroups.handle(services, contextOf(2, 'PLAINTEXT'), {
    groupsNames: ['g'],
  })
  expect(deleted?.results).toEqual([{ groupId: 'g', errorCode: code }])
  const described = await describeGroups.handle(services, contextOf(5, 'PLAINTEXT'), {
    groups: ['g'],
    includeAuthorizedOperations: false,
  })
  expect(described?.groups).toEqual([{ groupId: 'g', errorCode: code }])
  const asked = { groupId: 'g', memberId: null, memberEpoch: -1, topics: null }
  const fetched = await offsetFetch.handle(services, contextOf(8, 'PLAINTEXT'), {
    groups: [asked],
    requireStable: false,
  } as unknown as Parameters<typeof offsetFetch.handle>[2])
  expect(fetched).toEqual({ groups: [{ groupId: 'g', errorCode: code, topics: [] }] })
  for (const { request } of calls) {
    const lists = Object.values(request as object).filter(Array.isArray)
    expect(lists.flat()).toEqual([])
  }
})
