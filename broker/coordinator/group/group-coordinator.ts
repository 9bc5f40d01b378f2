// The group coordinator of this broker: one shard for each partition of `__consumer_offsets` led here.
// Called by the handlers 08 to 16 and 42. Every answer that promises something was committed before.
import type { Encodable } from '../../../protocol/api.ts'
import { ErrorCode, errorName } from '../../../protocol/errors.ts'
import type {
  OffsetCommitRequest,
  OffsetCommitResponse,
} from '../../../protocol/schemas/08-offset-commit.ts'
import type {
  OffsetFetchRequest,
  OffsetFetchResponse,
} from '../../../protocol/schemas/09-offset-fetch.ts'
import type {
  JoinGroupRequest,
  JoinGroupResponse,
} from '../../../protocol/schemas/11-join-group.ts'
import type { HeartbeatRequest, HeartbeatResponse } from '../../../protocol/schemas/12-heartbeat.ts'
import type {
  LeaveGroupRequest,
  LeaveGroupResponse,
} from '../../../protocol/schemas/13-leave-group.ts'
import type {
  SyncGroupRequest,
  SyncGroupResponse,
} from '../../../protocol/schemas/14-sync-group.ts'
import type {
  DescribeGroupsRequest,
  DescribeGroupsResponse,
} from '../../../protocol/schemas/15-describe-groups.ts'
import type {
  ListGroupsRequest,
  ListGroupsResponse,
} from '../../../protocol/schemas/16-list-groups.ts'
import type {
  TxnOffsetCommitRequest,
  TxnOffsetCommitResponse,
} from '../../../protocol/schemas/28-txn-offset-commit.ts'
import type {
  DeleteGroupsRequest,
  DeleteGroupsResponse,
} from '../../../protocol/schemas/42-delete-groups.ts'
import type {
  OffsetDeleteRequest,
  OffsetDeleteResponse,
} from '../../../protocol/schemas/47-offset-delete.ts'
import type { MetadataView } from '../../metadata/image-types.ts'
import type { RequestContext } from '../../network/types.ts'
import type { Replicas } from '../../replication/types.ts'
import type { Runtime, TimerHandle } from '../../runtime/runtime.ts'
import { type Replay, replayLog } from '../log-loader.ts'
import { LogWriter, type LogWriterSettings } from '../log-writer.ts'
import { partitionForKey } from '../partition-for.ts'
import type { GroupCoordinator } from '../types.ts'
import type { ClassicGroup } from './classic-group.ts'
import { deleteOffsets } from './delete-offsets.ts'
import { describeGroup } from './describe.ts'
import { GroupMeasures } from './group-measures.ts'
import { offsetRecord } from './records.ts'
import { GroupShard, type ShardSettings } from './shard.ts'
import { commitTxnOffsets } from './txn-offsets.ts'

export const OFFSETS_TOPIC = '__consumer_offsets'

export interface GroupCoordinatorSettings extends ShardSettings, LogWriterSettings {
  /** offsets.topic.num.partitions: where the topic does not exist yet. */
  offsetsTopicPartitions: number
  sessionTimeoutMsMin: number
  sessionTimeoutMsMax: number
  offsetMetadataMaxBytes: number
  offsetsRetentionCheckIntervalMs: number
}

export class ClassicGroupCoordinator implements GroupCoordinator {
  readonly #runtime: Runtime
  readonly #replicas: Replicas
  readonly #metadata: MetadataView
  readonly #settings: GroupCoordinatorSettings
  readonly #shards = new Map<number, GroupShard>()
  readonly measures: GroupMeasures
  #expiry: TimerHandle | null = null
  #isShutdown = false

