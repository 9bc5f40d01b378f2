// A fetcher that follows thousands tells its leader of a bounded number of new ones with each request, and of all.
import { expect, test } from 'vitest'
import type { FetchResponse } from '../../protocol/schemas/01-fetch.ts'
import { FetchSessionClient } from './fetch-session-client.ts'
import type { AskedPartition } from './take-fetched.ts'

const COUNT = 10_000
const NEW_MAX = 1500

function followed(): AskedPartition[] {
  return Array.from({ length: COUNT }, (_, partition) => {
    const log = { logStartOffset: 0, epochOf: () => -1 }
    const asked = {
      followed: { partition: { topic: 't', topicId: 'id', partition }, leaderEpoch: 1 },
      log,
      fetchOffset: 0,
    }
    // Safe because nothing else of a followed partition is read to build a request.
    return asked as unknown as AskedPartition
  })
}

const answer = (sessionId: number) => ({ errorCode: 0, sessionId }) as FetchResponse

test('so many new partitions a request, until all of them are in the session', () => {
  const session = new FetchSessionClient()
  const ready = followed()
  const told = new Set<number>()
  let requests = 0
  for (; told.size < COUNT && requests < 100; requests += 1) {
    const asked = session.admit(ready)
    expect(asked.length).toBe(Math.min(COUNT, told.size + NEW_MAX))
    const { topics = [] } = session.build(asked, 1)
    const news = topics.flatMap(({ partitions = [] }) => partitions)
    expect(news.length).toBeLessThanOrEqual(NEW_MAX)
    for (const { partition } of news) told.add(partition ?? -1)
    session.accept(answer(7))
  }
  expect(requests).toBe(Math.ceil(COUNT / NEW_MAX))
  expect(session.admit(ready)).toHaveLength(COUNT)
})

test('a leader that keeps no session is asked for all of them each time', () => {
  const session = new FetchSessionClient()
  const ready = followed()
  session.build(session.admit(ready), 1)
  session.accept(answer(0))
  expect(session.admit(ready)).toHaveLength(COUNT)
})
