// kraft.version 1 on whole brokers: upgraded while running, voters that join and leave one by one, by request and by
// themselves, over restarts, snapshots and deaths.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ErrorCode } from '../protocol/errors.ts'
import { ApiVersions } from '../protocol/schemas/18-api-versions.ts'
import { CreateTopics } from '../protocol/schemas/19-create-topics.ts'
import { DescribeQuorum } from '../protocol/schemas/55-describe-quorum.ts'
import { UpdateFeatures } from '../protocol/schemas/57-update-features.ts'
import { AddRaftVoter } from '../protocol/schemas/80-add-raft-voter.ts'
import { RemoveRaftVoter } from '../protocol/schemas/81-remove-raft-voter.ts'
import { BrokerServers, type Properties } from '../tests/support/broker-servers.ts'
import { snapshotBytes } from './metadata/snapshot.ts'

const ZERO = 'AAAAAAAAAAAAAAAAAAAAAA'
let cluster: BrokerServers

beforeEach(() => {
  cluster = new BrokerServers({ seed: 11 })
})
afterEach(() => cluster.expectNoneDied())

const joining = (more: Properties = {}): Properties => ({
  'controller.quorum.bootstrap.servers': BrokerServers.bootstrap([1, 2, 3]),
  ...more,
})

async function quorum(id: number) {
  const topics = [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }]
  const response = await cluster.ask(id, DescribeQuorum, { topics })
  const { currentVoters, observers } = response.topics[0]!.partitions[0]!
  const ids = (replicas: readonly { replicaId: number }[]) =>
    replicas.map(({ replicaId }) => replicaId).sort()
  const listeners = response.nodes.map(({ nodeId, listeners: [first] }) => [nodeId, first?.host])
  return { voters: ids(currentVoters), observers: ids(observers), currentVoters, listeners }
}

async function upgrade(more: { validateOnly?: boolean; level?: number } = {}) {
  const { validateOnly = false, level = 1 } = more
  const featureUpdates = [{ feature: 'kraft.version', maxVersionLevel: level, upgradeType: 1 }]
  return cluster.ask(1, UpdateFeatures, { timeoutMs: 20_000, featureUpdates, validateOnly })
}

function directoryOf(id: number): string {
  return cluster.server(id).parts.metadataLog.directoryId
}

function add(id: number, at: number) {
  const listeners = [{ name: 'CONTROLLER', host: BrokerServers.hostOf(id), port: 9192 }]
  return cluster.ask(at, AddRaftVoter, {
    clusterId: null,
    timeoutMs: 20_000,
    voterId: id,
    voterDirectoryId: directoryOf(id),
    listeners,
  })
}

function remove(id: number, directoryId: string, at: number) {
  const request = { clusterId: null, voterId: id, voterDirectoryId: directoryId }
  return cluster.ask(at, RemoveRaftVoter, request)
}

async function isWritable(at: number, name: string): Promise<void> {
  const topics = [{ name, numPartitions: 1, replicationFactor: 1 }]
  const response = await cluster.ask(at, CreateTopics, { topics, timeoutMs: 20_000 })
  expect(response.topics[0]).toMatchObject({ errorCode: ErrorCode.NONE })
}

describe('kraft.version', () => {
  test('is upgraded while running, told by every broker, and never goes back', async () => {
    await cluster.startVoters(3)
    const before = await quorum(1)
    expect(before.currentVoters.map(({ replicaDirectoryId }) => replicaDirectoryId)).toEqual([
      ZERO,
      ZERO,
      ZERO,
    ])
    expect(await upgrade({ validateOnly: true })).toMatchObject({ errorCode: ErrorCode.NONE })
    expect((await quorum(1)).currentVoters[0]!.replicaDirectoryId).toBe(ZERO)
    expect(await upgrade()).toMatchObject({ errorCode: ErrorCode.NONE })
    const after = await quorum(2)
    for (const { replicaId, replicaDirectoryId } of after.currentVoters) {
      expect(replicaDirectoryId).toBe(directoryOf(replicaId))
    }
    await cluster.world.runUntil(
      () => [...cluster.servers.values()].every(({ parts }) => parts.raft.kraftVersion === 1),
      5000,
    )
    const { finalizedFeatures } = await cluster.ask(3, ApiVersions, {
      clientSoftwareName: 'test',
      clientSoftwareVersion: '1',
    })
    expect(finalizedFeatures.find(({ name }) => name === 'kraft.version')).toMatchObject({
      maxVersionLevel: 1,
    })
    expect(await upgrade({ level: 0 })).toMatchObject({
      errorCode: ErrorCode.INVALID_UPDATE_VERSION,
    })
    for (const id of [1, 2, 3]) cluster.crash(id)
    await cluster.world.run(Promise.all([1, 2, 3].map((id) => cluster.open(id))))
    await cluster.leaderId()
    expect((await quorum(1)).currentVoters.map((voter) => voter.replicaDirectoryId)).toEqual(
      after.currentVoters.map((voter) => voter.replicaDirectoryId),
    )
  })

  test('0 changes no voters', async () => {
    await cluster.startVoters(3)
    await cluster.start(4, joining())
    const response = await add(4, 1)
    expect(response.errorCode).toBe(ErrorCode.UNSUPPORTED_VERSION)
    expect(response.errorMessage).toContain('kraft.version feature is 0')
  })
})

