// The phases of requests on whole brokers in memory, on a virtual clock: they add up to the total, each tells of what
// it is named after, and what making a batch anew takes is told beside them.
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { buildBatch } from '../protocol/records/build.ts'
import { Produce } from '../protocol/schemas/00-produce.ts'
import { Fetch } from '../protocol/schemas/01-fetch.ts'
import { Metadata } from '../protocol/schemas/03-metadata.ts'
import { OffsetCommit } from '../protocol/schemas/08-offset-commit.ts'
import { FindCoordinator } from '../protocol/schemas/10-find-coordinator.ts'
import { CreateTopics } from '../protocol/schemas/19-create-topics.ts'
import { BrokerServers } from '../tests/support/broker-servers.ts'

const PHASES = ['RequestQueue', 'Local', 'Remote', 'ResponseQueue', 'ResponseSend'] as const
const WAIT_MS = 500
const RECORDS = 20

/** zlib works on threads of its own: the virtual clock waits for it. */
const compressing = vi.hoisted(() => new Set<Promise<unknown>>())
vi.mock('../protocol/compression/index.ts', async (load) => {
  const real = await load<typeof import('../protocol/compression/index.ts')>()
  const compress = (...given: Parameters<typeof real.compress>) => {
    const work = real.compress(...given).finally(() => compressing.delete(work))
    compressing.add(work)
    return work
  }
  return { ...real, compress }
})

const brokers = new BrokerServers({ seed: 3, outside: compressing })
let leader = 0

/** Of all requests of this name at the broker that leads. */
function read(name: string, request: string) {
  const bean = `kafka.network:name=${name},request=${request},type=RequestMetrics`
  const { Count = 0, Mean = 0, Max = 0 } = brokers.metrics.get(leader)?.find(bean)?.read() ?? {}
  return { count: Number(Count), sumMs: Number(Count) * Number(Mean), max: Number(Max) }
}

const phaseOf = (phase: string, request: string) => read(`${phase}TimeMs`, request)

async function produce(topicId: string): Promise<number | undefined> {
  const value = Buffer.alloc(100, 'a')
  const records = buildBatch({
    baseOffset: 0,
    records: Array.from({ length: RECORDS }, () => ({ key: null, value })),
  })
  const topicData = [{ topicId, partitionData: [{ index: 0, records }] }]
  const asked = { acks: -1, timeoutMs: 10_000, topicData }
  const { responses } = await brokers.ask(leader, Produce, asked)
  return responses[0]?.partitionResponses[0]?.errorCode
}

beforeAll(async () => {
  await brokers.startVoters(3)
  const configs = [{ name: 'compression.type', value: 'gzip' }]
  const topics = [{ name: 'orders', numPartitions: 1, replicationFactor: 3, configs }]
  await brokers.ask(1, CreateTopics, { topics, timeoutMs: 10_000 })
  let topicId = ''
  while (leader <= 0) {
    const found = await brokers.ask(1, Metadata, { topics: [{ name: 'orders' }] })
    topicId = found.topics[0]?.topicId ?? ''
    leader = found.topics[0]?.partitions[0]?.leaderId ?? 0
  }
  // The broker takes the lead a moment after the topic is there.
  while ((await produce(topicId)) !== 0);
  for (let count = 0; count < 4; count += 1) expect(await produce(topicId)).toBe(0)
  const fetchOffset = 5 * RECORDS
  const partitions = [{ partition: 0, fetchOffset, partitionMaxBytes: 1e6 }]
  const asked = { maxWaitMs: WAIT_MS, minBytes: 1, topics: [{ topicId, partitions }] }
  await brokers.ask(leader, Fetch, asked)
})

afterAll(() => brokers.expectNoneDied())

test('the phases of every request add up to its total', () => {
  const requests = ['Produce', 'FetchConsumer', 'FetchFollower', 'Fetch', 'BrokerHeartbeat', 'Vote']
  const seen = requests.filter((request) => phaseOf('Total', request).count > 0)
  expect(seen).toEqual(expect.arrayContaining(['Produce', 'FetchConsumer', 'FetchFollower']))
  for (const request of seen) {
    const total = phaseOf('Total', request)
    const phases = PHASES.map((phase) => phaseOf(phase, request))
    for (const { count } of phases) expect(count).toBe(total.count)
    const sumMs = phases.reduce((sum, phase) => sum + phase.sumMs, 0)
    expect(sumMs, request).toBeCloseTo(total.sumMs, 6)
  }
})

test('waiting for others is remote time: for records, and for the other replicas', () => {
  // Differences of times in fractions of a millisecond: rounded.
  expect(phaseOf('Remote', 'FetchConsumer').max).toBeGreaterThan(WAIT_MS - 1e-6)
  expect(phaseOf('Local', 'FetchConsumer').max).toBeLessThan(WAIT_MS)
  // Over a network in memory that takes its time, as real ones do.
  expect(phaseOf('Remote', 'Produce').sumMs).toBeGreaterThan(0)
  expect(phaseOf('Total', 'Produce').sumMs).toBeGreaterThan(0)
})

test('batches that a topic has compressed anew count as conversions, with their memory', () => {
  const meters = 'kafka.server:name=ProduceMessageConversionsPerSec,'
  const ofAll = brokers.metrics.get(leader)?.find(`${meters}type=BrokerTopicMetrics`)?.read()
  const ofOne = brokers.metrics.get(leader)?.find(`${meters}topic=orders,type=BrokerTopicMetrics`)
  expect(ofAll?.Count).toBe(5 * RECORDS)
  expect(ofOne?.read().Count).toBe(5 * RECORDS)
  expect(read('MessageConversionsTimeMs', 'Produce').count).toBe(phaseOf('Total', 'Produce').count)
  expect(read('TemporaryMemoryBytes', 'Produce').max).toBeGreaterThan(RECORDS * 100)
  expect(read('TemporaryMemoryBytes', 'Fetch').max).toBe(0)
})

test('a batch of the group coordinator is flushed to its log, then waits for the other replicas', async () => {
  const commit = async () => {
    const found = await brokers.ask(leader, FindCoordinator, { keyType: 0, coordinatorKeys: ['g'] })
    const { nodeId = -1, errorCode } = found.coordinators[0] ?? {}
    if (errorCode !== 0) return null
    const partitions = [{ partitionIndex: 0, committedOffset: 3 }]
    const request = { groupId: 'g', topics: [{ name: 'orders', partitions }] }
    const { topics } = await brokers.ask(nodeId, OffsetCommit, request, { version: 8 })
    return topics[0]?.partitions[0]?.errorCode === 0 ? nodeId : null
  }
  let coordinator: number | null = null
  // Its topic is made when it is first asked for, and led a moment after that.
  while (coordinator === null) coordinator = await commit()
  const bean = 'kafka.server:type=group-coordinator-metrics'
  const told = brokers.metrics.get(coordinator)?.find(bean)?.read() as Record<string, number>
  expect(told['offset-commit-count']).toBe(1)
  expect(told['event-purgatory-time-ms-max']).toBeGreaterThan(0)
  expect(told['batch-flush-time-ms-max']).toBeLessThan(told['event-purgatory-time-ms-max'] ?? 0)
  expect(told['batch-flush-rate']).toBeGreaterThan(0)
})
