// Offsets committed in transactions: unseen until the marker, gone with an abort, the same after a new coordinator
// has read the log.
import { beforeEach, expect, test } from 'vitest'
import { ErrorCode, errorName } from '../../../protocol/errors.ts'
import { buildEndTransactionMarker } from '../../../protocol/records/control.ts'
import { CoordinatorTopic } from '../../../tests/support/coordinator-topic.ts'
import { createWorld, type World } from '../../../tests/support/memory-runtime.ts'
import type { MetadataListener, MetadataView } from '../../metadata/image-types.ts'
import type { RequestContext } from '../../network/types.ts'
import { ClassicGroupCoordinator, type GroupCoordinatorSettings } from './group-coordinator.ts'

const settings: GroupCoordinatorSettings = {
  initialRebalanceDelayMs: 0,
  maxSize: 100,
  offsetsRetentionMs: 60_000,
  commitTimeoutMs: 5000,
  maxBatchBytes: 1_000_000,
  maxQueuedRecords: 1000,
  offsetsTopicPartitions: 1,
  sessionTimeoutMsMin: 6000,
  sessionTimeoutMsMax: 1_800_000,
  offsetMetadataMaxBytes: 16,
  offsetsRetentionCheckIntervalMs: 10_000,
}
const context = {
  apiVersion: 5,
  clientId: 'c',
  connection: { clientAddress: '127.0.0.1' },
} as unknown as RequestContext

let world: World
let topic: CoordinatorTopic
let groups: ClassicGroupCoordinator
let resign: () => void
let listeners: MetadataListener[]

async function elect(epoch: number): Promise<void> {
  resign?.()
  const leader = topic.leader()
  listeners = []
  const metadata = {
    image: { topicsByName: new Map() },
    subscribe: (_name: string, listener: MetadataListener) => listeners.push(listener),
  } as unknown as MetadataView
  const runtime = world.host('broker')
  groups = new ClassicGroupCoordinator({ runtime, replicas: leader.replicas, metadata, settings })
  resign = leader.resign
  leader.elect(epoch)
  await world.runFor(10)
}

beforeEach(async () => {
  world = createWorld({ seed: 'offsets' })
  topic = new CoordinatorTopic()
  resign = () => undefined
  await elect(1)
})

const partitionOf = (partitionIndex: number, offset: number) => ({
  partitionIndex,
  committedOffset: offset,
  committedLeaderEpoch: 0,
  committedMetadata: '',
})

function commitInTransaction(producerId: number, offset: number, options: object = {}) {
  return groups.commitTxnOffsets(context, {
    transactionalId: `t${producerId}`,
    groupId: 'g',
    producerId,
    producerEpoch: 0,
    generationId: -1,
    memberId: '',
    groupInstanceId: null,
    topics: [{ name: 'orders', partitions: [partitionOf(0, offset)] }],
    ...options,
  })
}

async function pend(producerId: number, offset: number, options: object = {}): Promise<string> {
  const answer = await world.run(commitInTransaction(producerId, offset, options))
  return errorName(answer.topics?.[0]?.partitions?.[0]?.errorCode ?? -1)
}

async function commit(offset: number): Promise<void> {
  const request = {
    groupId: 'g',
    generationIdOrMemberEpoch: -1,
    memberId: '',
    groupInstanceId: null,
    retentionTimeMs: -1,
    topics: [{ name: 'orders', topicId: 'A'.repeat(22), partitions: [partitionOf(0, offset)] }],
  }
  await world.run(groups.commitOffsets(context, request))
}

/** Appends the marker; `isHeard` as WriteTxnMarkers tells it once it is committed. */
function mark(producerId: number, kind: 'commit' | 'abort', isHeard = true): number {
  const marker = { producerId, producerEpoch: 0, coordinatorEpoch: 0, kind, timestampMs: 0 }
  const offset = topic.append(buildEndTransactionMarker(marker))
  if (isHeard) groups.completeTransaction(producerId, 0, kind === 'commit', offset)
  return offset
}

async function fetch(requireStable = false) {
  const topics = [{ name: 'orders', topicId: '', partitionIndexes: [0] }]
  const asked = { groupId: 'g', memberId: null, memberEpoch: -1, topics }
  const answer = await groups.fetchOffsets(context, {
    groupId: '',
    topics: null,
    requireStable,
    groups: [asked],
  })
  const partition = answer.groups?.[0]?.topics?.[0]?.partitions?.[0]
  return partition?.errorCode ? errorName(partition.errorCode) : partition?.committedOffset
}

test('a pending offset is unseen, makes its partition unstable, and counts with the commit', async () => {
  await commit(5)
  expect(await pend(7, 10)).toBe('NONE')
  expect(await fetch()).toBe(5)
  expect(await fetch(true)).toBe('UNSTABLE_OFFSET_COMMIT')
  mark(7, 'commit')
  expect(await fetch()).toBe(10)
  expect(await fetch(true)).toBe(10)
})

test('an abort drops it', async () => {
  await commit(5)
  await pend(7, 10)
  mark(7, 'abort')
  expect(await fetch(true)).toBe(5)
})