describe('voters', () => {
  beforeEach(async () => {
    await cluster.startVoters(3)
    await upgrade()
  })

  test('join by request, count, and take over', async () => {
    await cluster.start(4, joining())
    expect(await quorum(4)).toMatchObject({ voters: [1, 2, 3], observers: [4] })
    expect(await add(4, 4)).toMatchObject({ errorCode: ErrorCode.NONE })
    const after = await quorum(4)
    expect(after).toMatchObject({ voters: [1, 2, 3, 4], observers: [] })
    expect(after.listeners).toContainEqual([4, 'b4'])
    expect((await add(4, 1)).errorCode).toBe(ErrorCode.DUPLICATE_VOTER)
    // Two of four are no majority; three are, the newcomer among them.
    const leader = await cluster.leaderId()
    cluster.crash(leader)
    await cluster.leaderId()
    const [witness] = [...cluster.servers.keys()]
    await isWritable(witness!, 'after-a-death')
    expect((await quorum(4)).voters).toEqual([1, 2, 3, 4])
  })

  test('leave by request, the leader too, and the rest goes on', async () => {
    const leader = await cluster.leaderId()
    const directoryId = directoryOf(leader)
    const [other, last] = [1, 2, 3].filter((id) => id !== leader) as [number, number]
    expect((await remove(leader, directoryOf(other), other)).errorCode).toBe(
      ErrorCode.VOTER_NOT_FOUND,
    )
    expect(await remove(leader, directoryId, other)).toMatchObject({ errorCode: ErrorCode.NONE })
    await cluster.world.runUntil(
      () => [other, last].includes(cluster.server(other).parts.raft.leaderAndEpoch.leaderId ?? 0),
      30_000,
    )
    const next = await cluster.leaderId()
    const follows = () => cluster.server(next).parts.raft.describe().observers.length === 1
    await cluster.world.runUntil(follows, 30_000)
    expect(await quorum(other)).toMatchObject({ voters: [other, last].sort(), observers: [leader] })
    await cluster.stop(leader)
    await isWritable(other, 'without')
    expect(await add(other, last)).toMatchObject({ errorCode: ErrorCode.DUPLICATE_VOTER })
  })

  test('a node that cannot be asked, or does not follow, does not become one', async () => {
    await cluster.start(4, joining({ 'process.roles': 'broker' }))
    const response = await add(4, 1)
    expect(response.errorCode).toBe(ErrorCode.REQUEST_TIMED_OUT)
    expect(response.errorMessage).toContain('is not ready to receive requests')
    expect((await quorum(1)).voters).toEqual([1, 2, 3])
  })

  test('join by themselves where they may, also with a new disk', async () => {
    const properties = joining({ 'controller.quorum.auto.join.enable': 'true' })
    await cluster.start(4, properties)
    const isVoter = () => {
      const { parts } = cluster.server(4)
      return parts.raft
        .describe()
        .voters.some((voter) => voter.replicaDirectoryId === directoryOf(4))
    }
    await cluster.world.runUntil(isVoter, 30_000)
    expect((await quorum(1)).voters).toEqual([1, 2, 3, 4])
    cluster.crash(4)
    await cluster.start(4, { ...properties, 'log.dirs': '/other' })
    await cluster.world.runUntil(isVoter, 30_000)
    expect(await quorum(1)).toMatchObject({ voters: [1, 2, 3, 4] })
  })

  test('are known from a snapshot alone', async () => {
    await cluster.start(4, joining())
    expect(await add(4, 1)).toMatchObject({ errorCode: ErrorCode.NONE })
    for (const id of [1, 2, 3, 4]) {
      const { parts } = cluster.server(id)
      const { committedImage } = parts.publisher
      await cluster.world.run(
        parts.raft.createSnapshot({
          endOffset: committedImage.offset + 1,
          epoch: committedImage.epoch,
          lastContainedLogTimestampMs: 1,
          records: [...snapshotBytes(committedImage)],
        }),
      )
    }
    await cluster.start(5, joining())
    expect(await quorum(5)).toMatchObject({ voters: [1, 2, 3, 4], observers: [5] })
    expect(await add(5, 5)).toMatchObject({ errorCode: ErrorCode.NONE })
    for (const id of [1, 2, 3, 4, 5]) cluster.crash(id)
    const all = [1, 2, 3, 4, 5].map((id) => cluster.open(id))
    await cluster.world.run(Promise.all(all))
    await cluster.leaderId()
    expect((await quorum(5)).voters).toEqual([1, 2, 3, 4, 5])
  })
})
