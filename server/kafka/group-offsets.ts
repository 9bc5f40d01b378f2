import { setTimeout as sleep } from 'node:timers/promises'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { OffsetCommit } from '../../protocol/schemas/08-offset-commit.ts'
import { OffsetFetch, type OffsetFetchResponse } from '../../protocol/schemas/09-offset-fetch.ts'
import { FindCoordinator } from '../../protocol/schemas/10-find-coordinator.ts'
import { DeleteGroups } from '../../protocol/schemas/42-delete-groups.ts'
import {
  type ByPartition,
  chunksOf,
  groupByTopic,
  setByPartition,
  type TopicPartitionName,
} from './types.ts'
import type { ClientCallOptions, WireClient } from './wire-client.ts'

/** Later versions name topics by id, which a commit of a deleted topic no longer has. */
const LAST_VERSION_WITH_NAMES = 9
const BATCHED_FROM = 8
const GROUPS_PER_REQUEST = 50

export interface CommittedOffset {
  readonly offset: number
  readonly metadata: string | null
}

const RETRIED = new Set<number>([
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.NOT_COORDINATOR,
])
const RETRY_AFTER_MS = 100

/**
 * Talks to the group's coordinator, and again for up to `timeoutMs` while there is none yet (the
 * first question on a new cluster has it made) or it is just moving. `codesOf`: the error codes in
 * an answer that did not throw.
 */
export async function onCoordinator<T>(
  client: WireClient,
  groupId: string,
  talk: (coordinator: number) => Promise<T>,
  options: { timeoutMs: number; codesOf?: (answer: T) => Iterable<number> },
): Promise<T> {
  const untilMs = Date.now() + options.timeoutMs
  for (;;) {
    const isLate = Date.now() + RETRY_AFTER_MS > untilMs
    try {
      const coordinator = await findCoordinator(client, groupId, { timeoutMs: options.timeoutMs })
      const answer = await talk(coordinator)
      const codes = [...(options.codesOf?.(answer) ?? [])]
      if (isLate || !codes.some((code) => RETRIED.has(code))) return answer
    } catch (error) {
      if (isLate || !(error instanceof KafkaError) || !RETRIED.has(error.code)) throw error
    }
    await sleep(RETRY_AFTER_MS)
  }
}

/** Throws KafkaError when there is no coordinator for the group (yet). */
export async function findCoordinator(
  client: WireClient,
  groupId: string,
  options: ClientCallOptions = {},
): Promise<number> {
  const request = { key: groupId, keyType: 0, coordinatorKeys: [groupId] }
  const answer = await client.call('any', FindCoordinator, request, options)
  const batched = answer.coordinators[0]
  const { errorCode, errorMessage, nodeId } = batched ?? answer
  if (errorCode !== ErrorCode.NONE) throw new KafkaError(errorCode, errorMessage ?? undefined)
  return nodeId
}

/**
 * Committed offsets of many groups of one coordinator: batched where the broker takes batches, else
 * one request a group, pipelined. Partitions without a commit are left out; groups with an error
 * too.
 */
export async function fetchCommittedOffsets(
  client: WireClient,
  coordinator: number,
  groupIds: readonly string[],
  options: ClientCallOptions = {},
): Promise<Map<string, ByPartition<CommittedOffset>>> {
  const version = await client.versionOn(coordinator, OffsetFetch)
  const byGroup = new Map<string, ByPartition<CommittedOffset>>()
  const call = { ...options, maxVersion: LAST_VERSION_WITH_NAMES }
  if (version !== null && version < BATCHED_FROM) {
    await Promise.all(
      groupIds.map(async (groupId) => {
        const request = { groupId, topics: null }
        const answer = await client.call(coordinator, OffsetFetch, request, call)
        if (answer.errorCode === ErrorCode.NONE) byGroup.set(groupId, committed(answer.topics))
      }),
    )
    return byGroup
  }
  await Promise.all(
    chunksOf(groupIds, GROUPS_PER_REQUEST).map(async (chunk) => {
      const request = { groups: chunk.map((groupId) => ({ groupId, topics: null })) }
      const answer = await client.call(coordinator, OffsetFetch, request, call)
      for (const { groupId, topics, errorCode } of answer.groups) {
        if (errorCode === ErrorCode.NONE) byGroup.set(groupId, committed(topics))
      }
    }),
  )
  return byGroup
}

function committed(topics: OffsetFetchResponse['topics']): ByPartition<CommittedOffset> {
  const offsets: ByPartition<CommittedOffset> = new Map()
  for (const { name, partitions } of topics) {
    for (const { partitionIndex, committedOffset, metadata, errorCode } of partitions) {
      if (errorCode !== ErrorCode.NONE || committedOffset < 0) continue
      const at = { topic: name, partition: partitionIndex }
      setByPartition(offsets, at, { offset: committedOffset, metadata: metadata || null })
    }
  }
  return offsets
}

/**
 * Commits as nobody in particular (generation −1), which Kafka takes only while the group has no
 * members. Gives the error code per partition.
 */
export async function commitOffsets(
  client: WireClient,
  coordinator: number,
  commit: { groupId: string; offsets: readonly (TopicPartitionName & { offset: number })[] },
): Promise<ByPartition<number>> {
  const request = {
    groupId: commit.groupId,
    generationIdOrMemberEpoch: -1,
    memberId: '',
    topics: groupByTopic(commit.offsets).map(({ topic, items }) => ({
      name: topic,
      partitions: items.map(({ partition, offset }) => ({
        partitionIndex: partition,
        committedOffset: offset,
        committedMetadata: '',
      })),
    })),
  }
  const call = { timeoutMs: 10_000, maxVersion: LAST_VERSION_WITH_NAMES }
  const answer = await client.call(coordinator, OffsetCommit, request, call)
  const codes: ByPartition<number> = new Map()
  for (const { name, partitions } of answer.topics) {
    for (const { partitionIndex, errorCode } of partitions) {
      setByPartition(codes, { topic: name, partition: partitionIndex }, errorCode)
    }
  }
  return codes
}

/** Throws KafkaError: NON_EMPTY_GROUP, GROUP_ID_NOT_FOUND, … */
export async function deleteGroup(
  client: WireClient,
  coordinator: number,
  groupId: string,
): Promise<void> {
  const call = { timeoutMs: 10_000 }
  const answer = await client.call(coordinator, DeleteGroups, { groupsNames: [groupId] }, call)
  const errorCode = answer.results[0]?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR
  if (errorCode !== ErrorCode.NONE) throw new KafkaError(errorCode)
}