test('the partition is unstable from the moment the offset may be in the log', async () => {
  const release = topic.hold()
  const answer = commitInTransaction(7, 10)
  await world.runFor(100)
  expect(topic.records()).toHaveLength(1)
  expect(await fetch(true)).toBe('UNSTABLE_OFFSET_COMMIT')
  release()
  await world.run(answer)
  expect(await fetch(true)).toBe('UNSTABLE_OFFSET_COMMIT')
})

test('a marker that is heard before the answer to the write behind which it stands decides it', async () => {
  for (const kind of ['commit', 'abort'] as const) {
    await commit(5)
    const release = topic.hold()
    const answer = commitInTransaction(7, 10)
    await world.runFor(100)
    mark(7, kind)
    release()
    await world.run(answer)
    expect(await fetch(true)).toBe(kind === 'commit' ? 10 : 5)
  }
})

test('a plain commit made later than a pending one is not overtaken by its marker', async () => {
  await pend(7, 10)
  await commit(20)
  mark(7, 'commit')
  expect(await fetch(true)).toBe(20)
})

test('transactions of several producers end apart', async () => {
  await pend(7, 10)
  await pend(8, 11)
  mark(8, 'abort')
  expect(await fetch(true)).toBe('UNSTABLE_OFFSET_COMMIT')
  mark(7, 'commit')
  expect(await fetch(true)).toBe(10)
})

test('the next coordinator finds open, committed and aborted transactions as they were', async () => {
  await commit(5)
  await pend(7, 10)
  await elect(2)
  expect(await fetch()).toBe(5)
  expect(await fetch(true)).toBe('UNSTABLE_OFFSET_COMMIT')
  mark(7, 'commit', false)
  await elect(3)
  expect(await fetch(true)).toBe(10)
  await pend(7, 12)
  mark(7, 'abort', false)
  await elect(4)
  expect(await fetch(true)).toBe(10)
})

test('a marker heard while loading counts, though loading ends in front of it', async () => {
  await pend(7, 10)
  resign()
  const leader = topic.leader()
  const metadata = {
    image: { topicsByName: new Map() },
    subscribe: () => undefined,
  } as unknown as MetadataView
  const runtime = world.host('broker')
  groups = new ClassicGroupCoordinator({ runtime, replicas: leader.replicas, metadata, settings })
  leader.elect(2)
  mark(7, 'commit')
  await world.runFor(10)
  expect(await fetch(true)).toBe(10)
})

test('what the transaction or the group refuses is not written', async () => {
  topic.verificationCode = ErrorCode.TRANSACTION_ABORTABLE
  expect(await pend(7, 10)).toBe('TRANSACTION_ABORTABLE')
  topic.verificationCode = ErrorCode.NETWORK_EXCEPTION
  expect(await pend(7, 10)).toBe('COORDINATOR_LOAD_IN_PROGRESS')
  topic.verificationCode = ErrorCode.NONE
  expect(await pend(7, 10, { generationId: 3, memberId: 'm' })).toBe('ILLEGAL_GENERATION')
  expect(await pend(7, 10, { groupId: '' })).toBe('INVALID_GROUP_ID')
  const topics = [
    { name: 'orders', partitions: [{ ...partitionOf(0, 1), committedMetadata: 'x'.repeat(17) }] },
  ]
  expect(await pend(7, 10, { topics })).toBe('OFFSET_METADATA_TOO_LARGE')
  expect(topic.records()).toEqual([])
  topic.errorCode = ErrorCode.INVALID_PRODUCER_EPOCH
  expect(await pend(7, 10)).toBe('INVALID_PRODUCER_EPOCH')
  topic.errorCode = ErrorCode.NONE
  expect(await fetch(true)).toBe(-1)
})

test('a member that was left behind by a rebalance cannot commit in a transaction', async () => {
  const join = {
    groupId: 'g',
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 10_000,
    memberId: '',
    groupInstanceId: null,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
    reason: null,
  }
  const { memberId = '' } = await world.run(groups.join(context, join))
  const { generationId } = await world.run(groups.join(context, { ...join, memberId }))
  const member = { memberId, generationId }
  expect(await pend(7, 10, member)).toBe('NONE')
  expect(await pend(7, 10, { ...member, memberId: 'other' })).toBe('UNKNOWN_MEMBER_ID')
  expect(await pend(7, 10, { memberId, generationId: 99 })).toBe('ILLEGAL_GENERATION')
})

test('offsets with an open transaction do not expire; a deleted topic takes pending ones along', async () => {
  await commit(5)
  await pend(7, 10)
  await world.runFor(200_000)
  expect(await fetch()).toBe(5)
  for (const listener of listeners) {
    await listener({
      deletedTopics: [{ name: 'orders' }],
    } as unknown as Parameters<MetadataListener>[0])
  }
  await world.runFor(10)
  expect(await fetch(true)).toBe(-1)
  mark(7, 'commit')
  expect(await fetch(true)).toBe(-1)
})
