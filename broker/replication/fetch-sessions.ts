// Incremental fetch sessions (KIP-227) of followers and consumers: between two fetches only what changed is told,
// either way. Owned by the Fetch handler. In memory only: after a crash the client hears that its session is not
// known and fetches in full.
import { ErrorCode } from '../../protocol/errors.ts'
import type { FetchRequest } from '../../protocol/schemas/01-fetch.ts'
import type { FetchEntry, FetchResult } from './types.ts'

type AskedTopic = FetchRequest['topics'][number]
export type AskedPartition = AskedTopic['partitions'][number]

export interface SessionPartition {
  /** '' where the session goes by ids, and the other way round. */
  readonly topic: string
  readonly topicId: string
  readonly asked: AskedPartition
  /** null: it cannot be fetched, because of `refusal`. */
  entry: FetchEntry | null
  refusal: number
  /** As told last; -2 before the first time and after an error. */
  highWatermark: number
  logStartOffset: number
}

/** Where a partition of a session is to be read, or the error that it is answered with. */
export type Resolve = (partition: SessionPartition) => FetchEntry | number

const NOTHING_TOLD = -2
const NEW_SESSION = 0
const NO_SESSION = -1
const MAX_ID = 0x7fffffff

export interface SessionOwner {
  /** Followers: their sessions are not given up for those of consumers. */
  isPrivileged: boolean
  usesTopicIds: boolean
}

export class FetchSession {
  readonly id: number
  readonly owner: SessionOwner
  readonly createdMs: number
  readonly partitions = new Map<string, SessionPartition>()
  /** What the next incremental fetch must carry. */
  epoch = 1
  lastUsedMs: number
  #entries: FetchEntry[] | null = null

  constructor(id: number, owner: SessionOwner, nowMs: number) {
    this.id = id
    this.owner = owner
    this.createdMs = nowMs
    this.lastUsedMs = nowMs
  }

  /** Takes what one request asks for, and drops what it forgets. */
  update(request: FetchRequest): void {
    for (const topic of request.topics) {
      for (const asked of topic.partitions) {
        const key = this.#key(topic, asked.partition)
        const before = this.partitions.get(key)
        this.partitions.set(key, {
          topic: topic.topic,
          topicId: topic.topicId,
          asked,
          entry: null,
          refusal: ErrorCode.NONE,
          highWatermark: before?.highWatermark ?? NOTHING_TOLD,
          logStartOffset: before?.logStartOffset ?? NOTHING_TOLD,
        })
        this.#entries = null
      }
    }
    for (const topic of request.forgottenTopicsData) {
      for (const partition of topic.partitions) this.partitions.delete(this.#key(topic, partition))
      this.#entries = null
    }
  }

  /** Entries of all partitions that can be fetched, in the order of `partitions`. */
  entries(resolve: Resolve): FetchEntry[] {
    if (this.#entries !== null) return this.#entries
    const entries: FetchEntry[] = []
    let isComplete = true
    for (const partition of this.partitions.values()) {
      if (partition.entry === null) {
        const found = resolve(partition)
        partition.entry = typeof found === 'number' ? null : found
        partition.refusal = typeof found === 'number' ? found : ErrorCode.NONE
      }
      if (partition.entry === null) isComplete = false
      else entries.push(partition.entry)
    }
    if (isComplete) this.#entries = entries
    return entries
  }

  /** Consumers: what they may read, and whether the topic is still there, is looked up at each fetch. */
  forgetEntries(): void {
    this.#entries = null
    for (const partition of this.partitions.values()) partition.entry = null
  }

  /** Whether `result` is news for the client; it is taken as told. */
  tell(partition: SessionPartition, result: FetchResult): boolean {
    const isError = result.errorCode !== ErrorCode.NONE || result.divergingEpoch !== null
    const isNews =
      isError ||
      (result.records?.length ?? 0) > 0 ||
      result.preferredReadReplica >= 0 ||
      result.highWatermark !== partition.highWatermark ||
      result.logStartOffset !== partition.logStartOffset
    if (isNews) {
      partition.highWatermark = isError ? NOTHING_TOLD : result.highWatermark
      partition.logStartOffset = result.logStartOffset
    }
    return isNews
  }

  /** An error is told with every response, and what follows it in full. */
  refuse(partition: SessionPartition): void {
    partition.highWatermark = NOTHING_TOLD
  }

  /** Those that got records go last, so that a full response leaves nobody out for long. */
  moveToEnd(partition: SessionPartition): void {
    const key = this.#key(partition, partition.asked.partition)
    if (this.partitions.get(key) !== partition) return
    this.partitions.delete(key)
    this.partitions.set(key, partition)
    this.#entries = null
  }

  #key({ topic, topicId }: { topic: string; topicId: string }, partition: number): string {
    return `${this.owner.usesTopicIds ? topicId : topic}:${partition}`
  }
}

export interface FetchSessionsOptions {
  /** max.incremental.fetch.session.cache.slots; 0: none is kept. */
  maxSessions: number
  /** Kafka's min.incremental.fetch.session.eviction.ms: younger ones make room for followers only. */
  minEvictionMs?: number
  randomInt: (boundExclusive: number) => number
  onEviction?: () => void
}

const MIN_EVICTION_MS = 120_000

export class FetchSessions {
  readonly #options: FetchSessionsOptions
  /** Least recently used first. */
  readonly #sessions = new Map<number, FetchSession>()

