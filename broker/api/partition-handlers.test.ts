// The handlers over the replica manager: what they refuse, in which version they say what, and how.
import { expect, test } from 'vitest'
import { ErrorCode } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import { buildBatch } from '../../protocol/records/build.ts'
import type { FetchRequest } from '../../protocol/schemas/01-fetch.ts'
import {
  batchOf,
  ReplicationCluster,
  type TestBroker,
  valuesIn,
} from '../../tests/support/replication-cluster.ts'
import type { RequestContext } from '../network/types.ts'
import { ProducerIds } from '../replication/producer-ids.ts'
import { produce } from './00-produce.ts'
import { fetch } from './01-fetch.ts'
import { listOffsets } from './02-list-offsets.ts'
import { deleteRecords } from './21-delete-records.ts'
import { offsetForLeaderEpoch } from './23-offset-for-leader-epoch.ts'
import { describeLogDirs } from './35-describe-log-dirs.ts'
import { CloseConnection } from './types.ts'

async function start(assignments: number[][] = [[1]]): Promise<ReplicationCluster> {
  const cluster = await ReplicationCluster.start({ seed: 'handlers', brokerIds: [1, 2] })
  cluster.createTopic('orders', assignments)
  await cluster.settle()
  return cluster
}

function context(apiVersion: number, clientId: string | null = 'test'): RequestContext {
  const connection = {
    listenerName: 'PLAINTEXT',
    isClosed: false,
    onClose: () => () => undefined,
  }
  return { apiVersion, clientId, connection } as unknown as RequestContext
}

/** Runs the world until the handler has answered. */
async function ask<Request, Response>(
  cluster: ReplicationCluster,
  handler: {
    handle(services: TestBroker['services'], context: RequestContext, request: Request): Response
  },
  request: Partial<Request>,
  as: RequestContext,
  brokerId = 1,
): Promise<NonNullable<Awaited<Response>>> {
  const { services } = cluster.broker(brokerId)
  const answered = Promise.resolve(handler.handle(services, as, request as Request))
  return (await cluster.world.run(answered)) as NonNullable<Awaited<Response>>
}

async function produceOne(
  cluster: ReplicationCluster,
  records: Buffer | null,
  more: { acks?: number; version?: number; topic?: string; clientId?: string; id?: string } = {},
) {
  const { acks = 1, version = 9, topic = 'orders', id = ZERO_UUID } = more
  const request = {
    transactionalId: null,
    acks,
    timeoutMs: 1_000,
    topicData: [{ name: topic, topicId: id, partitionData: [{ index: 0, records }] }],
  }
  const response = await ask(cluster, produce, request, context(version, more.clientId))
  return response.responses?.[0]?.partitionResponses?.[0]
}

test('Produce takes exactly one whole v2 batch', async () => {
  const cluster = await start()
  const batch = () => batchOf(['a'])
  const legacy = batch()
  legacy.writeInt8(1, 16)
  const code = async (records: Buffer | null) => (await produceOne(cluster, records))?.errorCode
  expect(await code(null)).toBe(ErrorCode.INVALID_RECORD)
  expect(await code(Buffer.alloc(0))).toBe(ErrorCode.INVALID_RECORD)
  expect(await code(batch().subarray(0, 60))).toBe(ErrorCode.INVALID_RECORD)
  expect(await code(Buffer.concat([batch(), batch()]))).toBe(ErrorCode.INVALID_RECORD)
  expect(await code(legacy)).toBe(ErrorCode.INVALID_RECORD)
  const damaged = batch()
  damaged.writeUInt8(damaged.readUInt8(damaged.length - 1) ^ 1, damaged.length - 1)
  expect(await code(damaged)).toBe(ErrorCode.CORRUPT_MESSAGE)
  expect(await code(Buffer.concat([batch(), Buffer.alloc(5)]))).toBe(ErrorCode.NONE)
  expect(await produceOne(cluster, batch())).toMatchObject({ errorCode: 0, baseOffset: 1 })
})

