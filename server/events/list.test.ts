import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ClusterEvent } from '../../contracts/events.ts'
import { openTestDatabase } from '../testing/database.ts'
import type { EventLine } from './change.ts'
import { eventSearchSql, readEvents } from './list.ts'
import { marksOf } from './marks.ts'
import { seqAt, writeLines } from './store.ts'

type Opened = Awaited<ReturnType<typeof openTestDatabase>>
let opened: Opened

const line = (given: Partial<EventLine>): EventLine => ({
  ...{ type: 'leader', subjectType: 'topic', subject: 'a', before: { 0: 1 }, after: { 0: 2 } },
  ...{ bulk: null, level: 0, actor: null, action: null },
  ...given,
})

beforeAll(async () => {
  opened = await openTestDatabase()
  for (let i = 0; i < 50; i++) {
    const lines = [
      line({ subject: `topic-${i % 5}`, actor: i % 10 === 0 ? 'Ada@example.org' : null }),
      line({ type: 'isr', subject: `topic-${i % 5}`, level: 1 }),
      line({ type: 'broker', subjectType: 'broker', subject: '1', after: { state: 'offline' } }),
    ]
    const atMs = 1_000_000 + i * 1_000
    await writeLines(opened.db, { clusterId: 'k', atMs, firstSeq: seqAt(atMs) }, lines)
  }
})
afterAll(() => opened.close())

async function read(more: Partial<Parameters<typeof readEvents>[1]> = {}) {
  return readEvents(opened.db, { cluster: 'k', limit: 7, ...more })
}

/** Every page after the first by the cursor. */
async function readAll(more: Partial<Parameters<typeof readEvents>[1]> = {}) {
  const found: ClusterEvent[] = []
  let before: number | undefined
  for (;;) {
    const { items, next } = await read({ ...more, ...(before !== undefined && { before }) })
    found.push(...items)
    if (next === null) return found
    before = next
  }
}

test('pages follow on each other, newest first, without a gap or a double', async () => {
  const all = await readAll()
  expect(all).toHaveLength(100)
  expect(all.map((event) => event.id)).toEqual(
    [...new Set(all.map((event) => event.id))].sort((a, b) => b - a),
  )
  expect(await readAll({ types: ['leader', 'broker'] })).toEqual(all)
  expect(await readAll({ types: ['broker'] })).toHaveLength(50)
  expect(await readAll({ from: 1_010_000, to: 1_019_000 })).toHaveLength(20)
})

test('one subject shows what the timeline gathers; names are searched whatever their case', async () => {
  const one = { subjectType: 'topic', subject: 'topic-3' } as const
  expect(await readAll(one)).toHaveLength(20)
  expect(await readAll({ ...one, types: ['isr'] })).toHaveLength(10)
  expect(await readAll({ search: 'TOPIC-3' })).toHaveLength(10)
  expect(await readAll({ search: 'ada@', types: ['leader'] })).toHaveLength(5)
  expect(await readAll({ actor: 'Ada@example.org' })).toHaveLength(5)
  expect(await readAll({ search: 'nobody' })).toEqual([])
})

test('every way to read a page goes by an index that ends in the order of the page', async () => {
  const wheres = [
    ['"clusterId" = ? AND "level" = 0 AND "seq" < ?', ['k', 9]],
    [`"clusterId" = ? AND "level" = 0 AND "type" = 'isr' AND "seq" < ?`, ['k', 9]],
    [`"clusterId" = ? AND "subjectType" = ? AND "subject" = ? AND "seq" < ?`, ['k', 't', 'a', 9]],
    [`"clusterId" = ? AND "actor" = ? AND "level" = 0 AND "seq" < ?`, ['k', 'ada', 9]],
  ] as const
  const texts = wheres.map(([where, values]) => ({
    text: `SELECT * FROM "ClusterEvent" WHERE ${where} ORDER BY "seq" DESC LIMIT 100`,
    values: values as readonly (string | number)[],
  }))
  // The ones found among a bounded number are put in order once more.
  const search = { text: eventSearchSql('sqlite', 100), values: ['k', 0, 9, 'x', 'x'] }
  for (const { text, values } of [...texts, search]) {
    const plan = await opened.db.$queryRawUnsafe<{ detail: string }[]>(
      `EXPLAIN QUERY PLAN ${text}`,
      ...values,
    )
    const details = plan.map((row) => row.detail)
    expect(details.some((detail) => /SEARCH "?ClusterEvent"? USING INDEX/.test(detail))).toBe(true)
    const isBad = text === search.text ? /SCAN "?ClusterEvent/ : /SCAN|TEMP B-TREE/
    expect(details.filter((detail) => isBad.test(detail))).toEqual([])
  }
})

test('marks gather what is close together, the most telling first', async () => {
  const events = await readAll({ limit: 500 })
  const marks = marksOf(events, { from: 1_000_000, to: 1_600_000 })
  expect(marks).toHaveLength(5)
  expect(marks[0]).toEqual({
    t: 1_000_000,
    level: 'critical',
    events: [
      { type: 'broker', count: 10, subjectType: 'broker', subject: '1', state: 'offline' },
      { type: 'leader', count: 10, subjectType: 'topic', subject: 'topic-0', state: null },
    ],
  })
  expect(marksOf(events, { from: 1_000_000, to: 1_049_000 }).length).toBeLessThanOrEqual(60)
})