  constructor(options: FetchSessionsOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#sessions.size
  }

  get partitionCount(): number {
    let count = 0
    for (const { partitions } of this.#sessions.values()) count += partitions.size
    return count
  }

  /**
   * The session of a request, with its changes taken in; an error code when it has none; null when the request is
   * to be answered in full and without one. `nowMs` is monotonic.
   */
  take(request: FetchRequest, owner: SessionOwner, nowMs: number): FetchSession | number | null {
    const { sessionId, sessionEpoch } = request
    if (sessionEpoch === NO_SESSION || sessionEpoch === NEW_SESSION) {
      this.#sessions.delete(sessionId)
      return sessionEpoch === NO_SESSION ? null : this.#create(request, owner, nowMs)
    }
    const session = this.#sessions.get(sessionId)
    if (session === undefined) return ErrorCode.FETCH_SESSION_ID_NOT_FOUND
    if (session.epoch !== sessionEpoch) return ErrorCode.INVALID_FETCH_SESSION_EPOCH
    if (session.owner.usesTopicIds !== owner.usesTopicIds) {
      return ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR
    }
    session.update(request)
    this.#sessions.delete(sessionId)
    // Kafka ends a session that has nothing left to fetch.
    if (session.partitions.size === 0) return null
    session.epoch = session.epoch === MAX_ID ? 1 : session.epoch + 1
    session.lastUsedMs = nowMs
    this.#sessions.set(sessionId, session)
    return session
  }

  close(sessionId: number): void {
    this.#sessions.delete(sessionId)
  }

  #create(request: FetchRequest, owner: SessionOwner, nowMs: number): FetchSession | null {
    const sizeOf = (topics: number, { partitions }: AskedTopic) => topics + partitions.length
    const size = request.topics.reduce(sizeOf, 0)
    if (size === 0 || !this.#hasRoom(owner, size, nowMs)) return null
    const session = new FetchSession(this.#newId(), owner, nowMs)
    session.update(request)
    this.#sessions.set(session.id, session)
    return session
  }

  /** Makes room if need be: a stale session goes first, then one that counts for less than the newcomer. */
  #hasRoom(owner: SessionOwner, size: number, nowMs: number): boolean {
    const { maxSessions, minEvictionMs = MIN_EVICTION_MS, onEviction } = this.#options
    if (maxSessions <= 0) return false
    if (this.#sessions.size < maxSessions) return true
    const [oldest] = this.#sessions.values()
    const isStale = oldest !== undefined && nowMs - oldest.lastUsedMs > minEvictionMs
    const victim = isStale ? oldest : this.#leastWorthy(owner, nowMs - minEvictionMs)
    if (victim === null) return false
    if (!isStale && compareWorth(worthOf(victim), { ...owner, size, id: 0 }) > 0) return false
    this.#sessions.delete(victim.id)
    onEviction?.()
    return true
  }

  /** Of those that may go: any that is old enough, and for a follower also young ones of consumers. */
  #leastWorthy(owner: SessionOwner, createdBeforeMs: number): FetchSession | null {
    let least: FetchSession | null = null
    for (const session of this.#sessions.values()) {
      const isOld = session.createdMs < createdBeforeMs
      if (!isOld && (!owner.isPrivileged || session.owner.isPrivileged)) continue
      if (least === null || compareWorth(worthOf(session), worthOf(least)) < 0) least = session
    }
    return least
  }

  #newId(): number {
    for (;;) {
      const id = 1 + this.#options.randomInt(MAX_ID)
      if (!this.#sessions.has(id)) return id
    }
  }
}

interface Worth {
  isPrivileged: boolean
  size: number
  id: number
}

function worthOf({ owner, partitions, id }: FetchSession): Worth {
  return { isPrivileged: owner.isPrivileged, size: partitions.size, id }
}

/** Followers before consumers, then by how much a full fetch would cost. */
function compareWorth(left: Worth, right: Worth): number {
  if (left.isPrivileged !== right.isPrivileged) return left.isPrivileged ? 1 : -1
  return left.size - right.size || left.id - right.id
}
