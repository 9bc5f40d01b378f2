import { randomUUID } from 'node:crypto'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import { CreateTopics } from '../../protocol/schemas/19-create-topics.ts'
import { DeleteTopics } from '../../protocol/schemas/20-delete-topics.ts'
import { DeleteRecords } from '../../protocol/schemas/21-delete-records.ts'
import { CreatePartitions } from '../../protocol/schemas/37-create-partitions.ts'
import { ElectLeaders } from '../../protocol/schemas/43-elect-leaders.ts'
import { type ConfigSourceName, configSourceName } from './configs.ts'
import { controllerTarget } from './describe-cluster.ts'
import type { LedPartition } from './offsets.ts'
import { type ByPartition, groupByTopic, setByPartition, type TopicPartitionName } from './types.ts'
import { fanOut, type WireClient } from './wire-client.ts'

/** How long a broker may take to carry a change out. */
const CHANGE_TIMEOUT_MS = 15_000
const CHANGE_CALL = { timeoutMs: CHANGE_TIMEOUT_MS + 2_000 }

export interface NewTopic {
  readonly name: string
  /** Null: the broker's default. */
  readonly partitions: number | null
  readonly replicationFactor: number | null
  readonly configs: Readonly<Record<string, string>>
  /** Broker ids per partition; excludes the two counts. */
  readonly assignments: readonly (readonly number[])[] | null
}

export interface CreatedTopic {
  readonly topicId: string | null
  readonly partitions: number | null
  readonly replicationFactor: number | null
}

/** Throws KafkaError with the broker's message. */
export async function createTopic(
  client: WireClient,
  topic: NewTopic,
  validateOnly: boolean,
): Promise<CreatedTopic> {
  const target = await controllerTarget(client)
  const request = {
    topics: [
      {
        name: topic.name,
        numPartitions: topic.assignments ? -1 : (topic.partitions ?? -1),
        replicationFactor: topic.assignments ? -1 : (topic.replicationFactor ?? -1),
        assignments: (topic.assignments ?? []).map((brokerIds, partitionIndex) => ({
          partitionIndex,
          brokerIds,
        })),
        configs: Object.entries(topic.configs).map(([name, value]) => ({ name, value })),
      },
    ],
    timeoutMs: CHANGE_TIMEOUT_MS,
    validateOnly,
  }
  const answer = await client.call(target, CreateTopics, request, CHANGE_CALL)
  const result = answer.topics[0]
  if (result === undefined) throw new KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR)
  throwUnlessNone(result)
  const known = (count: number): number | null => (count < 0 ? null : count)
  return {
    topicId: result.topicId === ZERO_UUID ? null : result.topicId,
    partitions: known(result.numPartitions),
    replicationFactor: known(result.replicationFactor),
  }
}

/** The configs a topic would be created with now, by having the creation of one validated. */
export async function validatedTopicConfigs(
  client: WireClient,
): Promise<{ name: string; value: string | null; source: ConfigSourceName }[]> {
  const target = await controllerTarget(client)
  const name = `eyrie-config-defaults-${randomUUID()}`
  const topics = [{ name, numPartitions: -1, replicationFactor: -1, assignments: [], configs: [] }]
  const request = { topics, timeoutMs: CHANGE_TIMEOUT_MS, validateOnly: true }
  const answer = await client.call(target, CreateTopics, request, CHANGE_CALL)
  throwUnlessNone(answer.topics[0])
  return (answer.topics[0]?.configs ?? []).map((config) => ({
    name: config.name,
    value: config.value,
    source: configSourceName(config.configSource),
  }))
}

/** Throws KafkaError. */
export async function deleteTopic(client: WireClient, name: string): Promise<void> {
  const target = await controllerTarget(client)
  const version = await client.versionOn(target, DeleteTopics)
  const request =
    version !== null && version >= 6
      ? { topics: [{ name }], timeoutMs: CHANGE_TIMEOUT_MS }
      : { topicNames: [name], timeoutMs: CHANGE_TIMEOUT_MS }
  const answer = await client.call(target, DeleteTopics, request, CHANGE_CALL)
  throwUnlessNone(answer.responses[0])
}

