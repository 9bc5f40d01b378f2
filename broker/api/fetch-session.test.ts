// Fetch as consumers see it on whole brokers: incremental sessions by name and by id, and being sent to a replica in
// their own rack.
import { afterEach, describe, expect, test } from 'vitest'
import { ErrorCode } from '../../protocol/errors.ts'
import { buildBatch } from '../../protocol/records/build.ts'
import { Produce } from '../../protocol/schemas/00-produce.ts'
import { Fetch, type FetchRequest } from '../../protocol/schemas/01-fetch.ts'
import { CreateTopics } from '../../protocol/schemas/19-create-topics.ts'
import { DeleteTopics } from '../../protocol/schemas/20-delete-topics.ts'
import { BrokerServers } from '../../tests/support/broker-servers.ts'

const RACK_AWARE = 'org.apache.kafka.common.replica.RackAwareReplicaSelector'
const ZERO = 'AAAAAAAAAAAAAAAAAAAAAA'
let cluster: BrokerServers

afterEach(() => cluster.expectNoneDied())

async function createTopic(name: string, replicas: number[]): Promise<string> {
  const assignments = [0, 1].map((partitionIndex) => ({ partitionIndex, brokerIds: replicas }))
  const topic = { name, numPartitions: -1, replicationFactor: -1, assignments }
  const response = await cluster.ask(1, CreateTopics, { topics: [topic], timeoutMs: 20_000 })
  expect(response.topics[0]).toMatchObject({ errorCode: ErrorCode.NONE })
  const id = response.topics[0]!.topicId
  const isKnown = () =>
    [...cluster.servers.values()].every(
      ({ parts }) =>
        !replicas.includes(parts.raft.nodeId) ||
        parts.replicas.get({ topic: name, partition: 1 })?.leaderId === replicas[0],
    )
  await cluster.world.runUntil(isKnown, 20_000)
  return id
}

async function produce(leader: number, topicId: string, partition: number, value: string) {
  const records = buildBatch({ baseOffset: 0, records: [{ key: null, value: Buffer.from(value) }] })
  const partitionData = [{ index: partition, records }]
  const asked = { acks: -1, timeoutMs: 10_000, topicData: [{ topicId, partitionData }] }
  const response = await cluster.ask(leader, Produce, asked)
  expect(response.responses[0]!.partitionResponses[0]!.errorCode).toBe(ErrorCode.NONE)
}

type Asked = Partial<FetchRequest> & { offsets?: Record<number, number>; of?: object }

function fetch(id: number, { offsets = {}, of, ...more }: Asked, version = 17) {
  const partitions = Object.entries(offsets).map(([partition, fetchOffset]) => ({
    partition: Number(partition),
    fetchOffset,
    partitionMaxBytes: 1_000_000,
  }))
  const topics = partitions.length === 0 ? [] : [{ ...of, partitions }]
  const request = { maxWaitMs: 0, minBytes: 0, topics, ...more }
  return cluster.ask(id, Fetch, request, { version })
}

function answered(response: Awaited<ReturnType<typeof fetch>>) {
  return response.responses.flatMap(({ partitions }) =>
    partitions.map(({ partitionIndex, errorCode, records }) => ({
      partitionIndex,
      errorCode,
      bytes: records?.length ?? 0,
    })),
  )
}

describe('a session of a consumer', () => {
  test.each([
    ['topic ids', 17],
    ['names', 12],
  ])('by %s: told in full once, then only what is new', async (_name, version) => {
    cluster = new BrokerServers({ seed: 3 })
    await cluster.startVoters(1)
    const topicId = await createTopic('orders', [1])
    const of = version === 17 ? { topicId } : { topic: 'orders' }
    const first = await fetch(1, { sessionEpoch: 0, of, offsets: { 0: 0, 1: 0 } }, version)
    expect(first.sessionId).toBeGreaterThan(0)
    expect(answered(first).map(({ partitionIndex }) => partitionIndex)).toEqual([0, 1])
    const { sessionId } = first
    const quiet = await fetch(1, { sessionId, sessionEpoch: 1 }, version)
    expect(quiet).toMatchObject({ errorCode: 0, sessionId, responses: [] })
    await produce(1, topicId, 1, 'x')
    const news = await fetch(1, { sessionId, sessionEpoch: 2 }, version)
    expect(answered(news)).toMatchObject([{ partitionIndex: 1, errorCode: 0 }])
    expect(answered(news)[0]!.bytes).toBeGreaterThan(0)
    const moved = await fetch(1, { sessionId, sessionEpoch: 3, of, offsets: { 1: 1 } }, version)
    expect(answered(moved)).toEqual([])
    const repeated = await fetch(1, { sessionId, sessionEpoch: 3 }, version)
    expect(repeated).toMatchObject({
      errorCode: ErrorCode.INVALID_FETCH_SESSION_EPOCH,
      sessionId: 0,
    })
    const forgotten = { forgottenTopicsData: [{ topic: 'orders', topicId, partitions: [1] }] }
    await produce(1, topicId, 1, 'y')
    const after = await fetch(1, { sessionId, sessionEpoch: 4, ...forgotten }, version)
    expect(answered(after)).toEqual([])
    const other = version === 17 ? 12 : 17
    expect((await fetch(1, { sessionId, sessionEpoch: 5 }, other)).errorCode).toBe(
      ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR,
    )
    const closed = await fetch(1, { sessionId, sessionEpoch: -1 }, version)
    expect(closed).toMatchObject({ errorCode: 0, sessionId: 0 })
    expect((await fetch(1, { sessionId, sessionEpoch: 5 }, version)).errorCode).toBe(
      ErrorCode.FETCH_SESSION_ID_NOT_FOUND,
    )
  })

  test('an error is told with every response; a topic made anew is not taken for the old one', async () => {
    cluster = new BrokerServers({ seed: 4 })
    await cluster.startVoters(1)
    const topicId = await createTopic('orders', [1])
    const unknown = { topicId: 'BBBBBBBBQBCBBBBBBBBBBB' }
    const offsets = { 0: 0 }
    const first = await fetch(1, { sessionEpoch: 0, of: unknown, offsets })
    const errorOf = (response: Awaited<ReturnType<typeof fetch>>) =>
      answered(response)[0]?.errorCode
    expect(errorOf(first)).toBe(ErrorCode.UNKNOWN_TOPIC_ID)
    const { sessionId } = first
    const again = await fetch(1, { sessionId, sessionEpoch: 1, of: { topicId }, offsets })
    expect(answered(again).map(({ errorCode }) => errorCode)).toEqual([
      ErrorCode.UNKNOWN_TOPIC_ID,
      ErrorCode.NONE,
    ])
    await cluster.ask(1, DeleteTopics, { topics: [{ name: null, topicId }], timeoutMs: 20_000 })
    await createTopic('orders', [1])
    const forgottenTopicsData = [{ topic: '', partitions: [0], ...unknown }]
    const gone = await fetch(1, { sessionId, sessionEpoch: 2, forgottenTopicsData })
    expect(answered(gone).map(({ errorCode }) => errorCode)).toEqual([ErrorCode.UNKNOWN_TOPIC_ID])
  })
})

