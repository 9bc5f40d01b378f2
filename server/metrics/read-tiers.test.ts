import { expect, test } from 'vitest'
import { openTestDatabase } from '../testing/database.ts'
import { chunksOf } from './read-tiers.ts'

test.skipIf(process.env.EYRIE_TEST_SERVER)(
  'chunks are read entity by entity, not by a look at all of the cluster',
  async () => {
    const { db, close } = await openTestDatabase()
    const entities = JSON.stringify(Array.from({ length: 41 }, (_, i) => `t:${i}`))
    const plan = await db.$queryRawUnsafe<{ detail: string }[]>(
      `EXPLAIN QUERY PLAN ${chunksOf('sqlite', 41)}`,
      ...[entities, 'c', 1, 0, 2_000, 1_000],
    )
    await close()
    expect(plan.map((row) => row.detail).join('\n')).toMatch(
      /SEARCH Chunk USING (PRIMARY KEY|INDEX sqlite_autoindex_Chunk_1) \(clusterId=\? AND entity=\?/,
    )
  },
)
