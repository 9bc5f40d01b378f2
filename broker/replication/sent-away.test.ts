// A producer with several batches in flight while leadership moves: what this broker refused comes again, in order.
import { expect, test } from 'vitest'
import { ErrorCode } from '../../protocol/errors.ts'
import { testBatch } from '../../tests/support/log-fixtures.ts'
import { ReplicationCluster, type TestBroker } from '../../tests/support/replication-cluster.ts'

async function startWithTopic(seed: string) {
  const cluster = await ReplicationCluster.start({ seed })
  cluster.createTopic('orders', [[1, 2, 3]], {})
  await cluster.settle()
  const send = async (broker: TestBroker, baseSequence: number, producerId = 7) => {
    const records = testBatch([`v${baseSequence}`], { producerId, producerEpoch: 0, baseSequence })
    const options = {
      acks: -1,
      timeoutMs: 5_000,
      origin: 'client',
      allowInternalTopics: false,
    } as const
    const producing = broker.replicas.produce([{ topic: 'orders', partition: 0, records }], options)
    return (await cluster.world.run(producing))[0]?.errorCode
  }
  return { cluster, send }
}

test('behind a batch that was sent away, others are sent away until it comes again', async () => {
  const { cluster, send } = await startWithTopic('sent-away')
  const [first, second] = [cluster.broker(1), cluster.broker(2)]
  expect(await send(first, 0)).toBe(ErrorCode.NONE)
  expect(await send(second, 1)).toBe(ErrorCode.NOT_LEADER_OR_FOLLOWER)
  cluster.elect('orders', 2, [1, 2, 3])
  await cluster.settle()
  expect(await send(second, 2)).toBe(ErrorCode.NOT_LEADER_OR_FOLLOWER)
  expect(await send(second, 3, 8), 'a producer that is not known').toBe(ErrorCode.NONE)
  for (const sequence of [1, 2, 3]) expect(await send(second, sequence)).toBe(ErrorCode.NONE)
  expect(await send(second, 9), 'nothing before it was sent away').toBe(
    ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
  )
  await cluster.settle()
  const values = ['v0', 'v3', 'v1', 'v2', 'v3']
  for (const id of [1, 2, 3]) expect(await cluster.valuesOn(id, 'orders')).toEqual(values)
})

test('a gap that stays is told of in the end, and one before what was sent away at once', async () => {
  const { cluster, send } = await startWithTopic('gap')
  const second = cluster.broker(2)
  for (const sequence of [0, 1]) expect(await send(cluster.broker(1), sequence)).toBe(0)
  expect(await send(second, 5)).toBe(ErrorCode.NOT_LEADER_OR_FOLLOWER)
  cluster.elect('orders', 2, [1, 2, 3])
  await cluster.settle()
  expect(await send(second, 4)).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
  expect(await send(second, 6)).toBe(ErrorCode.NOT_LEADER_OR_FOLLOWER)
  await cluster.world.runFor(11_000)
  expect(await send(second, 6)).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
})