describe('with racks', () => {
  async function start(selector: Record<string, string>): Promise<string> {
    cluster = new BrokerServers({ seed: 5 })
    const voters = BrokerServers.voters([1])
    for (const [id, rack] of ['a', 'b', 'b'].entries()) {
      const roles = id === 0 ? 'broker,controller' : 'broker'
      await cluster.start(id + 1, {
        'process.roles': roles,
        'controller.quorum.voters': voters,
        'broker.rack': rack,
        ...selector,
      })
    }
    const topicId = await createTopic('orders', [1, 3])
    await produce(1, topicId, 0, 'x')
    return topicId
  }
  const replicaFor = async (topicId: string, rackId: string, fetchOffset = 0) => {
    const response = await fetch(1, { of: { topicId }, offsets: { 0: fetchOffset }, rackId })
    const partition = response.responses[0]!.partitions[0]!
    expect(partition.errorCode).toBe(ErrorCode.NONE)
    return { replica: partition.preferredReadReplica, bytes: partition.records?.length ?? 0 }
  }

  test('a consumer is sent to the replica in its rack, and reads committed records there', async () => {
    const topicId = await start({ 'replica.selector.class': RACK_AWARE })
    expect(await replicaFor(topicId, 'b')).toEqual({ replica: 3, bytes: 0 })
    expect(await replicaFor(topicId, 'a')).toMatchObject({ replica: -1 })
    expect(await replicaFor(topicId, 'c')).toMatchObject({ replica: -1 })
    expect(await replicaFor(topicId, '')).toMatchObject({ replica: -1 })
    const log = () => cluster.server(3).parts.replicas.get({ topic: 'orders', partition: 0 })?.log
    await cluster.world.runUntil(() => log()?.highWatermark === 1, 10_000)
    const there = await fetch(3, { of: { topicId }, offsets: { 0: 0 }, rackId: 'b' })
    expect(answered(there)).toMatchObject([{ partitionIndex: 0, errorCode: 0 }])
    expect(answered(there)[0]!.bytes).toBeGreaterThan(0)
    const elsewhere = await fetch(2, { of: { topicId }, offsets: { 0: 0 }, rackId: 'b' })
    expect(elsewhere.responses[0]!.partitions[0]).toMatchObject({
      errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER,
      currentLeader: { leaderId: 1 },
    })
    expect(elsewhere.nodeEndpoints).toMatchObject([{ nodeId: 1, rack: 'a' }])
    const beyond = await fetch(3, { of: { topicId }, offsets: { 0: 99 }, rackId: 'b' })
    expect(answered(beyond)[0]!.errorCode).toBe(ErrorCode.OFFSET_OUT_OF_RANGE)
  })

  test('an old client, and one whose replica is down, read from the leader', async () => {
    const topicId = await start({ 'replica.selector.class': RACK_AWARE })
    const byName = { of: { topic: 'orders', topicId: ZERO }, offsets: { 0: 0 } }
    const old = await fetch(3, byName, 10)
    expect(answered(old)[0]!.errorCode).toBe(ErrorCode.NOT_LEADER_OR_FOLLOWER)
    cluster.crash(3)
    const isFenced = () => cluster.server(1).parts.publisher.image.brokers.get(3)?.isFenced === true
    await cluster.world.runUntil(isFenced, 60_000)
    expect(await replicaFor(topicId, 'b')).toMatchObject({ replica: -1 })
  })

  test('without the selector nobody is sent away', async () => {
    const topicId = await start({})
    expect(await replicaFor(topicId, 'b')).toMatchObject({ replica: -1 })
  })
})
