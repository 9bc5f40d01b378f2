import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { systemContext } from '../context.ts'
import { closeDatabase, database } from '../db/client.ts'
import { listRestarts, startsIn } from './restarts.ts'
import { SampleStore } from './store.ts'

const directory = mkdtempSync(join(tmpdir(), 'eyrie-test-'))
process.env.EYRIE_DATA_DIR = directory
process.env.EYRIE_CLUSTERS = 'k=127.0.0.1:9'
afterAll(async () => {
  await closeDatabase()
  rmSync(directory, { recursive: true, force: true })
})

const table = (uptimes: number[], drops?: number[]) => ({
  times: Float64Array.from(uptimes, (_, i) => 1_000_000 + i * 10_000),
  series: [
    {
      field: 'uptimeMs' as const,
      sub: -1,
      values: Float64Array.from(uptimes),
      ...(drops === undefined ? {} : { drops: Float64Array.from(drops) }),
    },
  ],
})

test('a shorter uptime than before is a start, at the time it tells', () => {
  const uptimes = [50_000, 60_000, 4_000, 14_000, 24_000, 1_000]
  expect(startsIn(table(uptimes), 'uptimeMs')).toEqual([1_016_000, 1_049_000])
})

test('a gap between samples hides no restart, and is none by itself', () => {
  expect(startsIn(table([50_000, Number.NaN, 70_000]), 'uptimeMs')).toEqual([])
  expect(startsIn(table([50_000, Number.NaN, 9_000]), 'uptimeMs')).toEqual([1_011_000])
})

test('in a rolled-up point the fall within it tells', () => {
  expect(startsIn(table([50_000, 55_000], [0, 58_000]), 'uptimeMs')).toEqual([955_000])
  expect(startsIn(undefined, 'uptimeMs')).toEqual([])
})

test('a restart that an event tells is not told twice, one without an event is', async () => {
  const db = await database()
  const firstMs = 1_700_000_000_000
  await db.brokerInventory.create({ data: { clusterId: 'k', brokerId: 1, item: '{"id":1}' } })
  const store = await SampleStore.open(db, 'k', firstMs)
  const startsMs = [firstMs - 60_000, firstMs + 1_201_000, firstMs + 2_400_500]
  for (let tMs = firstMs; tMs < firstMs + 3_600_000; tMs += 10_000) {
    const startMs = startsMs.findLast((one) => one <= tMs) ?? 0
    const samples = [{ field: 'uptimeMs' as const, sub: -1, value: tMs - startMs }]
    const entities = [{ entity: 'b:1', family: 'health' as const, samples }]
    await store.append({ clusterId: 'k', tMs, entities })
  }
  const input = { cluster: 'k', from: firstMs, to: firstMs + 3_600_000 }
  const told = async () => (await listRestarts({ ctx: systemContext(), input })).items
  const second = { t: startsMs[2], what: 'broker', broker: 1 }
  expect(await told()).toEqual([{ t: startsMs[1], what: 'broker', broker: 1 }, second])
  const event = (type: string, subject: string, atMs: number) => ({
    ...{ clusterId: 'k', seq: BigInt(atMs * 1_000), atMs: BigInt(atMs), type, subject },
    ...{ subjectType: 'broker', level: 0, data: '{"before":null,"after":{"startedAt":1}}' },
  })
  const others = [
    event('broker', '2', firstMs + 2_405_000),
    event('config', '1', firstMs + 2_406_000),
  ]
  for (const data of [event('broker', '1', firstMs + 1_215_000), ...others])
    await db.clusterEvent.create({ data })
  expect(await told()).toEqual([second])
})
