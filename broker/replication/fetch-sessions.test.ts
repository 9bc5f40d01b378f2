// Incremental sessions from both sides: what is told once is not told again, and a lost session is replaced.
import { expect, test } from 'vitest'
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

function sessionsOf(maxSessions = 10): FetchSessions {
  let next = 40
  return new FetchSessions({ maxSessions, randomInt: () => next++ })
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
  const sessions = sessionsOf()
  const session = sessions.take(request({ id: 0, epoch: 0 }, { 0: 10, 1: 20, 2: 30 }))
  if (typeof session === 'number') throw new Error(`no session: ${session}`)
  expect(offsetsIn(session)).toEqual(['0@10', '1@20', '2@30'])
  expect(sessions.take(request({ id: session.id, epoch: 1 }, { 1: 25 }, [2]))).toBe(session)
  expect(offsetsIn(session)).toEqual(['0@10', '1@25'])
})

test('an unknown session and a request out of turn are refused', () => {
  const sessions = sessionsOf()
  const session = sessions.take(request({ id: 0, epoch: 0 }, { 0: 10 })) as FetchSession
  expect(sessions.take(request({ id: 999, epoch: 1 }, {}))).toBe(
    ErrorCode.FETCH_SESSION_ID_NOT_FOUND,
  )
  expect(sessions.take(request({ id: session.id, epoch: 2 }, {}))).toBe(
    ErrorCode.INVALID_FETCH_SESSION_EPOCH,
  )
  expect(sessions.take(request({ id: session.id, epoch: 1 }, {}))).toBe(session)
  expect(sessions.take(request({ id: session.id, epoch: 1 }, {}))).toBe(
    ErrorCode.INVALID_FETCH_SESSION_EPOCH,
  )
})

test('only news is told', () => {
  const session = new FetchSession(1)
  session.update(request({ id: 0, epoch: 0 }, { 0: 10 }))
  const [partition] = [...session.partitions.values()]
  const tells = (more: Partial<FetchResult>) => session.tell(partition!, result(more))
  expect(tells({})).toBe(true)
  expect(tells({})).toBe(false)
  expect(tells({ highWatermark: 6 })).toBe(true)
  expect(tells({ highWatermark: 6 })).toBe(false)
  expect(tells({ highWatermark: 6, logStartOffset: 2 })).toBe(true)
  expect(tells({ highWatermark: 6, logStartOffset: 2, records: Buffer.alloc(1) })).toBe(true)
  expect(tells({ errorCode: 6, highWatermark: -1, logStartOffset: -1 })).toBe(true)
  expect(tells({ errorCode: 6, highWatermark: -1, logStartOffset: -1 })).toBe(true)
  expect(tells({ highWatermark: 6, logStartOffset: 2 })).toBe(true)
})

test('the least recently used session makes room', () => {
  const sessions = sessionsOf(2)
  const first = sessions.take(request({ id: 0, epoch: 0 }, { 0: 1 })) as FetchSession
  const second = sessions.take(request({ id: 0, epoch: 0 }, { 0: 1 })) as FetchSession
  sessions.take(request({ id: first.id, epoch: 1 }, {}))
  sessions.take(request({ id: 0, epoch: 0 }, { 0: 1 }))
  expect(sessions.size).toBe(2)
  expect(sessions.take(request({ id: second.id, epoch: 1 }, {}))).toBe(
    ErrorCode.FETCH_SESSION_ID_NOT_FOUND,
  )
})
