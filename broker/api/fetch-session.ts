// Fetches inside incremental sessions (KIP-227), from version 7 on: finds or makes the session, reads what it holds,
// answers with what is news. Used by the Fetch handler; what is read and how is the replica manager's.
import type { Encodable } from '../../protocol/api.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import type { FetchRequest, FetchResponse } from '../../protocol/schemas/01-fetch.ts'
import type { ConnectionContext, RequestContext } from '../network/types.ts'
import {
  type FetchSession,
  FetchSessions,
  type Resolve,
  type SessionPartition,
} from '../replication/fetch-sessions.ts'
import type { FetchEntry, FetchOptions, FetchResult } from '../replication/types.ts'
import { TurnShare } from '../runtime/turns.ts'
import { endpointsOf, noteLeader } from './leader-endpoints.ts'
import type { BrokerServices } from './types.ts'

export const TOPIC_IDS_FROM = 13
const SESSIONS_FROM = 7
const NEW_SESSION_EPOCH = 0
const NO_RECORDS = Buffer.alloc(0)
/** Of partitions, made in one turn of the event loop. */
const ANSWERS_PER_TURN = 2000
const MBEAN = 'kafka.server:type=FetchSessionCache,name='

export type PartitionAnswer = Encodable<
  FetchResponse['responses'][number]['partitions'][number]
> & {
  records: Buffer
}

/** What the Fetch handler knows about one partition, in or out of a session. */
export interface FetchAnswers {
  entry: (
    name: string,
    topic: { topicId: string },
    asked: FetchRequest['topics'][number]['partitions'][number],
  ) => FetchEntry
  answer: (result: FetchResult) => PartitionAnswer
}

/** A follower keeps one session a connection, and none when it has gone. */
const sessionOfConnection = new WeakMap<ConnectionContext, number>()
const sessionsOf = new WeakMap<BrokerServices, FetchSessions>()

/** So that the beans of the sessions are there before the first one is. */
export function openFetchSessions(services: BrokerServices): void {
  sessionsFor(services)
}

function sessionsFor(services: BrokerServices): FetchSessions {
  const known = sessionsOf.get(services)
  if (known !== undefined) return known
  const { runtime, config, metrics } = services
  const evictions = metrics.meter(`${MBEAN}IncrementalFetchSessionEvictionsPerSec`, 'evictions')
  const sessions = new FetchSessions({
    maxSessions: config.fetchSessionCacheSlots,
    randomInt: (bound) => runtime.random.int(bound),
    onEviction: () => evictions.mark(),
  })
  metrics.gauge(`${MBEAN}NumIncrementalFetchSessions`, () => sessions.size)
  metrics.gauge(`${MBEAN}NumIncrementalFetchPartitionsCached`, () => sessions.partitionCount)
  sessionsOf.set(services, sessions)
  return sessions
}

/** The answer to a fetch with a session; null: the request is to be answered in full, without one. */
export function fetchInSession(
  services: BrokerServices,
  context: RequestContext,
  request: FetchRequest,
  how: { options: FetchOptions; answers: FetchAnswers },
): Promise<Encodable<FetchResponse>> | Encodable<FetchResponse> | null {
  if (context.apiVersion < SESSIONS_FROM) return null
  const { options } = how
  const isFollower = options.replicaId >= 0
  const mayFollow = () => services.authorize(context, 'CLUSTER_ACTION', 'CLUSTER', 'kafka-cluster')
  if (isFollower && request.sessionEpoch >= NEW_SESSION_EPOCH && !mayFollow()) {
    return { errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED }
  }
  const sessions = sessionsFor(services)
  const owner = { isPrivileged: isFollower, usesTopicIds: context.apiVersion >= TOPIC_IDS_FROM }
  const session = sessions.take(request, owner, services.runtime.clock.monotonicMs())
  if (session === null) return null
  if (typeof session === 'number') return { errorCode: session }
  if (isFollower) tieToConnection(sessions, session, context.connection, request)
  return readSession(services, context, session, how)
}

function tieToConnection(
  sessions: FetchSessions,
  session: FetchSession,
  connection: ConnectionContext,
  request: FetchRequest,
): void {
  if (request.sessionEpoch !== NEW_SESSION_EPOCH) return
  const closeCurrent = () => sessions.close(sessionOfConnection.get(connection) ?? 0)
  closeCurrent()
  if (!sessionOfConnection.has(connection)) connection.onClose(closeCurrent)
  sessionOfConnection.set(connection, session.id)
}

async function readSession(
  services: BrokerServices,
  context: RequestContext,
  session: FetchSession,
  { options, answers }: { options: FetchOptions; answers: FetchAnswers },
): Promise<Encodable<FetchResponse>> {
  if (!session.owner.isPrivileged) session.forgetEntries()
  const entries = session.entries(resolver(services, context, session, answers))
  // As they are now: another fetch of the session may come while this one waits.
  const asked = [...session.partitions.values()]
  const isRead = asked.map(({ entry }) => entry !== null)
  const results = entries.length === 0 ? [] : await services.replicas.fetch(entries, options)
  const share = new TurnShare(services.runtime.timers, ANSWERS_PER_TURN)
  const leaders = new Set<number>()
  const topics = new Map<string, { of: SessionPartition; partitions: PartitionAnswer[] }>()
  let next = 0
  let index = 0
  for (const partition of asked) {
    const pause = share.spend()
    if (pause !== null) await pause
    let answer: PartitionAnswer
    if (!isRead[index++]) {
      session.refuse(partition)
      answer = failedFetch(partition.asked.partition, partition.refusal)
    } else {
      const result = results[next++] as FetchResult
      if (!session.tell(partition, result)) continue
      noteLeader(leaders, result)
      answer = answers.answer(result)
      if (answer.records.length > 0) session.moveToEnd(partition)
    }
    const key = session.owner.usesTopicIds ? partition.topicId : partition.topic
    const topic = topics.get(key)
    if (topic === undefined) topics.set(key, { of: partition, partitions: [answer] })
    else topic.partitions.push(answer)
  }
  return {
    sessionId: session.id,
    responses: [...topics.values()].map(({ of: { topic, topicId }, partitions }) => ({
      topic,
      topicId,
      partitions,
    })),
    nodeEndpoints: endpointsOf(services, context, leaders),
  }
}

function resolver(
  services: BrokerServices,
  context: RequestContext,
  { owner }: FetchSession,
  answers: FetchAnswers,
): Resolve {
  const { topicsById, topicsByName } = services.metadata.image
  const mayRead = new Map<string, boolean>()
  const isReadable = (name: string) => {
    const known = mayRead.get(name) ?? services.authorize(context, 'READ', 'TOPIC', name)
    mayRead.set(name, known)
    return known
  }
  return ({ topic, topicId, asked }) => {
    const found = owner.usesTopicIds ? topicsById.get(topicId) : topicsByName.get(topic)
    const name = found?.name ?? (owner.usesTopicIds ? null : topic)
    if (name === null) return ErrorCode.UNKNOWN_TOPIC_ID
    if (!owner.isPrivileged && !isReadable(name)) return ErrorCode.TOPIC_AUTHORIZATION_FAILED
    if (found?.partitions[asked.partition] === undefined) {
      return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    }
    return answers.entry(name, { topicId: owner.usesTopicIds ? topicId : ZERO_UUID }, asked)
  }
}

export function failedFetch(partitionIndex: number, errorCode: number): PartitionAnswer {
  return { partitionIndex, errorCode, highWatermark: -1, records: NO_RECORDS }
}
