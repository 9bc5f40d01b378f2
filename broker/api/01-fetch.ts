// Fetch, versions 4 to 18, for consumers and followers. Incremental sessions (KIP-227) from version 7, in
// fetch-session.ts; topics by id from version 13, the way to the current leader from 16 (KIP-951). From version 11
// consumers may read from followers, and are sent to one in their rack where replica.selector.class says so (KIP-392).
import type { Encodable } from '../../protocol/api.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import { Fetch, type FetchRequest, type FetchResponse } from '../../protocol/schemas/01-fetch.ts'
import type { MetadataImage } from '../metadata/image-types.ts'
import type { RequestContext } from '../network/types.ts'
import type { FetchEntry, FetchOptions, FetchResult } from '../replication/types.ts'
import {
  type FetchAnswers,
  failedFetch,
  fetchInSession,
  type PartitionAnswer,
  TOPIC_IDS_FROM,
} from './fetch-session.ts'
import { endpointsOf, noteLeader } from './leader-endpoints.ts'
import { type BrokerServices, defineHandler } from './types.ts'

const FOLLOWER_READS_FROM = 11
const ZSTD_FROM = 10
const STORAGE_ERROR_FROM = 6
const NO_RECORDS = Buffer.alloc(0)

type FetchTopic = FetchRequest['topics'][number]

export const fetch = defineHandler({
  api: Fetch,
  listeners: ['broker'],
  async handle(services, context, request): Promise<Encodable<FetchResponse>> {
    const options = optionsOf(context, request)
    const answers = answersOf(services, context)
    const answered = fetchInSession(services, context, request, { options, answers })
    if (answered !== null) return answered
    const { image } = services.metadata
    const entries: FetchEntry[] = []
    const refusals: number[] = []
    for (const topic of request.topics) {
      const name = nameOf(image, context, topic)
      const topicError = topicRefusal(services, context, name, options.replicaId)
      for (const asked of topic.partitions) {
        const known = image.topicsByName.get(name ?? '')?.partitions[asked.partition]
        const missing = known === undefined ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.NONE
        const errorCode = topicError === ErrorCode.NONE ? missing : topicError
        refusals.push(errorCode)
        if (errorCode === ErrorCode.NONE)
          entries.push(entryOf(context, name ?? '', topic.topicId, asked))
      }
    }
    const results = entries.length === 0 ? [] : await services.replicas.fetch(entries, options)
    return respond(services, context, request, { refusals, results })
  },
})

function answersOf(services: BrokerServices, context: RequestContext): FetchAnswers {
  return {
    entry: (name, { topicId }, asked) => entryOf(context, name, topicId, asked),
    answer: (result) => partitionData(services, context, result),
  }
}

function optionsOf(context: RequestContext, request: FetchRequest): FetchOptions {
  const { replicaState } = request
  const replicaId = replicaState.replicaId >= 0 ? replicaState.replicaId : request.replicaId
  return {
    replicaId,
    replicaEpoch: replicaState.replicaEpoch,
    maxWaitMs: request.maxWaitMs,
    minBytes: request.minBytes,
    maxBytes: request.maxBytes,
    isolationLevel: request.isolationLevel,
    fetchOnlyLeader: replicaId >= 0 || context.apiVersion < FOLLOWER_READS_FROM,
    clientRack: request.rackId,
    listenerName: context.connection.listenerName,
    isCancelled: () => context.connection.isClosed,
    times: context.times,
    hold: context.holdUntilSent,
  }
}

function nameOf(image: MetadataImage, context: RequestContext, topic: FetchTopic): string | null {
  if (context.apiVersion < TOPIC_IDS_FROM) return topic.topic
  return image.topicsById.get(topic.topicId)?.name ?? null
}

function topicRefusal(
  services: BrokerServices,
  context: RequestContext,
  name: string | null,
  replicaId: number,
): number {
  const isAllowed =
    replicaId >= 0
      ? services.authorize(context, 'CLUSTER_ACTION', 'CLUSTER', 'kafka-cluster')
      : name === null || services.authorize(context, 'READ', 'TOPIC', name)
  if (!isAllowed) return ErrorCode.TOPIC_AUTHORIZATION_FAILED
  return name === null ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.NONE
}

function entryOf(
  context: RequestContext,
  name: string,
  topicId: string,
  asked: FetchTopic['partitions'][number],
): FetchEntry {
  return {
    topic: name,
    partition: asked.partition,
    topicId: context.apiVersion < TOPIC_IDS_FROM ? ZERO_UUID : topicId,
    fetchOffset: asked.fetchOffset,
    maxBytes: asked.partitionMaxBytes,
    currentLeaderEpoch: asked.currentLeaderEpoch,
    lastFetchedEpoch: asked.lastFetchedEpoch,
    logStartOffset: asked.logStartOffset,
    lastPlan: undefined,
  }
}

function respond(
  services: BrokerServices,
  context: RequestContext,
  request: FetchRequest,
  outcome: { refusals: readonly number[]; results: readonly FetchResult[] },
): Encodable<FetchResponse> {
  const leaders = new Set<number>()
  let nextRefusal = 0
  let nextResult = 0
  const responses = request.topics.map(({ topic, topicId, partitions }) => ({
    topic,
    topicId,
    partitions: partitions.map(({ partition }) => {
      const refusal = outcome.refusals[nextRefusal++] as number
      if (refusal !== ErrorCode.NONE) return failedFetch(partition, refusal)
      const result = outcome.results[nextResult++] as FetchResult
      noteLeader(leaders, result)
      return partitionData(services, context, result)
    }),
  }))
  return { responses, nodeEndpoints: endpointsOf(services, context, leaders) }
}

/** Clients before version 10 do not know zstd; Kafka goes by the topic's setting, not by the batches. */
function canDecompress(
  services: BrokerServices,
  context: RequestContext,
  result: FetchResult,
): boolean {
  if (context.apiVersion >= ZSTD_FROM) return true
  return services.replicas.get(result)?.log?.config.compressionType !== 'zstd'
}

function partitionData(
  services: BrokerServices,
  context: RequestContext,
  result: FetchResult,
): PartitionAnswer {
  if (!canDecompress(services, context, result)) {
    return failedFetch(result.partition, ErrorCode.UNSUPPORTED_COMPRESSION_TYPE)
  }
  const isUnknownError =
    result.errorCode === ErrorCode.KAFKA_STORAGE_ERROR && context.apiVersion < STORAGE_ERROR_FROM
  return {
    partitionIndex: result.partition,
    errorCode: isUnknownError ? ErrorCode.NOT_LEADER_OR_FOLLOWER : result.errorCode,
    highWatermark: result.highWatermark,
    lastStableOffset: result.lastStableOffset,
    logStartOffset: result.logStartOffset,
    divergingEpoch: result.divergingEpoch ?? undefined,
    currentLeader: result.currentLeader ?? undefined,
    abortedTransactions: result.abortedTransactions,
    preferredReadReplica: result.preferredReadReplica,
    records: result.records ?? NO_RECORDS,
  }
}
