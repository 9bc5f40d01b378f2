import { expect, test } from 'vitest'
import { ErrorCode } from '../../../protocol/errors.ts'
import { batchRecordCount, setBatchBaseOffset } from '../../../protocol/records/batch.ts'
import { readRecordsSync } from '../../../protocol/records/read.ts'
import { createMemoryRuntime } from '../../../tests/support/memory-runtime.ts'
import type { Log } from '../../log/types.ts'
import type { MetadataView } from '../../metadata/image-types.ts'
import type { RequestContext } from '../../network/types.ts'
import type { PartitionView, Replicas } from '../../replication/types.ts'
import type { Runtime } from '../../runtime/runtime.ts'
import { ClassicGroupCoordinator, type GroupCoordinatorSettings } from './group-coordinator.ts'
import { parseRecord } from './records.ts'

const settings: GroupCoordinatorSettings = {
  initialRebalanceDelayMs: 0,
  maxSize: 100,
  offsetsRetentionMs: 1000,
  commitTimeoutMs: 5000,
  maxBatchBytes: 1_000_000,
  maxQueuedRecords: 1000,
  offsetsTopicPartitions: 1,
  sessionTimeoutMsMin: 6000,
  sessionTimeoutMsMax: 1_800_000,
  offsetMetadataMaxBytes: 16,
  offsetsRetentionCheckIntervalMs: 500,
}

/** The offsets topic as a list of batches that outlives coordinators. */
class FakeTopic {
  readonly batches: Buffer[] = []
  endOffset = 0
  errorCode: number = ErrorCode.NONE

  get log(): Log {
    const fake = {
      logStartOffset: 0,
      logEndOffset: this.endOffset,
      read: ({ offset }: { offset: number }) => ({
        records: Buffer.concat(this.batches),
        baseOffset: offset,
        nextOffset: this.endOffset,
      }),
    }
    return fake as unknown as Log
  }
  records() {
    return this.batches.flatMap((batch) => readRecordsSync(batch))
  }
  append(batch: Buffer) {
    setBatchBaseOffset(batch, 0, this.endOffset)
    const firstOffset = this.endOffset
    this.endOffset += batchRecordCount(batch, 0)
    this.batches.push(batch)
    return firstOffset
  }
}

function coordinator(topic: FakeTopic, runtime: Runtime) {
  let elected: (partition: number, epoch: number) => void = () => undefined
  const replicas = {
    get: () => ({ log: topic.log }) as unknown as PartitionView,
    verifyTransaction: async () => ({ errorCode: ErrorCode.NONE, verificationGuard: null }),
    onLeadership: (_name: string, listener: { elected: typeof elected }) => {
      elected = (partition, epoch) => listener.elected(partition, epoch)
    },
    produce: async (entries: readonly { records: Buffer }[]) =>
      entries.map(({ records }) => ({
        errorCode: topic.errorCode,
        info: topic.errorCode === 0 ? { firstOffset: topic.append(records) } : null,
      })),
  } as unknown as Replicas
  const metadata = {
    image: { topicsByName: new Map() },
    subscribe: () => undefined,
  } as unknown as MetadataView
  const groups = new ClassicGroupCoordinator({
    runtime,
    replicas,
    metadata,
    settings,
  })
  return { groups, elect: (epoch: number) => elected(0, epoch) }
}

const context = {
  apiVersion: 8,
  clientId: 'c',
  connection: { clientAddress: '127.0.0.1' },
} as unknown as RequestContext

const commitRequest = (groupId: string, offset: number, metadata = '') => ({
  groupId,
  generationIdOrMemberEpoch: -1,
  memberId: '',
  groupInstanceId: null,
  retentionTimeMs: -1,
  topics: [
    {
      name: 't',
      topicId: 'AAAAAAAAAAAAAAAAAAAAAA',
      partitions: [
        {
          partitionIndex: 3,
          committedOffset: offset,
          committedLeaderEpoch: 5,
          committedMetadata: metadata,
        },
      ],
    },
  ],
})
const fetchAll = (groupId: string) => ({
  groupId: '',
  topics: null,
  requireStable: false,
  groups: [{ groupId, memberId: null, memberEpoch: -1, topics: null }],
})

async function committed(groups: ClassicGroupCoordinator, groupId: string) {
  const answer = await groups.fetchOffsets(context, fetchAll(groupId))
  const group = answer.groups?.[0]
  if (group?.errorCode !== ErrorCode.NONE) return group?.errorCode
  return group.topics?.map((t) => [
    t.name,
    t.partitions?.map((p) => [p.partitionIndex, p.committedOffset]),
  ])
}

