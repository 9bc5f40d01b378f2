import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ListOffsets } from '../../protocol/schemas/02-list-offsets.ts'
import { Metadata } from '../../protocol/schemas/03-metadata.ts'
import { ListGroups } from '../../protocol/schemas/16-list-groups.ts'
import type { Cluster } from '../clusters/registry.ts'
import { readClusterSettings } from '../clusters/registry.ts'
import { WireClient } from '../kafka/wire-client.ts'
import { FakeBroker } from '../testing/fake-broker.ts'
import { brokerTimeoutMsOf, createReaderMemory, readCluster } from './read-cluster.ts'

/** Longer than what a suspect is given, shorter than the others. */
const SLOW_MS = 900
let broker: FakeBroker
let cluster: Cluster
/** Whether questions that name no topic are answered. */
let isAwake: boolean

beforeEach(async () => {
  isAwake = true
  broker = await FakeBroker.start()
  const node = { nodeId: 1, host: '127.0.0.1', port: broker.port, rack: null }
  const partition = { errorCode: 0, partitionIndex: 0, leaderId: 1 }
  const replicas = { replicaNodes: [1], isrNodes: [1], offlineReplicas: [] }
  const orders = { errorCode: 0, name: 'orders', partitions: [{ ...partition, ...replicas }] }
  broker.on(Metadata, ({ topics }) => {
    if (topics !== null && !isAwake) return null
    return { brokers: [node], clusterId: 'kafka', controllerId: 1, topics: topics ? [] : [orders] }
  })
  broker.on(ListGroups, () => ({ errorCode: 0, groups: [] }))
  broker.on(ListOffsets, async ({ topics }) => {
    await sleep(SLOW_MS)
    const answered = { errorCode: 0, partitionIndex: 0, offset: 7, timestamp: -1 }
    return { topics: topics.map(({ name }) => ({ name, partitions: [answered] })) }
  })
  const [settings] = readClusterSettings({ EYRIE_CLUSTERS: `kafka=127.0.0.1:${broker.port}` })
  if (settings === undefined) throw new Error('no cluster is set')
  cluster = { ...settings, client: new WireClient({ bootstrap: settings.bootstrap }) }
})
afterEach(async () => {
  cluster.client.close()
  await broker.close()
})

test('a broker that was late once has its whole time again as soon as it says a word', async () => {
  const memory = createReaderMemory()
  memory.suspects.set(1, 'ListOffsets: no answer within 3000 ms')
  const reading = await readCluster(cluster, memory)
  expect([...reading.brokerErrors]).toEqual([])
  expect(reading.ends.get('orders')?.get(0)).toBe(7)
  expect(memory.suspects.size).toBe(0)
})

test('one that stays silent costs each cycle little, and stays suspected', async () => {
  isAwake = false
  const memory = createReaderMemory()
  memory.suspects.set(1, 'ListOffsets: no answer within 3000 ms')
  const reading = await readCluster(cluster, memory)
  expect(reading.brokerErrors.get(1)).toContain('no answer within 500 ms')
  expect([...memory.suspects.keys()]).toEqual([1])
})

test('the more partitions, the longer a broker may take to tell of them', () => {
  expect([0, 300, 10_000, 40_000].map(brokerTimeoutMsOf)).toEqual([3_000, 3_030, 4_000, 7_000])
})
