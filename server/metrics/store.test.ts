import { afterEach, beforeEach, expect, test } from 'vitest'
import { openTestDatabase } from '../testing/database.ts'
import type { Cycle } from './journal.ts'
import { readSamples } from './read.ts'
import { FLUSH_EVERY_CYCLES, SampleStore } from './store.ts'

let test_: Awaited<ReturnType<typeof openTestDatabase>>

beforeEach(async () => {
  test_ = await openTestDatabase()
})
afterEach(() => test_.close())

const START_MS = 1_700_000_000_000

function cycle(index: number, topics = 3): Cycle {
  return {
    clusterId: 'c',
    tMs: START_MS + index * 10_000,
    entities: Array.from({ length: topics }, (_, topic) => ({
      entity: `t:${topic}`,
      family: 'log',
      samples: [0, 1].map((sub) => ({
        field: 'logEndOffset',
        sub,
        value: index * 100 + topic * 10 + sub,
      })),
    })),
  }
}

async function ends(topic: number, from = 0, to = 10_000): Promise<number[]> {
  const tables = await readSamples(test_.db, {
    clusterId: 'c',
    entities: [`t:${topic}`],
    family: 'log',
    fromMs: START_MS + from * 10_000,
    toMs: START_MS + to * 10_000,
    wanted: (_, sub) => sub === 1,
  })
  return [...(tables.get(`t:${topic}`)?.series[0]?.values ?? [])]
}

const expected = (topic: number, from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => (from + i) * 100 + topic * 10 + 1)

test('every cycle is readable at once and after kill -9, across full chunks', async () => {
  let store = await SampleStore.open(test_.db, 'c', START_MS)
  for (let i = 0; i < 300; i++) {
    await store.append(cycle(i))
    if (i % 37 === 0) store = await SampleStore.open(test_.db, 'c', START_MS + i * 10_000)
    if (i % 50 === 0) expect(await ends(1)).toEqual(expected(1, 0, i + 1))
  }
  for (const topic of [0, 1, 2]) expect(await ends(topic)).toEqual(expected(topic, 0, 300))
  expect(await ends(2, 100, 110)).toEqual(expected(2, 100, 111))
  const journal = await test_.db.journal.count()
  expect(journal).toBeLessThanOrEqual(FLUSH_EVERY_CYCLES)
  const chunks = await test_.db.chunk.findMany()
  expect(Math.max(...chunks.map((chunk) => chunk.points))).toBeLessThanOrEqual(120)
})

test('closing in order empties the journal and keeps every sample', async () => {
  const store = await SampleStore.open(test_.db, 'c', START_MS)
  for (let i = 0; i < 9; i++) await store.append(cycle(i))
  await store.close()
  expect(await test_.db.journal.count()).toBe(0)
  expect(await ends(0)).toEqual(expected(0, 0, 9))
})

test('a cycle that is not later than the last one is dropped', async () => {
  const store = await SampleStore.open(test_.db, 'c', START_MS)
  await store.append(cycle(5))
  await store.append(cycle(5))
  await store.append(cycle(4))
  expect(await ends(0)).toEqual([501])
})

test('a cycle of 10,000 topics is kept whole', async () => {
  const store = await SampleStore.open(test_.db, 'c', START_MS)
  for (let i = 0; i < 3; i++) await store.append(cycle(i, 10_000))
  expect(await ends(9_999)).toEqual(expected(9_999, 0, 3))
})
