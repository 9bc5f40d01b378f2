// The metadata log over a long time: snapshots by size and by time, old ones and the log below them removed, also while
// nothing new is written; a start reads the newest snapshot and a short tail.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ErrorCode } from '../protocol/errors.ts'
import { CreateTopics } from '../protocol/schemas/19-create-topics.ts'
import { CreatePartitions } from '../protocol/schemas/37-create-partitions.ts'
import { BrokerServers } from '../tests/support/broker-servers.ts'
import type { CommittedBatch, RaftListener } from './raft/types.ts'

let cluster: BrokerServers

beforeEach(() => {
  cluster = new BrokerServers({ seed: 13 })
})
afterEach(() => cluster.expectNoneDied())

async function checkpoints(): Promise<string[]> {
  const { disk } = cluster.world.host('b1')
  const names = await cluster.world.run(disk.readdir('/data/__cluster_metadata-0'))
  return names.filter((name) => name.endsWith('.checkpoint')).sort()
}

async function change(topic: string, rounds: number): Promise<void> {
  const topics = [{ name: topic, numPartitions: 1, replicationFactor: 1 }]
  await cluster.ask(1, CreateTopics, { topics, timeoutMs: 20_000 })
  for (let round = 1; round <= rounds; round += 1) {
    const asked = [{ name: topic, count: 1 + round * 20, assignments: null }]
    const response = await cluster.ask(1, CreatePartitions, { topics: asked, timeoutMs: 20_000 })
    expect(response.results[0]).toMatchObject({ errorCode: ErrorCode.NONE })
  }
}

/** What a listener that starts now is given. */
async function replayed(): Promise<{ snapshotRecords: number; logRecords: number }> {
  const { raft } = cluster.server(1).parts
  const counted = { snapshotRecords: 0, logRecords: 0, offset: 0 }
  const target = raft.highWatermark - 1
  const listener: RaftListener = {
    handleCommit(batch: CommittedBatch) {
      counted.logRecords += batch.records.length
      counted.offset = batch.lastOffset
    },
    handleLoadSnapshot({ records, endOffset }) {
      counted.snapshotRecords += records.length
      counted.offset = endOffset - 1
    },
    handleLeaderChange: () => undefined,
  }
  raft.register(listener)
  await cluster.world.runUntil(() => counted.offset >= target, 20_000)
  return counted
}

test('many changes cost a start no more than a snapshot and a short tail', async () => {
  await cluster.startVoters(1, {
    'metadata.log.max.record.bytes.between.snapshots': '20000',
    'metadata.max.retention.bytes': '100000',
  })
  await change('orders', 40)
  await cluster.stop(1)
  await cluster.start(1)
  // Its own leaving and coming back were changes too: the snapshot after them comes with the next commit.
  const { raft } = cluster.server(1).parts
  const settled = raft.highWatermark + 20
  await cluster.world.runUntil(() => raft.highWatermark > settled, 60_000)
  const { snapshotRecords, logRecords } = await replayed()
  const { image } = cluster.server(1).parts.publisher
  expect(image.topicsByName.get('orders')?.partitions.length).toBe(801)
  expect(snapshotRecords).toBeGreaterThan(400)
  // 20,000 bytes are about 300 partitions.
  expect(logRecords).toBeLessThan(700)
  const { log } = cluster.server(1).parts.metadataLog
  expect(log.logStartOffset).toBeGreaterThan(0)
  expect((await checkpoints()).length).toBeLessThan(8)
})

test('snapshots are made and removed by time alone', async () => {
  await cluster.startVoters(1, {
    'metadata.log.max.snapshot.interval.ms': '60000',
    'metadata.max.retention.ms': '600000',
  })
  await change('orders', 1)
  const raft = () => cluster.server(1).parts.raft
  const before = raft().highWatermark
  await cluster.world.runUntil(() => raft().highWatermark > before + 2000, 3_000_000)
  const kept = await checkpoints()
  // Ten minutes of one a minute, and what the last minute has not yet removed.
  expect(kept.length).toBeGreaterThan(5)
  expect(kept.length).toBeLessThan(14)
  expect(cluster.server(1).parts.metadataLog.log.logStartOffset).toBeGreaterThan(before)
})

test('old snapshots go although no new one comes', async () => {
  await cluster.startVoters(1, {
    'metadata.log.max.record.bytes.between.snapshots': '20000',
    'metadata.log.max.snapshot.interval.ms': '0',
    'metadata.max.idle.interval.ms': '0',
    'metadata.max.retention.ms': '600000',
  })
  await change('orders', 40)
  const many = await checkpoints()
  expect(many.length).toBeGreaterThan(1)
  const untilMs = cluster.world.elapsedMs() + 720_000
  const isLater = () => cluster.world.elapsedMs() >= untilMs
  await cluster.world.runUntil(isLater, 800_000)
  expect(await checkpoints()).toEqual(many.slice(-1))
})
