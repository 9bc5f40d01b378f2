// Incremental fetch sessions (KIP-227) for followers: between two fetches only what changed is told, either
// way. Owned by the Fetch handler. In memory only: after a crash the follower hears that its session is not
// known and fetches in full.
import { ErrorCode } from '../../protocol/errors.ts'
import type { FetchRequest } from '../../protocol/schemas/01-fetch.ts'
import type { FetchEntry, FetchResult } from './types.ts'

type AskedTopic = FetchRequest['topics'][number]
export type AskedPartition = AskedTopic['partitions'][number]

export interface SessionPartition {
  readonly topicId: string
  readonly asked: AskedPartition
  /** null: the topic is not known here yet. */
  entry: FetchEntry | null
  /** As told last; -2 before the first time. */
  highWatermark: number
  logStartOffset: number
}

const NOTHING_TOLD = -2
const NEW_SESSION = 0
const MAX_ID = 0x7fffffff

export class FetchSession {
  readonly id: number
  readonly partitions = new Map<string, SessionPartition>()
  /** What the next incremental fetch must carry. */
  epoch = 1
  #entries: FetchEntry[] | null = null

  constructor(id: number) {
    this.id = id
  }

  /** Takes what one request asks for, and drops what it forgets. */
  update(request: FetchRequest): void {
    for (const { topicId, partitions } of request.topics) {
      for (const asked of partitions) {
        const key = `${topicId}:${asked.partition}`
        const before = this.partitions.get(key)
        this.partitions.set(key, {
          topicId,
          asked,
          entry: null,
          highWatermark: before?.highWatermark ?? NOTHING_TOLD,
          logStartOffset: before?.logStartOffset ?? NOTHING_TOLD,
        })
        this.#entries = null
      }
    }
    for (const { topicId, partitions } of request.forgottenTopicsData) {
      for (const partition of partitions) this.partitions.delete(`${topicId}:${partition}`)
      this.#entries = null
    }
  }

  /** Entries of all partitions whose topic is known, in the order of `partitions`. */
  entries(resolve: (partition: SessionPartition) => FetchEntry | null): FetchEntry[] {
    if (this.#entries !== null) return this.#entries
    const entries: FetchEntry[] = []
    let isComplete = true
    for (const partition of this.partitions.values()) {
      partition.entry ??= resolve(partition)
      if (partition.entry === null) isComplete = false
      else entries.push(partition.entry)
    }
    if (isComplete) this.#entries = entries
    return entries
  }

  /** Whether `result` is news for the follower; it is taken as told. */
  tell(partition: SessionPartition, result: FetchResult): boolean {
    const isNews =
      result.errorCode !== ErrorCode.NONE ||
      result.divergingEpoch !== null ||
      (result.records?.length ?? 0) > 0 ||
      result.highWatermark !== partition.highWatermark ||
      result.logStartOffset !== partition.logStartOffset
    if (isNews) {
      partition.highWatermark = result.errorCode === 0 ? result.highWatermark : NOTHING_TOLD
      partition.logStartOffset = result.logStartOffset
    }
    return isNews
  }

  /** Those that got records go last, so that a full response leaves nobody out for long. */
  moveToEnd(partition: SessionPartition): void {
    const key = `${partition.topicId}:${partition.asked.partition}`
    if (this.partitions.get(key) !== partition) return
    this.partitions.delete(key)
    this.partitions.set(key, partition)
    this.#entries = null
  }
}

export class FetchSessions {
  readonly #maxSessions: number
  readonly #randomInt: (boundExclusive: number) => number
  /** Least recently used first. */
  readonly #sessions = new Map<number, FetchSession>()

  constructor(options: { maxSessions: number; randomInt: (boundExclusive: number) => number }) {
    this.#maxSessions = options.maxSessions
    this.#randomInt = options.randomInt
  }

  get size(): number {
    return this.#sessions.size
  }

  /** The session of a request, with its changes taken in; or why it has none. */
  take(request: FetchRequest): FetchSession | number {
    const { sessionId, sessionEpoch } = request
    if (sessionEpoch === NEW_SESSION) {
      this.#sessions.delete(sessionId)
      const session = new FetchSession(this.#newId())
      session.update(request)
      this.#sessions.set(session.id, session)
      for (const id of this.#sessions.keys()) {
        if (this.#sessions.size <= this.#maxSessions) break
        this.#sessions.delete(id)
      }
      return session
    }
    const session = this.#sessions.get(sessionId)
    if (session === undefined) return ErrorCode.FETCH_SESSION_ID_NOT_FOUND
    if (session.epoch !== sessionEpoch) return ErrorCode.INVALID_FETCH_SESSION_EPOCH
    session.epoch = session.epoch === MAX_ID ? 1 : session.epoch + 1
    this.#sessions.delete(sessionId)
    this.#sessions.set(sessionId, session)
    session.update(request)
    return session
  }

  close(sessionId: number): void {
    this.#sessions.delete(sessionId)
  }

  #newId(): number {
    for (;;) {
      const id = 1 + this.#randomInt(MAX_ID)
      if (!this.#sessions.has(id)) return id
    }
  }
}
