// Incremental sessions from both sides: what is told once is not told again, and a lost session is replaced.
import { describe, expect, test } from 'vitest'
import { ErrorCode } from '../../protocol/errors.ts'
import type { FetchRequest } from '../../protocol/schemas/01-fetch.ts'
import { FetchSession, FetchSessions } from './fetch-sessions.ts'
import type { FetchEntry, FetchResult } from './types.ts'

function request(
  session: { id: number; epoch: number },
  offsets: Readonly<Record<number, number>>,
  forgotten: number[] = [],
): FetchRequest {
  const partitions = Object.entries(offsets).map(([partition, fetchOffset]) => ({
    partition: Number(partition),
    fetchOffset,
    currentLeaderEpoch: 0,
    lastFetchedEpoch: -1,
    logStartOffset: 0,
    partitionMaxBytes: 100,
  }))
  return {
    sessionId: session.id,
    sessionEpoch: session.epoch,
    topics: [{ topic: '', topicId: 'T', partitions }],
    forgottenTopicsData: [{ topic: '', topicId: 'T', partitions: forgotten }],
  } as unknown as FetchRequest
}

const follower = { isPrivileged: true, usesTopicIds: true }
const consumer = { isPrivileged: false, usesTopicIds: true }

/** A cache whose clock stands still until it is told. */
class Cache {
  nowMs = 0
  evictions = 0
  readonly sessions: FetchSessions

  constructor(maxSessions = 10) {
    let next = 40
    this.sessions = new FetchSessions({
      maxSessions,
      randomInt: () => next++,
      onEviction: () => {
        this.evictions += 1
      },
    })
  }

  take(asked: FetchRequest, owner = follower) {
    return this.sessions.take(asked, owner, this.nowMs)
  }

  /** A new session with `count` partitions; null: not admitted. */
  open(count: number, owner = follower): FetchSession | null {
    const offsets = Object.fromEntries(Array.from({ length: count }, (_unused, at) => [at, 0]))
    const taken = this.take(request({ id: 0, epoch: 0 }, offsets), owner)
    if (typeof taken === 'number') throw new Error(`error ${taken}`)
    return taken
  }

  isKept(session: FetchSession | null): boolean {
    if (session === null) return false
    const taken = this.take(request({ id: session.id, epoch: session.epoch }, {}), session.owner)
    return taken === session
  }
}

function offsetsIn(session: FetchSession): string[] {
  const resolve = ({ topicId, asked }: { topicId: string; asked: { partition: number } }) =>
    ({ topicId, ...asked }) as unknown as FetchEntry
  return session.entries(resolve).map(({ partition, fetchOffset }) => `${partition}@${fetchOffset}`)
}

function result(more: Partial<FetchResult>): FetchResult {
  return {
    topic: 't',
    partition: 0,
    topicId: 'T',
    errorCode: 0,
    highWatermark: 5,
    lastStableOffset: 5,
    logStartOffset: 0,
    records: null,
    abortedTransactions: null,
    divergingEpoch: null,
    currentLeader: null,
    preferredReadReplica: -1,
    ...more,
  }
}

test('a session keeps what was asked, takes changes in and forgets what is forgotten', () => {
  const cache = new Cache()
  const session = cache.take(request({ id: 0, epoch: 0 }, { 0: 10, 1: 20, 2: 30 })) as FetchSession
  expect(offsetsIn(session)).toEqual(['0@10', '1@20', '2@30'])
  expect(cache.take(request({ id: session.id, epoch: 1 }, { 1: 25 }, [2]))).toBe(session)
  expect(offsetsIn(session)).toEqual(['0@10', '1@25'])
  expect(cache.sessions.partitionCount).toBe(2)
})

test('an unknown session and a request out of turn are refused', () => {
  const cache = new Cache()
  const session = cache.open(1) as FetchSession
  const ask = (id: number, epoch: number) => cache.take(request({ id, epoch }, {}))
  expect(ask(999, 1)).toBe(ErrorCode.FETCH_SESSION_ID_NOT_FOUND)
  expect(ask(session.id, 2)).toBe(ErrorCode.INVALID_FETCH_SESSION_EPOCH)
  expect(ask(session.id, 1)).toBe(session)
  expect(ask(session.id, 1)).toBe(ErrorCode.INVALID_FETCH_SESSION_EPOCH)
})

