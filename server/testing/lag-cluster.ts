// Fills three brokers for lag-cycle.ts: many topics with one replica each, records in those that groups read, and
// commits without members.

import { setTimeout as sleep } from 'node:timers/promises'
import { ErrorCode, errorName } from '../../protocol/errors.ts'
import { buildBatch } from '../../protocol/records/build.ts'
import { Produce } from '../../protocol/schemas/00-produce.ts'
import { CreateTopics } from '../../protocol/schemas/19-create-topics.ts'
import type { Cluster } from '../clusters/registry.ts'
import { controllerTarget, fetchClusterState } from '../kafka/describe-cluster.ts'
import { commitOffsets, onCoordinator } from '../kafka/group-offsets.ts'
import { type LedPartition, listOffsets } from '../kafka/offsets.ts'
import { chunksOf, groupByTopic } from '../kafka/types.ts'

export interface LagCluster {
  topics: number
  partitions: number
  groups: number
}

const TOPICS_PER_REQUEST = 250
const PARTITIONS_PER_REQUEST = 1_000
const COMMITS_AT_ONCE = 16
const STEP_TIMEOUT_MS = 180_000
const CALL = { timeoutMs: 60_000 }
/** The last version that names topics instead of giving their ids. */
const LAST_VERSION_WITH_NAMES = 12
const TOPICS_PER_GROUP = 3

const topicName = (index: number): string => `orders.${String(index).padStart(5, '0')}`
const groupName = (index: number): string => `group-${String(index).padStart(4, '0')}`

function topicsOf(group: number, { topics }: LagCluster): number[] {
  return Array.from({ length: TOPICS_PER_GROUP }, (_, at) => (group * 7 + at * 13) % topics)
}

/** Throws unless each partition answers in time. */
export async function makeTopics({ client }: Cluster, shape: LagCluster): Promise<void> {
  const names = Array.from({ length: shape.topics }, (_, index) => topicName(index))
  for (const chunk of chunksOf(names, TOPICS_PER_REQUEST)) {
    const target = await controllerTarget(client)
    const topics = chunk.map((name) => {
      const counts = { numPartitions: shape.partitions, replicationFactor: 1 }
      return { name, ...counts, assignments: [], configs: [] }
    })
    const answer = await client.call(target, CreateTopics, { topics, validateOnly: false }, CALL)
    refuse(answer.topics.map(({ errorCode }) => errorCode))
  }
  const deadlineMs = Date.now() + STEP_TIMEOUT_MS
  for (;;) {
    const led = await ledPartitions({ client }, () => true)
    const found = await listOffsets(client, led, 'latest', CALL)
    const count = [...found.offsets.values()].reduce((sum, offsets) => sum + offsets.size, 0)
    if (count >= shape.topics * shape.partitions && found.errors.size === 0) return
    if (Date.now() > deadlineMs) throw new Error(`only ${count} partitions answer`)
    await sleep(500)
  }
}

/** One more record in each partition that a group reads; every group follows, some further behind than others. */
export async function moveOffsets(
  cluster: Cluster,
  shape: LagCluster,
  round: number,
): Promise<void> {
  const groups = Array.from({ length: shape.groups }, (_, group) => group)
  const read = new Set(groups.flatMap((group) => topicsOf(group, shape)).map(topicName))
  await produceEach(cluster, await ledPartitions(cluster, (topic) => read.has(topic)))
  for (const chunk of chunksOf(groups, COMMITS_AT_ONCE))
    await Promise.all(chunk.map((group) => commit(cluster, shape, { group, round })))
}

async function ledPartitions(
  { client }: Pick<Cluster, 'client'>,
  isWanted: (topic: string) => boolean,
): Promise<LedPartition[]> {
  const { topics } = await fetchClusterState(client, null, CALL)
  return topics
    .filter(({ name, isInternal }) => !isInternal && isWanted(name))
    .flatMap(({ name, partitions }) =>
      partitions.map(({ partition, leader }) => ({ topic: name, partition, leader })),
    )
}

async function produceEach({ client }: Cluster, partitions: LedPartition[]): Promise<void> {
  const record = { key: null, value: Buffer.alloc(100), headers: [], timestampMs: Date.now() }
  const records = buildBatch({ records: [record] })
  const leaders = new Set(partitions.map(({ leader }) => leader))
  const requests = [...leaders].flatMap((leader) =>
    chunksOf(
      partitions.filter((one) => one.leader === leader),
      PARTITIONS_PER_REQUEST,
    ).map(async (chunk) => {
      const topicData = groupByTopic(chunk).map(({ topic, items }) => ({
        name: topic,
        partitionData: items.map(({ partition }) => ({ index: partition, records })),
      }))
      const request = { acks: -1, timeoutMs: CALL.timeoutMs, topicData }
      const call = { ...CALL, maxVersion: LAST_VERSION_WITH_NAMES }
      const answer = await client.call(leader ?? 'any', Produce, request, call)
      refuse(answer.responses.flatMap((one) => one.partitionResponses.map((p) => p.errorCode)))
    }),
  )
  await Promise.all(requests)
}

/** A tenth of the groups stands still. */
async function commit(
  { client }: Cluster,
  shape: LagCluster,
  { group, round }: { group: number; round: number },
): Promise<void> {
  if (round > 0 && group % 10 === 0) return
  const offset = Math.max(0, round + 1 - (group % 4))
  const offsets = topicsOf(group, shape).flatMap((topic) =>
    Array.from({ length: shape.partitions }, (_, partition) => {
      return { topic: topicName(topic), partition, offset }
    }),
  )
  const codesOf = (codes: ReadonlyMap<string, ReadonlyMap<number, number>>): number[] =>
    [...codes.values()].flatMap((byPartition) => [...byPartition.values()])
  const codes = await onCoordinator(
    client,
    groupName(group),
    (coordinator) => commitOffsets(client, coordinator, { groupId: groupName(group), offsets }),
    { timeoutMs: CALL.timeoutMs, codesOf },
  )
  refuse(codesOf(codes))
}

function refuse(codes: Iterable<number>): void {
  for (const code of codes) {
    if (code !== ErrorCode.NONE) throw new Error(`refused: ${errorName(code)}`)
  }
}
