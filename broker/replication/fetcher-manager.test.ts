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