test('a session goes by ids or by names, not by both', () => {
  const cache = new Cache()
  const session = cache.open(1) as FetchSession
  const byName = { isPrivileged: true, usesTopicIds: false }
  expect(cache.take(request({ id: session.id, epoch: 1 }, {}), byName)).toBe(
    ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR,
  )
})

test('epoch -1 closes the session, and so does forgetting the last partition', () => {
  const cache = new Cache()
  const [first, second] = [cache.open(1) as FetchSession, cache.open(1) as FetchSession]
  expect(cache.take(request({ id: first.id, epoch: -1 }, {}))).toBeNull()
  expect(cache.take(request({ id: second.id, epoch: 1 }, {}, [0]))).toBeNull()
  expect(cache.sessions.size).toBe(0)
})

test('a full fetch with the id of a session replaces it', () => {
  const cache = new Cache()
  const first = cache.open(1) as FetchSession
  cache.take(request({ id: first.id, epoch: 0 }, { 0: 1 }))
  expect(cache.sessions.size).toBe(1)
  expect(cache.isKept(first)).toBe(false)
})

test('only news is told', () => {
  const session = new FetchSession(1, follower, 0)
  session.update(request({ id: 0, epoch: 0 }, { 0: 10 }))
  const [partition] = [...session.partitions.values()]
  const tells = (more: Partial<FetchResult>) => session.tell(partition!, result(more))
  expect(tells({})).toBe(true)
  expect(tells({})).toBe(false)
  expect(tells({ highWatermark: 6 })).toBe(true)
  expect(tells({ highWatermark: 6 })).toBe(false)
  expect(tells({ highWatermark: 6, logStartOffset: 2 })).toBe(true)
  expect(tells({ highWatermark: 6, logStartOffset: 2, records: Buffer.alloc(1) })).toBe(true)
  expect(tells({ highWatermark: 6, logStartOffset: 2, preferredReadReplica: 3 })).toBe(true)
  expect(tells({ errorCode: 6, highWatermark: -1, logStartOffset: -1 })).toBe(true)
  expect(tells({ errorCode: 6, highWatermark: -1, logStartOffset: -1 })).toBe(true)
  expect(tells({ highWatermark: 6, logStartOffset: 2 })).toBe(true)
})

describe('when the cache is full', () => {
  test('a session that was not used for two minutes makes room for anybody', () => {
    const cache = new Cache(2)
    const [first, second] = [cache.open(5), cache.open(5)]
    cache.nowMs = 100_000
    expect(cache.isKept(first)).toBe(true)
    cache.nowMs = 120_001
    expect(cache.open(1, consumer)).not.toBeNull()
    expect(cache.isKept(second)).toBe(false)
    expect(cache.isKept(first)).toBe(true)
    expect(cache.evictions).toBe(1)
  })

  test('a follower takes the place of the smallest consumer, however young', () => {
    const cache = new Cache(3)
    const follow = cache.open(1)
    const [large, small] = [cache.open(9, consumer), cache.open(2, consumer)]
    expect(cache.open(1)).not.toBeNull()
    expect(cache.isKept(small)).toBe(false)
    expect([follow, large].map((session) => cache.isKept(session))).toEqual([true, true])
  })

  test('a consumer takes the place of a smaller one that is old enough, and of no other', () => {
    const cache = new Cache(2)
    const [small, follow] = [cache.open(2, consumer), cache.open(1)]
    expect(cache.open(3, consumer)).toBeNull()
    cache.nowMs = 110_000
    expect([small, follow].map((session) => cache.isKept(session))).toEqual([true, true])
    cache.nowMs = 120_001
    expect(cache.open(1, consumer)).toBeNull()
    expect(cache.open(3, consumer)).not.toBeNull()
    expect(cache.isKept(small)).toBe(false)
  })

  test('without slots nobody gets a session', () => {
    expect(new Cache(0).open(1)).toBeNull()
  })
})
