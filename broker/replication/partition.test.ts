// One replica whose log is being replaced while its leadership goes on into another epoch: nothing is appended beside.
import { expect, test } from 'vitest'
import { client, openTestLog, testBatch } from '../../tests/support/log-fixtures.ts'
import { createMemoryRuntime } from '../../tests/support/memory-runtime.ts'
import { createLogShared } from '../log/log-shared.ts'
import { Registry } from '../metrics/registry.ts'
import { Partition, type PartitionContext } from './partition.ts'
import { BrokerStats } from './topic-stats.ts'

test('a log that is replaced while the leader leads on takes nothing before the other is there', async () => {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  const { clock, logger } = runtime
  const shared = createLogShared(runtime)
  const [old, next] = await Promise.all(
    ['/data/t-0', '/other/t-0'].map((directory) => openTestLog(runtime, { directory, shared })),
  )
  const context: PartitionContext = {
    localBrokerId: 1,
    replicaLagTimeMaxMs: 30_000,
    clock,
    logger,
    localBrokerEpoch: () => 1,
    brokers: () => new Map(),
    submitIsr: () => Promise.resolve({ errorCode: 0 }),
    onIsrChange: () => undefined,
    onProgress: () => undefined,
    onLogFailure: () => undefined,
  }
  const stats = new BrokerStats(new Registry({ clock })).topic('t')
  const partition = new Partition({ topic: 't', partition: 0, topicId: 'id', stats }, context)
  const assignment = {
    replicas: [1],
    isr: [1],
    addingReplicas: [],
    removingReplicas: [],
    leader: 1,
  }
  partition.attachLog(old!)
  partition.becomeLeader({ ...assignment, leaderEpoch: 0, partitionEpoch: 0 })
  const append = (value: string) =>
    partition.appendAsLeader(testBatch([value]), { ...client, origin: 'client', acks: 1 })

  const first = append('a')
  const leadingOn = partition.leadOn({ ...assignment, leaderEpoch: 1, partitionEpoch: 1 })
  let isCopied: () => void = () => undefined
  const copied = new Promise<void>((resolve) => {
    isCopied = resolve
  })
  const replacing = partition.replaceLog(async (current) => {
    expect(current.logEndOffset).toBe(1)
    await next!.append(testBatch(['a']), client)
    await copied
    expect(current.logEndOffset, 'appended to a log that is copied').toBe(1)
    return next!
  })
  const waiting = append('b')
  expect(await leadingOn).toBe(true)
  const late = append('c')
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
  isCopied()
  await replacing
  const offsets = (await Promise.all([first, waiting, late])).map((info) => info.firstOffset)
  expect([offsets, old!.logEndOffset, next!.logEndOffset]).toEqual([[0, 1, 2], 1, 3])
  expect([partition.leaderEpoch, partition.log === next]).toEqual([1, true])
})