async function elected() {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  const topic = new FakeTopic()
  const first = coordinator(topic, runtime)
  expect(await committed(first.groups, 'g')).toBe(ErrorCode.NOT_COORDINATOR)
  first.elect(1)
  await expect.poll(() => committed(first.groups, 'g')).toEqual([])
  return { runtime, topic, groups: first.groups }
}

test('committed offsets are read back, by the next coordinator too', async () => {
  const { runtime, topic, groups } = await elected()
  const answer = await groups.commitOffsets(context, commitRequest('g', 41))
  expect(answer.topics?.[0]?.partitions?.[0]?.errorCode).toBe(ErrorCode.NONE)
  await groups.commitOffsets(context, commitRequest('g', 42))
  expect(await committed(groups, 'g')).toEqual([['t', [[3, 42]]]])
  expect(parseRecord(topic.records()[1] as { key: Buffer; value: Buffer })).toMatchObject({
    key: { group: 'g', topic: 't', partition: 3 },
    value: { offset: 42, leaderEpoch: 5 },
  })

  const second = coordinator(topic, runtime)
  second.elect(2)
  await expect.poll(() => committed(second.groups, 'g')).toEqual([['t', [[3, 42]]]])
})

test('an offset that could not be committed is not taken up', async () => {
  const { topic, groups } = await elected()
  await groups.commitOffsets(context, commitRequest('g', 1))
  topic.errorCode = ErrorCode.NOT_ENOUGH_REPLICAS
  const answer = await groups.commitOffsets(context, commitRequest('g', 2))
  expect(answer.topics?.[0]?.partitions?.[0]?.errorCode).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE)
  expect(await committed(groups, 'g')).toEqual([['t', [[3, 1]]]])
})

test('metadata past its limit is refused for its partition alone', async () => {
  const { groups } = await elected()
  const answer = await groups.commitOffsets(context, commitRequest('g', 1, 'x'.repeat(17)))
  expect(answer.topics?.[0]?.partitions?.[0]?.errorCode).toBe(ErrorCode.OFFSET_METADATA_TOO_LARGE)
  expect(await committed(groups, 'g')).toEqual([])
})

test('a deleted group leaves tombstones and is unknown afterwards', async () => {
  const { topic, groups } = await elected()
  await groups.commitOffsets(context, commitRequest('g', 1))
  const deletion = await groups.delete(context, { groupsNames: ['g', 'nobody'] })
  expect(deletion.results).toEqual([
    { groupId: 'g', errorCode: ErrorCode.NONE },
    { groupId: 'nobody', errorCode: ErrorCode.GROUP_ID_NOT_FOUND },
  ])
  expect(
    topic
      .records()
      .slice(-2)
      .map((r) => r.value),
  ).toEqual([null, null])
  expect(await committed(groups, 'g')).toEqual([])
  const described = await groups.describe(context, {
    groups: ['g'],
    includeAuthorizedOperations: false,
  })
  expect(described.groups?.[0]).toMatchObject({ errorCode: ErrorCode.GROUP_ID_NOT_FOUND })
})

test('a group with members is not deleted, and is listed with its state', async () => {
  const { groups } = await elected()
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
  const first = await groups.join(context, join)
  expect(first.errorCode).toBe(ErrorCode.MEMBER_ID_REQUIRED)
  await groups.join(context, { ...join, memberId: first.memberId ?? '' })
  const deletion = await groups.delete(context, { groupsNames: ['g'] })
  expect(deletion.results?.[0]?.errorCode).toBe(ErrorCode.NON_EMPTY_GROUP)
  const list = await groups.list(context, {
    statesFilter: ['completingrebalance'],
    typesFilter: [],
  })
  expect(list.groups).toMatchObject([{ groupId: 'g', groupState: 'CompletingRebalance' }])
  const other = await groups.list(context, { statesFilter: [], typesFilter: ['consumer'] })
  expect(other.groups).toEqual([])
  const short = await groups.join(context, { ...join, sessionTimeoutMs: 1 })
  expect(short.errorCode).toBe(ErrorCode.INVALID_SESSION_TIMEOUT)
})

test('partition of a group is the one that Java clients compute', async () => {
  const { runtime } = createMemoryRuntime({ seed: 2 })
  const { groups } = coordinator(new FakeTopic(), runtime)
  expect(groups.partitionFor('anything')).toBe(0)
  const { javaHashCode, partitionForKey } = await import('../partition-for.ts')
  expect(javaHashCode('polygenelubricants')).toBe(-2147483648)
  expect(partitionForKey('polygenelubricants', 50)).toBe(0)
  expect(partitionForKey('group1', 50)).toBe(Math.abs(javaHashCode('group1')) % 50)
})
