import { expect, test } from 'vitest'
import { openTestDatabase } from '../testing/database.ts'
import { OpenChunk } from './chunk.ts'
import { upsertChunks } from './chunk-rows.ts'
import { chunksOf, readTiers } from './read-tiers.ts'
import { maxSpanMs, TIERS_MS } from './tiers.ts'

test.skipIf(process.env.EYRIE_TEST_SERVER)(
  'chunks are read entity by entity, not by a look at all of the cluster',
  async () => {
    const { db, close } = await openTestDatabase()
    const entities = JSON.stringify(Array.from({ length: 41 }, (_, i) => `t:${i}`))
    const plan = await db.$queryRawUnsafe<{ detail: string }[]>(
      `EXPLAIN QUERY PLAN ${chunksOf('sqlite', 41)}`,
      ...[entities, 'c', 1, 0, 0, 2_000, 1_000],
    )
    await close()
    expect(plan.map((row) => row.detail).join('\n')).toMatch(
      /SEARCH Chunk USING (PRIMARY KEY|INDEX sqlite_autoindex_Chunk_1) \(clusterId=\? AND entity=\?.* AND startMs>\? AND startMs<\?\)/,
    )
  },
)

test('a chunk that spans all it may is found by its last point', async () => {
  const { db, close } = await openTestDatabase()
  for (const tier of TIERS_MS) {
    const startMs = 1_800_000_000_000
    const endMs = startMs + maxSpanMs(tier)
    const chunk = new OpenChunk()
    for (const tMs of [startMs, endMs]) {
      chunk.append(tMs, [{ field: 'logEndOffset', sub: 0, value: 7 }])
    }
    const row = { entity: 't:1', family: 'log', startMs, endMs, points: 2 } as const
    await upsertChunks(db, { clusterId: 'c', resolutionMs: tier }, [
      { ...row, data: chunk.encode() },
    ])
    const range = { fromMs: endMs, toMs: endMs + 1, stepMs: tier }
    const asked = { clusterId: 'c', entities: ['t:1'], family: 'log', wanted: () => true } as const
    const found = (await readTiers(db, { ...asked, ...range })).get('t:1')
    expect(found?.at(0)?.content.times.at(-1), String(tier)).toBe(endMs)
  }
  await close()
})
