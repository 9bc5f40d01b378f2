import { afterAll, beforeAll, expect, test } from 'vitest'
import { topicSort } from '../../contracts/topics.ts'
import { dialectOf } from '../db/dialect.ts'
import { openTestDatabase } from '../testing/database.ts'
import { topicListSql } from './list.ts'

type Opened = Awaited<ReturnType<typeof openTestDatabase>>
let opened: Opened

beforeAll(async () => {
  opened = await openTestDatabase()
  const names = ['a', 'b', 'c', 'd', '__internal']
  for (const [index, name] of names.entries()) {
    await opened.db.topicInventory.create({
      data: {
        clusterId: 'k',
        topicKey: `key-${index}`,
        name,
        isInternal: name.startsWith('__'),
        partitions: 10 - index,
        replicationFactor: 3,
        isrRank: index % 2,
        sizeBytes: name === 'b' ? null : index * 100,
        item: JSON.stringify({ name }),
        detail: '{}',
        deletedAt: name === 'd' ? 1n : null,
      },
    })
  }
})
afterAll(() => opened.close())

async function list(sort: (typeof topicSort.options)[number], internal = false, search = '') {
  const { page } = topicListSql(dialectOf(opened.db), sort, internal)
  const rows = await opened.db.$queryRawUnsafe<{ item: string }[]>(page, 'k', search, 10, 0, 'k')
  return rows.map((row) => (JSON.parse(row.item) as { name: string }).name)
}

test('sorts in the database; unknown figures and deleted topics where they belong', async () => {
  expect(await list('name')).toEqual(['a', 'b', 'c'])
  expect(await list('-name', true)).toEqual(['c', 'b', 'a', '__internal'])
  expect(await list('partitions')).toEqual(['c', 'b', 'a'])
  expect(await list('sizeBytes')).toEqual(['a', 'c', 'b'])
  expect(await list('-sizeBytes')).toEqual(['c', 'a', 'b'])
  expect(await list('-isr')).toEqual(['b', 'a', 'c'])
  expect(await list('name', true, 'inter')).toEqual(['__internal'])
})

test.skipIf(process.env.EYRIE_TEST_SERVER)(
  'whatever it is sorted by, rows outside the page are never read: one index holds the rest',
  async () => {
    for (const sort of topicSort.options) {
      const sql = topicListSql('sqlite', sort, false)
      const plan = await opened.db.$queryRawUnsafe<{ detail: string }[]>(
        `EXPLAIN QUERY PLAN ${sql.page}`,
        ...['k', 'x', 100, 0, 'k'],
      )
      const details = plan.map((row) => row.detail)
      expect(
        details.some((text) => text.includes('COVERING INDEX TopicInventory_list')),
        sort,
      ).toBe(true)
      expect(details.filter((text) => /^SCAN TopicInventory/.test(text))).toEqual([])
      const count = await opened.db.$queryRawUnsafe<{ detail: string }[]>(
        `EXPLAIN QUERY PLAN ${sql.count}`,
        ...['k', 'x'],
      )
      expect(count[0]?.detail).toContain('COVERING INDEX TopicInventory_list')
    }
  },
)
