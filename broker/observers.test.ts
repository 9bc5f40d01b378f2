// Brokers that are no voters: they find the quorum by its bootstrap servers or by the voters listed, follow its log,
// pass on what is for the controller, and hold replicas like any other.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ErrorCode } from '../protocol/errors.ts'
import { CreateTopics } from '../protocol/schemas/19-create-topics.ts'
import { DescribeQuorum } from '../protocol/schemas/55-describe-quorum.ts'
import { BrokerServers, type Properties } from '../tests/support/broker-servers.ts'

let cluster: BrokerServers

beforeEach(() => {
  cluster = new BrokerServers({ seed: 7 })
})
afterEach(() => cluster.expectNoneDied())

async function describeQuorum(id: number) {
  const topics = [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }]
  const response = await cluster.ask(id, DescribeQuorum, { topics })
  return response.topics[0]!.partitions[0]!
}

describe.each<[string, Properties]>([
  [
    'bootstrap servers',
    { 'controller.quorum.bootstrap.servers': BrokerServers.bootstrap([1, 2, 3]) },
  ],
  ['one bootstrap server', { 'controller.quorum.bootstrap.servers': BrokerServers.bootstrap([2]) }],
  ['the list of voters', { 'controller.quorum.voters': BrokerServers.voters([1, 2, 3]) }],
])('a broker that knows the quorum by %s', (_name, quorum) => {
  test('joins as observer, serves, forwards, and follows the next controller', async () => {
    await cluster.startVoters(3)
    await cluster.start(4, { 'process.roles': 'broker', ...quorum })
    const described = await describeQuorum(4)
    expect(described.currentVoters.map(({ replicaId }) => replicaId).sort()).toEqual([1, 2, 3])
    expect(described.observers.map(({ replicaId }) => replicaId)).toEqual([4])
    expect(described.observers[0]!.replicaDirectoryId).not.toBe('AAAAAAAAAAAAAAAAAAAAAA')

    const create = (name: string) =>
      cluster.ask(4, CreateTopics, {
        topics: [
          {
            name,
            numPartitions: -1,
            replicationFactor: -1,
            assignments: [{ partitionIndex: 0, brokerIds: [4, 1] }],
          },
        ],
        timeoutMs: 20_000,
      })
    expect((await create('a')).topics[0]).toMatchObject({ errorCode: ErrorCode.NONE })
    const leader = await cluster.leaderId()
    cluster.crash(leader)
    await cluster.leaderId()
    const other = leader === 1 ? 2 : 1
    await cluster.world.runUntil(() => {
      const { brokers } = cluster.server(other).parts.publisher.image
      return brokers.get(leader)?.isFenced === true
    }, 60_000)
    if (leader !== 1) {
      expect((await create('b')).topics[0]).toMatchObject({ errorCode: ErrorCode.NONE })
      const { publisher } = cluster.server(4).parts
      const led = () => publisher.image.topicsByName.get('b')?.partitions[0]?.leader
      await cluster.world.runUntil(() => led() === 4, 10_000)
    }
  })
})

test('an observer starts again from what it holds, with the controllers that are there', async () => {
  await cluster.startVoters(3)
  await cluster.start(4, {
    'process.roles': 'broker',
    'controller.quorum.bootstrap.servers': BrokerServers.bootstrap([1, 2, 3]),
  })
  await cluster.stop(4)
  cluster.crash(1)
  await cluster.start(4)
  expect(cluster.server(4).state).toBe('running')
  expect((await describeQuorum(4)).observers.map(({ replicaId }) => replicaId)).toEqual([4])
})
