// Followers keep up while the number of their fetchers changes under them.
import { expect, test } from 'vitest'
import { ReplicationCluster } from '../../tests/support/replication-cluster.ts'

const PARTITIONS = 6

test('num.replica.fetchers changes while running, and no partition is left behind', async () => {
  const cluster = await ReplicationCluster.start({ seed: 'fetchers' })
  // All led by one broker: one fetcher on each of the others.
  cluster.createTopic(
    'orders',
    Array.from({ length: PARTITIONS }, () => [1, 2, 3]),
  )
  await cluster.settle()
  const { replicas } = cluster.broker(2)
  for (const [round, count] of [2, 4, 1].entries()) {
    const following = await cluster.world.run(replicas.resizeFetchers(count))
    if (count === 1) expect(following).toBe(1)
    else expect(following).toBeGreaterThan(1)
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const result = await cluster.produce('orders', [`${round}`], { partition })
      expect(result.errorCode).toBe(0)
    }
  }
  for (let partition = 0; partition < PARTITIONS; partition++) {
    expect(await cluster.valuesOn(2, 'orders', partition)).toEqual(['0', '1', '2'])
  }
})

test('a leader that fails every fetch is asked less and less often', async () => {
  const cluster = await ReplicationCluster.start({ seed: 'failing', brokerIds: [1, 2] })
  cluster.createTopic('orders', [[1, 2]])
  await cluster.settle()
  const { replicas } = cluster.broker(1)
  const fetch = replicas.fetch.bind(replicas)
  let count = 0
  replicas.fetch = async () => {
    count += 1
    throw new Error('not today')
  }
  await cluster.world.runFor(30_000)
  // The first few soon after one another, then one a second.
  expect(count).toBeGreaterThan(10)
  expect(count).toBeLessThan(45)
  replicas.fetch = fetch
  expect((await cluster.produce('orders', ['a'], { acks: -1 })).errorCode).toBe(0)
  expect(await cluster.valuesOn(2, 'orders', 0)).toEqual(['a'])
})

test('a leader that answers at once, without records, is not asked about hundreds of partitions without a pause', async () => {
  const PARTITION_COUNT = 520
  const cluster = await ReplicationCluster.start({ seed: 'pause', brokerIds: [1, 2] })
  cluster.createTopic(
    'orders',
    Array.from({ length: PARTITION_COUNT }, () => [1, 2]),
  )
  await cluster.world.runFor(500)
  const { replicas } = cluster.broker(1)
  const fetch = replicas.fetch.bind(replicas)
  let count = 0
  replicas.fetch = (entries, options) => {
    count += 1
    return fetch(entries, { ...options, maxWaitMs: 0 })
  }
  await cluster.world.runFor(600)
  // 13 ms apart.
  expect(count).toBeGreaterThan(15)
  expect(count).toBeLessThan(55)
  expect((await cluster.produce('orders', ['a'], { acks: -1, partition: 7 })).errorCode).toBe(0)
})