  constructor(options: {
    runtime: Runtime
    replicas: Replicas
    metadata: MetadataView
    settings: GroupCoordinatorSettings
  }) {
    this.#runtime = options.runtime
    this.#replicas = options.replicas
    this.#metadata = options.metadata
    this.#settings = options.settings
    this.measures = new GroupMeasures(options.runtime.clock)
    this.#replicas.onLeadership(OFFSETS_TOPIC, {
      elected: (partition, leaderEpoch) => void this.#elected(partition, leaderEpoch),
      resigned: (partition) => this.#resigned(partition),
    })
    this.#metadata.subscribe('group-coordinator', (delta) => {
      for (const topic of delta.deletedTopics) {
        for (const shard of this.#active()) shard.forgetTopic(topic.name)
      }
    })
    this.#scheduleExpiry()
  }

  // ---- shards

  partitionFor(groupId: string): number {
    const topic = this.#metadata.image.topicsByName.get(OFFSETS_TOPIC)
    const count = topic?.partitions.length ?? this.#settings.offsetsTopicPartitions
    return partitionForKey(groupId, count)
  }

  async #elected(partition: number, leaderEpoch: number): Promise<void> {
    if (this.#isShutdown) return
    this.#shards.get(partition)?.close()
    const tp = { topic: OFFSETS_TOPIC, partition }
    const { measures } = this
    const common = { runtime: this.#runtime, settings: this.#settings, measures }
    const writer = new LogWriter({ ...common, tp, replicas: this.#replicas })
    const shard = new GroupShard({ ...common, partition, leaderEpoch, writer })
    const startedMs = measures.nowMs()
    this.#shards.set(partition, shard)
    const isWanted = (): boolean => shard.state === 'loading'
    const replay: Replay = {
      record: (record, producerId) => shard.replay(record, producerId),
      marker: (...marker) => shard.pending.complete(...marker),
      isWanted,
    }
    try {
      const log = this.#replicas.get(tp)?.log
      if (log == null) throw new Error('this broker has no log of it')
      const isThrough = await replayLog(log, replay)
      if (!isThrough || !isWanted()) return
      shard.activate()
      measures.loaded(startedMs)
    } catch (error) {
      measures.failedPartitions += 1
      const { logger } = this.#runtime
      logger.log('error', `loading ${OFFSETS_TOPIC}-${partition} failed`, { error })
      if (this.#shards.get(partition) === shard) this.#resigned(partition)
    }
  }

  #resigned(partition: number): void {
    const shard = this.#shards.get(partition)
    this.#shards.delete(partition)
    shard?.close()
  }

  *#active(): Generator<GroupShard> {
    for (const shard of this.#shards.values()) if (shard.state === 'active') yield shard
  }

  #scheduleExpiry(): void {
    this.#expiry = this.#runtime.timers.set(this.#settings.offsetsRetentionCheckIntervalMs, () => {
      for (const shard of this.#active()) shard.expire()
      this.#scheduleExpiry()
    })
  }

  /** The shard of a group, or the error that its client should hear. */
  #shardOf(groupId: string): GroupShard | number {
    if (this.#isShutdown) return ErrorCode.COORDINATOR_NOT_AVAILABLE
    const shard = this.#shards.get(this.partitionFor(groupId))
    if (shard === undefined || shard.state === 'closed') return ErrorCode.NOT_COORDINATOR
    return shard.state === 'loading' ? ErrorCode.COORDINATOR_LOAD_IN_PROGRESS : shard
  }

  async shutdown(): Promise<void> {
    this.#isShutdown = true
    this.#runtime.timers.clear(this.#expiry)
    for (const partition of [...this.#shards.keys()]) this.#resigned(partition)
  }

  /** For metrics: partitions of the topic led here. */
  partitionCounts(): { active: number; loading: number } {
    const counts = { active: 0, loading: 0 }
    for (const { state } of this.#shards.values()) if (state !== 'closed') counts[state] += 1
    return counts
  }

  /** For metrics: groups by state, and committed offsets. */
  counts(): { groups: number; offsets: number; byState: Map<string, number> } {
    const byState = new Map<string, number>()
    let groups = 0
    let offsets = 0
    for (const shard of this.#active()) {
      offsets += shard.offsets.size
      for (const group of shard.groups.values()) {
        groups++
        byState.set(group.state, (byState.get(group.state) ?? 0) + 1)
      }
    }
    return { groups, offsets, byState }
  }

  // ---- membership

  join(context: RequestContext, request: JoinGroupRequest): Promise<Encodable<JoinGroupResponse>> {
    const { memberId } = request
    const refuse = (errorCode: number) => Promise.resolve({ errorCode, memberId })
    if (request.groupId === '') return refuse(ErrorCode.INVALID_GROUP_ID)
    const { sessionTimeoutMsMin, sessionTimeoutMsMax } = this.#settings
    const shard = this.#shardOf(request.groupId)
    if (typeof shard === 'number') return refuse(shard)
    const { sessionTimeoutMs } = request
    if (sessionTimeoutMs < sessionTimeoutMsMin || sessionTimeoutMs > sessionTimeoutMsMax) {
      return refuse(ErrorCode.INVALID_SESSION_TIMEOUT)
    }
    if (memberId !== '' && shard.get(request.groupId) === null) {
      return refuse(ErrorCode.UNKNOWN_MEMBER_ID)
    }
    const client = {
      clientId: context.clientId ?? '',
      clientHost: `/${context.connection.clientAddress}`,
      requiresKnownMemberId: context.apiVersion >= 4,
    }
    return new Promise((resolve) => {
      shard.getOrCreate(request.groupId).join(request, client, (response) =>
        // Before version 7 the name may not be null.
        resolve({
          ...response,
          protocolName: response.protocolName ?? (context.apiVersion < 7 ? '' : null),
        }),
      )
    })
  }

  sync(_context: RequestContext, request: SyncGroupRequest): Promise<Encodable<SyncGroupResponse>> {
    if (request.groupId === '') return Promise.resolve({ errorCode: ErrorCode.INVALID_GROUP_ID })
    const shard = this.#shardOf(request.groupId)
    // The assignment is lost with a coordinator that was loading: the member has to join again.
    if (shard === ErrorCode.COORDINATOR_LOAD_IN_PROGRESS) {
      return Promise.resolve({ errorCode: ErrorCode.REBALANCE_IN_PROGRESS })
    }
    if (typeof shard === 'number') return Promise.resolve({ errorCode: shard })
    const group = shard.get(request.groupId)
    if (group === null) return Promise.resolve({ errorCode: ErrorCode.UNKNOWN_MEMBER_ID })
    return new Promise((resolve) => group.sync(request, resolve))
  }

  async heartbeat(
    _context: RequestContext,
    request: HeartbeatRequest,
  ): Promise<Encodable<HeartbeatResponse>> {
    if (request.groupId === '') return { errorCode: ErrorCode.INVALID_GROUP_ID }
    const shard = this.#shardOf(request.groupId)
    // Heartbeats cannot be judged while loading, and the session was not lost.
    if (shard === ErrorCode.COORDINATOR_LOAD_IN_PROGRESS) return { errorCode: ErrorCode.NONE }
    if (typeof shard === 'number') return { errorCode: shard }
    const group = shard.get(request.groupId)
    if (group === null) return { errorCode: ErrorCode.UNKNOWN_MEMBER_ID }
    const { memberId, groupInstanceId, generationId } = request
    return { errorCode: group.heartbeat(memberId, groupInstanceId, generationId) }
  }

  async leave(
    context: RequestContext,
    request: LeaveGroupRequest,
  ): Promise<Encodable<LeaveGroupResponse>> {
    if (request.groupId === '') return { errorCode: ErrorCode.INVALID_GROUP_ID }
    const shard = this.#shardOf(request.groupId)
    if (typeof shard === 'number') return { errorCode: shard }
    const group = shard.get(request.groupId)
    const leaveOne = (memberId: string, instanceId: string | null): number =>
      group === null ? ErrorCode.UNKNOWN_MEMBER_ID : group.leave(memberId, instanceId)
    if (context.apiVersion < 3) return { errorCode: leaveOne(request.memberId, null) }
    return {
      errorCode: ErrorCode.NONE,
      members: request.members.map(({ memberId, groupInstanceId }) => ({
        memberId,
        groupInstanceId,
        errorCode: leaveOne(memberId, groupInstanceId),
      })),
    }
  }

  // ---- offsets

  /** Topics carry their names, whatever the version (the handler resolves ids). */
  commitOffsets(
    _context: RequestContext,
    request: OffsetCommitRequest,
  ): Promise<Encodable<OffsetCommitResponse>> {
    const all = (errorCode: number) => ({
      topics: request.topics.map((topic) => ({
        name: topic.name,
        topicId: topic.topicId,
        partitions: topic.partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
      })),
    })
    const shard = this.#shardOf(request.groupId)
    if (typeof shard === 'number') {
      const isLoading = shard === ErrorCode.COORDINATOR_LOAD_IN_PROGRESS
      return Promise.resolve(all(isLoading ? ErrorCode.NOT_COORDINATOR : shard))
    }
    const generationId = request.generationIdOrMemberEpoch
    let group = shard.get(request.groupId)
    if (group === null) {
      if (generationId >= 0) return Promise.resolve(all(ErrorCode.ILLEGAL_GENERATION))
      group = shard.getOrCreate(request.groupId)
    }
    const error = group.checkCommit(request.memberId, request.groupInstanceId, generationId)
    if (error !== ErrorCode.NONE) return Promise.resolve(all(error))
    return this.#writeOffsets(shard, request)
  }

  #writeOffsets(
    shard: GroupShard,
    request: OffsetCommitRequest,
  ): Promise<Encodable<OffsetCommitResponse>> {
    const commitTimestamp = this.#runtime.clock.nowMs()
    const maxBytes = this.#settings.offsetMetadataMaxBytes
    const isTooLong = (metadata: string | null): boolean =>
      metadata !== null && Buffer.byteLength(metadata) > maxBytes
    const records = request.topics.flatMap((topic) =>
      topic.partitions
        .filter((p) => !isTooLong(p.committedMetadata))
        .map((p) =>
          offsetRecord(
            { group: request.groupId, topic: topic.name, partition: p.partitionIndex },
            {
              offset: p.committedOffset,
              leaderEpoch: p.committedLeaderEpoch,
              metadata: p.committedMetadata ?? '',
              commitTimestamp,
              topicId: topic.topicId,
            },
          ),
        ),
    )
    return new Promise((resolve) => {
      shard.commit(records, (errorCode) => {
        if (errorCode === ErrorCode.NONE) this.measures.committed(records.length)
        resolve({
          topics: request.topics.map((topic) => ({
            name: topic.name,
            topicId: topic.topicId,
            partitions: topic.partitions.map((p) => ({
              partitionIndex: p.partitionIndex,
              errorCode: isTooLong(p.committedMetadata)
                ? ErrorCode.OFFSET_METADATA_TOO_LARGE
                : errorCode,
            })),
          })),
        })
      })
    })
  }

  commitTxnOffsets(
    context: RequestContext,
    request: TxnOffsetCommitRequest,
  ): Promise<Encodable<TxnOffsetCommitResponse>> {
    const tp = { topic: OFFSETS_TOPIC, partition: this.partitionFor(request.groupId) }
    return commitTxnOffsets({
      request,
      apiVersion: context.apiVersion,
      shard: () => this.#shardOf(request.groupId),
      verify: (transaction) => this.#replicas.verifyTransaction(tp, transaction),
      nowMs: () => this.#runtime.clock.nowMs(),
      offsetMetadataMaxBytes: this.#settings.offsetMetadataMaxBytes,
    })
  }

  completeTransaction(
    producerId: number,
    partition: number,
    isCommitted: boolean,
    markerOffset: number,
  ): void {
    this.#shards.get(partition)?.completeTransaction(producerId, isCommitted, markerOffset)
  }

  /** Answers in the shape of version 8 and later; the handler turns it into older ones. */
  async fetchOffsets(
    _context: RequestContext,
    request: OffsetFetchRequest,
  ): Promise<Encodable<OffsetFetchResponse>> {
    return { groups: request.groups.map((asked) => this.#fetchGroup(asked, request.requireStable)) }
  }

  #fetchGroup(asked: OffsetFetchRequest['groups'][number], isStableOnly: boolean) {
    const { groupId } = asked
    const shard = this.#shardOf(groupId)
    if (typeof shard === 'number') return { groupId, errorCode: shard, topics: [] }
    const known = shard.offsets.topics(groupId)
    const topics =
      asked.topics ??
      [...known].map(([name, partitions]) => ({
        name,
        topicId: this.#metadata.image.topicsByName.get(name)?.id,
        partitionIndexes: [...partitions.keys()],
      }))
    return {
      groupId,
      errorCode: ErrorCode.NONE,
      topics: topics.map((topic) => ({
        name: topic.name,
        topicId: topic.topicId,
        partitions: topic.partitionIndexes.map((partitionIndex) => {
          const key = { group: groupId, topic: topic.name, partition: partitionIndex }
          if (isStableOnly && shard.pending.isOpen(key)) return unstableOffset(partitionIndex)
          const found = known.get(topic.name)?.get(partitionIndex)
          return {
            partitionIndex,
            committedOffset: found?.offset ?? -1,
            committedLeaderEpoch: found?.leaderEpoch ?? -1,
            metadata: found?.metadata ?? '',
            errorCode: ErrorCode.NONE,
          }
        }),
      })),
    }
  }

  // ---- administration

  async describe(
    context: RequestContext,
    request: DescribeGroupsRequest,
  ): Promise<Encodable<DescribeGroupsResponse>> {
    return {
      groups: request.groups.map((groupId) => {
        const shard = this.#shardOf(groupId)
        if (typeof shard === 'number') {
          return { groupId, errorCode: shard, errorMessage: errorName(shard) }
        }
        return describeGroup(groupId, shard.get(groupId), context.apiVersion)
      }),
    }
  }

  async list(
    _context: RequestContext,
    request: ListGroupsRequest,
  ): Promise<Encodable<ListGroupsResponse>> {
    const lower = (words: readonly string[]) => new Set(words.map((word) => word.toLowerCase()))
    const states = lower(request.statesFilter)
    const types = lower(request.typesFilter)
    const isWanted = (group: ClassicGroup): boolean =>
      (states.size === 0 || states.has(group.state.toLowerCase())) &&
      (types.size === 0 || types.has('classic'))
    let isLoading = false
    for (const shard of this.#shards.values()) isLoading ||= shard.state === 'loading'
    const groups = [...this.#active()].flatMap((shard) => [...shard.groups.values()])
    return {
      errorCode: isLoading ? ErrorCode.COORDINATOR_LOAD_IN_PROGRESS : ErrorCode.NONE,
      groups: groups.filter(isWanted).map((group) => ({
        groupId: group.groupId,
        protocolType: group.protocolType ?? '',
        groupState: group.state,
        groupType: 'classic',
      })),
    }
  }

  async delete(
    _context: RequestContext,
    request: DeleteGroupsRequest,
  ): Promise<Encodable<DeleteGroupsResponse>> {
    const results = request.groupsNames.map((groupId) => {
      const shard = this.#shardOf(groupId)
      if (typeof shard === 'number') return Promise.resolve({ groupId, errorCode: shard })
      return new Promise<{ groupId: string; errorCode: number }>((resolve) => {
        shard.delete(groupId, (errorCode) => resolve({ groupId, errorCode }))
      })
    })
    return { results: await Promise.all(results) }
  }

  async deleteOffsets(
    _context: RequestContext,
    request: OffsetDeleteRequest,
  ): Promise<Encodable<OffsetDeleteResponse>> {
    const shard = this.#shardOf(request.groupId)
    if (typeof shard === 'number') return { errorCode: shard, topics: [] }
    return deleteOffsets(shard, request)
  }
}

/** A transaction that is still open may move this offset: ask again. */
function unstableOffset(partitionIndex: number) {
  return {
    partitionIndex,
    committedOffset: -1,
    committedLeaderEpoch: -1,
    metadata: '',
    errorCode: ErrorCode.UNSTABLE_OFFSET_COMMIT,
  }
}
