// Fetch, versions 4 to 18, for consumers and followers. Topics by id from version 13, the way to the current
// leader from 16 (KIP-951). Incremental sessions (KIP-227) are kept for followers; a consumer's full fetch is
// answered with session id 0, which clients take as "always ask in full", and a session that it claims to have is
// FETCH_SESSION_ID_NOT_FOUND. Consumers may read from followers from version 11 on (KIP-392); nobody is sent there.
import type { Encodable } from '../../protocol/api.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import { Fetch, type FetchRequest, type FetchResponse } from '../../protocol/schemas/01-fetch.ts'
import type { MetadataImage } from '../metadata/image-types.ts'
import type { ConnectionContext, RequestContext } from '../network/types.ts'
import {
  type FetchSession,
  FetchSessions,
  type SessionPartition,
} from '../replication/fetch-sessions.ts'
import type { FetchEntry, FetchOptions, FetchResult } from '../replication/types.ts'
import { endpointsOf, noteLeader } from './leader-endpoints.ts'
import { type BrokerServices, defineHandler } from './types.ts'

const TOPIC_IDS_FROM = 13
const FOLLOWER_READS_FROM = 11
const ZSTD_FROM = 10
const STORAGE_ERROR_FROM = 6
const NO_SESSION_EPOCH = -1
const NEW_SESSION_EPOCH = 0
const NO_RECORDS = Buffer.alloc(0)

/** Sessions of followers kept, the least recently used going first. */
const MAX_SESSIONS = 1_000

type FetchTopic = FetchRequest['topics'][number]

type PartitionAnswer = Encodable<FetchResponse['responses'][number]['partitions'][number]> & {
  records: Buffer
}

/** A follower keeps one session a connection, and none when it has gone. */
const sessionOfConnection = new WeakMap<ConnectionContext, number>()

const sessionsOf = new WeakMap<BrokerServices, FetchSessions>()

export const fetch = defineHandler({
  api: Fetch,
  listeners: ['broker'],
  async handle(services, context, request): Promise<Encodable<FetchResponse>> {
    const { sessionEpoch } = request
    const options = optionsOf(context, request)
    if (sessionEpoch !== NO_SESSION_EPOCH) {
      if (options.replicaId >= 0 && context.apiVersion >= TOPIC_IDS_FROM) {
        return fetchInSession(services, context, request, options)
      }
      if (sessionEpoch !== NEW_SESSION_EPOCH) {
        return { errorCode: ErrorCode.FETCH_SESSION_ID_NOT_FOUND }
      }
    }
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

function sessionsFor(services: BrokerServices): FetchSessions {
  let sessions = sessionsOf.get(services)
  if (sessions === undefined) {
    const { random } = services.runtime
    sessions = new FetchSessions({
      maxSessions: MAX_SESSIONS,
      randomInt: (bound) => random.int(bound),
    })
    sessionsOf.set(services, sessions)
  }
  return sessions
}

async function fetchInSession(
  services: BrokerServices,
  context: RequestContext,
  request: FetchRequest,
  options: FetchOptions,
): Promise<Encodable<FetchResponse>> {
  if (!services.authorize(context, 'CLUSTER_ACTION', 'CLUSTER', 'kafka-cluster')) {
    return { errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED }
  }
  const sessions = sessionsFor(services)
  const session = sessions.take(request)
  if (typeof session === 'number') return { errorCode: session }
  if (request.sessionEpoch === NEW_SESSION_EPOCH) {
    sessions.close(sessionOfConnection.get(context.connection) ?? 0)
    if (!sessionOfConnection.has(context.connection)) {
      context.connection.onClose(() => {
        sessions.close(sessionOfConnection.get(context.connection) ?? 0)
      })
    }
    sessionOfConnection.set(context.connection, session.id)
  }
  const { topicsById } = services.metadata.image
  const entries = session.entries(({ topicId, asked }) => {
    const name = topicsById.get(topicId)?.name
    return name === undefined ? null : entryOf(context, name, topicId, asked)
  })
  const asked = [...session.partitions.values()]
  const results = entries.length === 0 ? [] : await services.replicas.fetch(entries, options)
  return respondInSession(services, context, { session, asked, results })
}

function respondInSession(
  services: BrokerServices,
  context: RequestContext,
  outcome: {
    session: FetchSession
    asked: readonly SessionPartition[]
    results: readonly FetchResult[]
  },
): Encodable<FetchResponse> {
  const { session, asked, results } = outcome
  const leaders = new Set<number>()
  const topics = new Map<string, ReturnType<typeof partitionData>[]>()
  let next = 0
  for (const partition of asked) {
    let answer: ReturnType<typeof partitionData>
    if (partition.entry === null) {
      answer = failed(partition.asked.partition, ErrorCode.UNKNOWN_TOPIC_ID)
    } else {
      const result = results[next++] as FetchResult
      if (!session.tell(partition, result)) continue
      noteLeader(leaders, result)
      answer = partitionData(context, result)
      if (answer.records.length > 0) session.moveToEnd(partition)
    }
    const answers = topics.get(partition.topicId)
    if (answers === undefined) topics.set(partition.topicId, [answer])
    else answers.push(answer)
  }
  return {
    sessionId: session.id,
    responses: [...topics].map(([topicId, partitions]) => ({ topicId, partitions })),
    nodeEndpoints: endpointsOf(services, context, leaders),
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
    isCancelled: () => context.connection.isClosed,
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
      if (refusal !== ErrorCode.NONE) return failed(partition, refusal)
      const result = outcome.results[nextResult++] as FetchResult
      if (!canDecompress(services, context, result)) {
        return failed(partition, ErrorCode.UNSUPPORTED_COMPRESSION_TYPE)
      }
      noteLeader(leaders, result)
      return partitionData(context, result)
    }),
  }))
  return { responses, nodeEndpoints: endpointsOf(services, context, leaders) }
}

function failed(partitionIndex: number, errorCode: number): PartitionAnswer {
  return { partitionIndex, errorCode, highWatermark: -1, records: NO_RECORDS }
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

function partitionData(context: RequestContext, result: FetchResult): PartitionAnswer {
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