test('Produce refuses unknown acks, topics and transactions, and internal topics but to the admin', async () => {
  const cluster = await start()
  cluster.createTopic('__consumer_offsets', [[1]])
  await cluster.settle()
  const code = async (more: Parameters<typeof produceOne>[2], records = batchOf(['a'])) =>
    (await produceOne(cluster, records, more))?.errorCode
  expect(await code({ acks: 2 })).toBe(ErrorCode.INVALID_REQUIRED_ACKS)
  expect(await code({ topic: 'nothing' })).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  expect(await code({ version: 13, id: 'AAAAAAAAAAAAAAAAAAAAEA' })).toBe(ErrorCode.UNKNOWN_TOPIC_ID)
  expect(await code({ topic: '__consumer_offsets' })).toBe(ErrorCode.INVALID_TOPIC_EXCEPTION)
  expect(await code({ topic: '__consumer_offsets', clientId: '__admin_client' })).toBe(0)
  const transactional = buildBatch({
    records: [{ key: null, value: null }],
    producerId: 7,
    producerEpoch: 0,
    baseSequence: 0,
    isTransactional: true,
  })
  expect(await code({}, transactional)).toBe(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
})

test('Produce with acks=0 has no reply, and closes the connection when it fails', async () => {
  const cluster = await start()
  const { services } = cluster.broker(1)
  const send = (topic: string) => {
    const partitionData = [{ index: 0, records: batchOf(['a']) }]
    const topicData = [{ name: topic, topicId: ZERO_UUID, partitionData }]
    const request = { transactionalId: null, acks: 0, timeoutMs: 0, topicData }
    return cluster.world.run(Promise.resolve(produce.handle(services, context(9), request)))
  }
  expect(await send('orders')).toBeNull()
  await expect(send('nothing')).rejects.toThrow(CloseConnection)
})

test('Produce on a broker that does not lead names the leader and its endpoint', async () => {
  const cluster = await start([[2, 1]])
  const request = {
    transactionalId: null,
    acks: 1,
    timeoutMs: 1_000,
    topicData: [
      {
        name: 'orders',
        topicId: ZERO_UUID,
        partitionData: [{ index: 0, records: batchOf(['a']) }],
      },
    ],
  }
  const response = await ask(cluster, produce, request, context(12))
  expect(response.responses?.[0]?.partitionResponses?.[0]).toMatchObject({
    errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER,
    currentLeader: { leaderId: 2, leaderEpoch: 0 },
  })
  expect(response.nodeEndpoints).toEqual([{ nodeId: 2, host: 'broker2', port: 9092, rack: null }])
})

function fetchRequest(more: Partial<FetchRequest>, fetchOffset = 0): Partial<FetchRequest> {
  const partition = {
    partition: 0,
    currentLeaderEpoch: -1,
    fetchOffset,
    lastFetchedEpoch: -1,
    logStartOffset: -1,
    partitionMaxBytes: 100_000,
  }
  return {
    replicaId: -1,
    replicaState: { replicaId: -1, replicaEpoch: -1 },
    maxWaitMs: 0,
    minBytes: 1,
    maxBytes: 100_000,
    isolationLevel: 0,
    sessionId: 0,
    sessionEpoch: -1,
    topics: [{ topic: 'orders', topicId: ZERO_UUID, partitions: [partition] }],
    forgottenTopicsData: [],
    ...more,
  } as Partial<FetchRequest>
}

test('Fetch answers consumers in full by name and by id', async () => {
  const cluster = await start()
  await cluster.produce('orders', ['a'])
  const id = cluster.image.topicsByName.get('orders')?.id ?? ''
  const byName = await ask(cluster, fetch, fetchRequest({ sessionEpoch: 0 }), context(12))
  expect(byName.sessionId).toBeGreaterThan(0)
  const first = byName.responses?.[0]?.partitions?.[0]
  expect(valuesIn(first?.records as Buffer)).toEqual(['a'])
  expect(first?.abortedTransactions).toBeNull()
  const { topics } = fetchRequest({})
  const topicsById = topics?.map((topic) => ({ ...topic, topic: '', topicId: id }))
  const committed = fetchRequest({ topics: topicsById, isolationLevel: 1 })
  const byId = await ask(cluster, fetch, committed, context(17))
  expect(byId.responses?.[0]?.partitions?.[0]).toMatchObject({
    errorCode: 0,
    abortedTransactions: [],
  })
  const unknown = await ask(cluster, fetch, fetchRequest({}), context(17))
  expect(unknown.responses?.[0]?.partitions?.[0]?.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_ID)
  const claimed = await ask(
    cluster,
    fetch,
    fetchRequest({ sessionId: 5, sessionEpoch: 3 }),
    context(12),
  )
  expect(claimed.errorCode).toBe(ErrorCode.FETCH_SESSION_ID_NOT_FOUND)
})

test('ListOffsets knows its special timestamps by version', async () => {
  const cluster = await start()
  await cluster.produce('orders', ['a', 'b'])
  const at = async (timestamp: number, version: number) => {
    const partitions = [{ partitionIndex: 0, currentLeaderEpoch: -1, timestamp }]
    const topics = [{ name: 'orders', partitions }]
    const request = { replicaId: -1, isolationLevel: 0, topics, timeoutMs: 0 }
    const response = await ask(cluster, listOffsets, request, context(version))
    const answer = response.topics?.[0]?.partitions?.[0]
    return answer?.errorCode === 0 ? answer.offset : `error ${answer?.errorCode}`
  }
  expect(await at(-1, 1)).toBe(2)
  expect(await at(-2, 1)).toBe(0)
  expect(await at(-3, 6)).toBe(`error ${ErrorCode.UNSUPPORTED_VERSION}`)
  expect(await at(-3, 7)).toBeTypeOf('number')
  expect(await at(-4, 8)).toBe(0)
  expect(await at(-5, 9)).toBe(-1)
  expect(await at(-7, 11)).toBe(`error ${ErrorCode.UNSUPPORTED_VERSION}`)
  expect(await at(Number.MAX_SAFE_INTEGER, 5)).toBe(-1)
})

test('ListOffsets refuses a partition that is asked twice', async () => {
  const cluster = await start()
  const partition = { partitionIndex: 0, currentLeaderEpoch: -1, timestamp: -1 }
  const topics = [{ name: 'orders', partitions: [partition, partition] }]
  const request = { replicaId: -1, isolationLevel: 0, topics, timeoutMs: 0 }
  const response = await ask(cluster, listOffsets, request, context(7))
  const codes = response.topics?.[0]?.partitions?.map((answer) => answer.errorCode)
  expect(codes).toEqual([ErrorCode.INVALID_REQUEST, ErrorCode.INVALID_REQUEST])
})

test('DeleteRecords and OffsetForLeaderEpoch answer per partition', async () => {
  const cluster = await start()
  for (const value of ['a', 'b']) await cluster.produce('orders', [value])
  const deleted = await ask(
    cluster,
    deleteRecords,
    {
      timeoutMs: 1_000,
      topics: [
        {
          name: 'orders',
          partitions: [
            { partitionIndex: 0, offset: 1 },
            { partitionIndex: 7, offset: 1 },
          ],
        },
      ],
    },
    context(2),
  )
  expect(deleted.topics?.[0]?.partitions).toEqual([
    { partitionIndex: 0, errorCode: 0, lowWatermark: 1 },
    { partitionIndex: 7, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, lowWatermark: -1 },
  ])
  const partitions = [{ partition: 0, currentLeaderEpoch: -1, leaderEpoch: 0 }]
  const epochs = await ask(
    cluster,
    offsetForLeaderEpoch,
    { replicaId: -2, topics: [{ topic: 'orders', partitions }] },
    context(4),
  )
  expect(epochs.topics?.[0]?.partitions).toEqual([
    { partition: 0, errorCode: 0, leaderEpoch: 0, endOffset: 2 },
  ])
})

test('every producer gets its own id, over many blocks from the controller', async () => {
  const cluster = await start()
  const { controller, replicas } = cluster.broker(1).services
  const producerIds = new ProducerIds({
    brokerId: 1,
    localBrokerEpoch: () => replicas.localBrokerEpoch,
    controller,
  })
  const ids = new Set<number>()
  for (let count = 0; count < 2_500; count += 1)
    ids.add(await cluster.world.run(producerIds.next()))
  expect(ids.size).toBe(2_500)
})

test('DescribeLogDirs tells sizes, lag and the volume', async () => {
  const cluster = await start()
  await cluster.produce('orders', ['a'])
  const all = await ask(cluster, describeLogDirs, { topics: null }, context(5))
  expect(all.errorCode).toBe(0)
  const [directory] = all.results ?? []
  expect(directory?.logDir).toBe('/data')
  expect(directory?.totalBytes).toBeGreaterThan(0)
  expect(directory?.topics).toEqual([
    {
      name: 'orders',
      partitions: [
        {
          partitionIndex: 0,
          partitionSize: expect.any(Number),
          offsetLag: 0,
          isFutureKey: false,
        },
      ],
    },
  ])
  const none = await ask(
    cluster,
    describeLogDirs,
    { topics: [{ topic: 'nothing', partitions: [0] }] },
    context(1),
  )
  expect(none.results?.[0]?.topics).toEqual([])
})
