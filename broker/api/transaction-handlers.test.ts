// Transactions over the replica manager: what read_committed consumers get and when, markers, open producers.
import { expect, test } from 'vitest'
import { ErrorCode } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import { isControlBatch } from '../../protocol/records/batch.ts'
import {
  ReplicationCluster,
  type TestBroker,
  valuesIn,
} from '../../tests/support/replication-cluster.ts'
import { data } from '../../tests/support/transaction-model.ts'
import type { RequestContext } from '../network/types.ts'
import { produce } from './00-produce.ts'
import { fetch } from './01-fetch.ts'
import { listOffsets } from './02-list-offsets.ts'
import { writeTxnMarkers } from './27-write-txn-markers.ts'
import { describeProducers } from './61-describe-producers.ts'

const MARKER_BYTES = 78
const connection = { listenerName: 'PLAINTEXT', isClosed: false, onClose: () => () => undefined }

function context(apiVersion: number): RequestContext {
  return { apiVersion, clientId: 'test', connection } as unknown as RequestContext
}

class Scene {
  readonly cluster: ReplicationCluster
  readonly completed: unknown[][] = []

  constructor(cluster: ReplicationCluster) {
    this.cluster = cluster
    for (const id of [1, 2]) {
      const groups = { completeTransaction: (...args: unknown[]) => this.completed.push(args) }
      const services = this.services(id) as unknown as Record<string, unknown>
      Object.assign(services, {
        groups,
        config: { requestTimeoutMs: 5_000, fetchSessionCacheSlots: 10 },
      })
    }
  }

  static async start(assignments: number[][] = [[1, 2]]): Promise<Scene> {
    const cluster = await ReplicationCluster.start({ seed: 'transactions', brokerIds: [1, 2] })
    cluster.createTopic('orders', assignments)
    cluster.createTopic('__consumer_offsets', [[1, 2]])
    await cluster.settle()
    return new Scene(cluster)
  }

  services(id: number): TestBroker['services'] {
    return this.cluster.broker(id).services
  }

  async send(producerId: number, sequence: number, isTransactional = true): Promise<number> {
    const records = data(producerId, { sequence, isTransactional })
    const topicData = [
      { name: 'orders', topicId: ZERO_UUID, partitionData: [{ index: 0, records }] },
    ]
    const transactionalId = isTransactional ? 'tx' : null
    const request = { transactionalId, acks: -1, timeoutMs: 5_000, topicData }
    const answered = Promise.resolve(produce.handle(this.services(1), context(11), request))
    const response = await this.cluster.world.run(answered)
    return response?.responses?.[0]?.partitionResponses?.[0]?.errorCode ?? -1
  }

  async mark(
    producerId: number,
    isCommit: boolean,
    more: {
      topic?: string
      partitions?: number[]
      coordinatorEpoch?: number
      broker?: number
    } = {},
  ): Promise<(number | undefined)[]> {
    const { topic = 'orders', partitions = [0], coordinatorEpoch = 0, broker = 1 } = more
    const marker = {
      producerId,
      producerEpoch: 0,
      transactionResult: isCommit,
      topics: [{ name: topic, partitionIndexes: partitions }],
      coordinatorEpoch,
      transactionVersion: 0,
    }
    const services = this.services(broker)
    const answered = Promise.resolve(
      writeTxnMarkers.handle(services, context(2), { markers: [marker] }),
    )
    const response = await this.cluster.world.run(answered)
    return response?.markers?.[0]?.topics?.[0]?.partitions?.map(({ errorCode }) => errorCode) ?? []
  }

  fetch(
    isolationLevel: number,
    more: { maxWaitMs?: number; minBytes?: number; broker?: number; offset?: number } = {},
  ) {
    const { maxWaitMs = 0, minBytes = 1, broker = 1, offset = 0 } = more
    const partition = {
      partition: 0,
      currentLeaderEpoch: -1,
      fetchOffset: offset,
      lastFetchedEpoch: -1,
      logStartOffset: -1,
      partitionMaxBytes: 100_000,
    }
    const request = {
      replicaId: -1,
      replicaState: { replicaId: -1, replicaEpoch: -1 },
      maxWaitMs,
      minBytes,
      maxBytes: 100_000,
      isolationLevel,
      sessionId: 0,
      sessionEpoch: -1,
      topics: [{ topic: 'orders', topicId: ZERO_UUID, partitions: [partition] }],
      forgottenTopicsData: [],
      rackId: '',
      clusterId: null,
    }
    const services = this.services(broker)
    return Promise.resolve(fetch.handle(services, context(12), request as never)).then(
      (response) => response?.responses?.[0]?.partitions?.[0],
    )
  }

  async latest(isolationLevel: number): Promise<number | undefined> {
    const partitions = [{ partitionIndex: 0, currentLeaderEpoch: -1, timestamp: -1 }]
    const topics = [{ name: 'orders', partitions }]
    const request = { replicaId: -1, isolationLevel, topics, timeoutMs: 0 }
    const answered = Promise.resolve(listOffsets.handle(this.services(1), context(7), request))
    const response = await this.cluster.world.run(answered)
    return response?.topics?.[0]?.partitions?.[0]?.offset
  }
}