/** `count`: the new total. Throws KafkaError. */
export async function createPartitions(
  client: WireClient,
  change: { topic: string; count: number; validateOnly: boolean },
): Promise<void> {
  const target = await controllerTarget(client)
  const request = {
    topics: [{ name: change.topic, count: change.count, assignments: null }],
    timeoutMs: CHANGE_TIMEOUT_MS,
    validateOnly: change.validateOnly,
  }
  const answer = await client.call(target, CreatePartitions, request, CHANGE_CALL)
  throwUnlessNone(answer.results[0])
}

export interface DeletedRecords {
  readonly logStart: number | null
  readonly errorCode: number
}

/** Deletes records before `beforeOffset` (−1: the high watermark); asks every leader at once. */
export async function deleteRecords(
  client: WireClient,
  partitions: readonly (LedPartition & { beforeOffset: number })[],
): Promise<{ results: ByPartition<DeletedRecords>; brokerErrors: Map<number, Error> }> {
  const results: ByPartition<DeletedRecords> = new Map()
  const leaders = new Set<number>()
  for (const partition of partitions) {
    if (partition.leader !== null) leaders.add(partition.leader)
    else setByPartition(results, partition, { logStart: null, errorCode: 5 })
  }
  const { errors } = await fanOut(leaders, async (leader) => {
    const mine = partitions.filter((partition) => partition.leader === leader)
    const topics = groupByTopic(mine).map(({ topic, items }) => ({
      name: topic,
      partitions: items.map((item) => ({
        partitionIndex: item.partition,
        offset: item.beforeOffset,
      })),
    }))
    const request = { topics, timeoutMs: CHANGE_TIMEOUT_MS }
    const answer = await client.call(leader, DeleteRecords, request, CHANGE_CALL)
    for (const topic of answer.topics) {
      for (const { partitionIndex, lowWatermark, errorCode } of topic.partitions) {
        const logStart = errorCode === ErrorCode.NONE ? lowWatermark : null
        const at = { topic: topic.name, partition: partitionIndex }
        setByPartition(results, at, { logStart, errorCode })
      }
    }
  })
  return { results, brokerErrors: errors }
}

export interface ElectionResult {
  readonly errorCode: number
  readonly errorMessage: string | null
}

/** Preferred election of the named partitions. Throws KafkaError when refused as a whole. */
export async function electPreferredLeaders(
  client: WireClient,
  partitions: readonly TopicPartitionName[],
): Promise<ByPartition<ElectionResult>> {
  const target = await controllerTarget(client)
  const request = {
    electionType: 0,
    topicPartitions: groupByTopic(partitions).map(({ topic, items }) => ({
      topic,
      partitions: items.map(({ partition }) => partition),
    })),
    timeoutMs: CHANGE_TIMEOUT_MS,
  }
  const answer = await client.call(target, ElectLeaders, request, CHANGE_CALL)
  if (answer.errorCode !== ErrorCode.NONE) throw new KafkaError(answer.errorCode)
  const results: ByPartition<ElectionResult> = new Map()
  for (const { topic, partitionResult } of answer.replicaElectionResults) {
    for (const { partitionId, errorCode, errorMessage } of partitionResult) {
      setByPartition(results, { topic, partition: partitionId }, { errorCode, errorMessage })
    }
  }
  return results
}

function throwUnlessNone(
  result: { errorCode: number; errorMessage: string | null } | undefined,
): void {
  if (result === undefined) throw new KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR)
  if (result.errorCode !== ErrorCode.NONE) {
    throw new KafkaError(result.errorCode, result.errorMessage ?? undefined)
  }
}