test('read_committed ends at the last stable offset and hears what was aborted', async () => {
  const scene = await Scene.start()
  const { world } = scene.cluster
  expect(await scene.send(1, 0, false)).toBe(ErrorCode.NONE)
  expect(await scene.send(2, 0)).toBe(ErrorCode.NONE)
  expect(await scene.send(3, 0)).toBe(ErrorCode.NONE)
  const open = await world.run(scene.fetch(1))
  expect(valuesIn(open?.records as Buffer)).toEqual(['1:0'])
  expect(open).toMatchObject({ highWatermark: 3, lastStableOffset: 1, abortedTransactions: [] })
  expect(await scene.latest(1)).toBe(1)
  expect(await scene.latest(0)).toBe(3)
  expect(await scene.mark(2, false)).toEqual([ErrorCode.NONE])
  expect(await scene.mark(3, true)).toEqual([ErrorCode.NONE])
  const ended = await world.run(scene.fetch(1))
  expect(ended).toMatchObject({
    highWatermark: 5,
    lastStableOffset: 5,
    abortedTransactions: [{ producerId: 2, firstOffset: 1 }],
  })
  const uncommitted = await world.run(scene.fetch(0))
  expect(uncommitted).toMatchObject({ lastStableOffset: 5, abortedTransactions: null })
  expect(uncommitted?.records).toEqual(ended?.records)
})

test('a follower that serves reads stops where its leader does', async () => {
  const scene = await Scene.start()
  const { world } = scene.cluster
  await scene.send(2, 0)
  await scene.send(2, 1)
  await world.runFor(2_000)
  const open = await world.run(scene.fetch(1, { broker: 2 }))
  expect(open).toMatchObject({ highWatermark: 2, lastStableOffset: 0 })
  expect(open?.records).toHaveLength(0)
  await scene.mark(2, false)
  await world.runFor(2_000)
  expect(await world.run(scene.fetch(1, { broker: 2 }))).toMatchObject({
    lastStableOffset: 3,
    abortedTransactions: [{ producerId: 2, firstOffset: 0 }],
  })
})

test('a waiting read_committed fetch is answered by the marker, with all that it made stable', async () => {
  const scene = await Scene.start()
  const { world } = scene.cluster
  await scene.send(2, 0)
  await scene.send(2, 1)
  let answer: Awaited<ReturnType<Scene['fetch']>> | null = null
  const minBytes = 2 * data(2, { sequence: 0 }).length
  void scene.fetch(1, { maxWaitMs: 60_000, minBytes }).then((got) => {
    answer = got
  })
  await world.runFor(5_000)
  expect(answer).toBeNull()
  await scene.mark(2, true)
  await world.runUntil(() => answer !== null, 5_000)
  const records = (answer as { records?: unknown } | null)?.records as Buffer
  expect(isControlBatch(records, records.length - MARKER_BYTES)).toBe(true)
  expect(records.length).toBeGreaterThan(minBytes)
})

test('markers are answered partition by partition', async () => {
  const scene = await Scene.start([
    [1, 2],
    [2, 1],
  ])
  await scene.send(2, 0)
  expect(await scene.mark(2, true, { partitions: [0, 1, 7], coordinatorEpoch: 3 })).toEqual([
    ErrorCode.NONE,
    ErrorCode.NOT_LEADER_OR_FOLLOWER,
    ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  ])
  expect(await scene.mark(2, true, { coordinatorEpoch: 2 })).toEqual([
    ErrorCode.TRANSACTION_COORDINATOR_FENCED,
  ])
  expect(scene.completed).toEqual([])
})

test('a committed marker of __consumer_offsets completes the offsets of its transaction', async () => {
  const scene = await Scene.start()
  expect(await scene.mark(2, true, { topic: '__consumer_offsets' })).toEqual([ErrorCode.NONE])
  expect(scene.completed).toEqual([[2, 0, true, 0]])
  const elsewhere = { topic: '__consumer_offsets', broker: 2 }
  expect(await scene.mark(2, true, elsewhere)).toEqual([ErrorCode.NOT_LEADER_OR_FOLLOWER])
  expect(scene.completed).toHaveLength(1)
})

test('DescribeProducers shows where open transactions began', async () => {
  const scene = await Scene.start()
  await scene.send(1, 0, false)
  await scene.send(2, 0)
  await scene.send(2, 1)
  await scene.mark(9, false, { coordinatorEpoch: 4 })
  const describe = async (broker: number) => {
    const topics = [{ name: 'orders', partitionIndexes: [0, 7] }]
    const answered = Promise.resolve(
      describeProducers.handle(scene.services(broker), context(0), { topics }),
    )
    return (await scene.cluster.world.run(answered))?.topics?.[0]?.partitions
  }
  const leader = await describe(1)
  expect(leader?.[0]?.activeProducers).toMatchObject([
    { producerId: 1, lastSequence: 0, currentTxnStartOffset: -1, coordinatorEpoch: -1 },
    { producerId: 2, lastSequence: 1, currentTxnStartOffset: 1, lastTimestamp: 1000 },
    { producerId: 9, lastSequence: -1, currentTxnStartOffset: -1, coordinatorEpoch: 4 },
  ])
  expect(leader?.[1]?.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  expect((await describe(2))?.[0]?.errorCode).toBe(ErrorCode.NOT_LEADER_OR_FOLLOWER)
})
