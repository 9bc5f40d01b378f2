// What the console's tables promise, on each of the three databases.
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../server/db/client.ts'
import { migrateDatabase, openClient } from '../../server/db/connect.ts'
import { deleteSome, dialectOf, sql } from '../../server/db/dialect.ts'
import { Prisma } from '../../server/db/generated/client.ts'
import { upsertRows } from '../../server/db/rows.ts'
import { upsertChunks } from '../../server/metrics/chunk-rows.ts'
import { topicListSql } from '../../server/topics/list.ts'
import { type DatabaseServer, startMariadb, startPostgresql } from '../support/database-servers.ts'

let folder = ''
const servers = new Map<string, DatabaseServer>()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eyrie-databases-'))
  servers.set('postgresql', await startPostgresql())
  servers.set('mysql', await startMariadb())
})
afterAll(async () => {
  for (const server of servers.values()) await server.stop()
  await rm(folder, { recursive: true, force: true })
})

let count = 0
function newUrl(dialect: string): string {
  const name = `stores_${++count}`
  return servers.get(dialect)?.createDatabase(name) ?? `file:${join(folder, `${name}.db`)}`
}

async function names(db: Database, search = ''): Promise<string[]> {
  const { page } = topicListSql(dialectOf(db), 'name', true)
  const rows = await db.$queryRawUnsafe<{ item: string }[]>(page, 'k', search, 100, 0, 'k')
  return rows.map(({ item }) => item)
}

const topics = (db: Database, rows: readonly unknown[][]): Promise<void> =>
  upsertRows(
    db,
    {
      table: 'TopicInventory',
      key: ['clusterId', 'topicKey'],
      same: { clusterId: 'k' },
      columns: {
        ...{ topicKey: 'text', name: 'text', isInternal: 'boolean', partitions: 'integer' },
        ...{ replicationFactor: 'integer', isrRank: 'integer', sizeBytes: 'float' },
        ...{ item: 'text', detail: 'text' },
      },
      cleared: ['deletedAt'],
    },
    rows.map((row) => JSON.stringify(row)),
  )

const topic = (name: string, more: { size?: number | null; isInternal?: boolean } = {}) => {
  const { size = null, isInternal = false } = more
  return [`~${name}`, name, isInternal ? 1 : 0, 3, 3, 0, size, name, '{}']
}

describe.each(['sqlite', 'postgresql', 'mysql'])('%s', (dialect) => {
  let db: Database
  let url = ''

  beforeAll(async () => {
    url = newUrl(dialect)
    expect((await migrateDatabase(url)).length).toBeGreaterThan(0)
    db = await openClient(url)
  })
  afterAll(() => db.$disconnect())

  test('every model has its table and all its columns', async () => {
    for (const model of Object.values(Prisma.ModelName)) {
      const key = `${model.charAt(0).toLowerCase()}${model.slice(1)}` as 'user'
      expect(await db[key].findMany({ take: 1 }), model).toEqual([])
    }
  })

  test('migrations are applied once, by however many processes', async () => {
    const other = newUrl(dialect)
    const both = await Promise.all([migrateDatabase(other), migrateDatabase(other)])
    const folderOf = dialect === 'sqlite' ? 'prisma/migrations' : `prisma/${dialect}/migrations`
    const all = readdirSync(folderOf).filter((name) => /^\d/.test(name))
    expect(both.flat().sort()).toEqual(all.sort())
    expect(await migrateDatabase(other)).toEqual([])
  })

  test('a database of a newer version is refused', async () => {
    const other = newUrl(dialect)
    await migrateDatabase(other)
    const client = await openClient(other)
    const text = 'UPDATE "_prisma_migrations" SET "migration_name" = \'29990101000000_later\''
    await client.$executeRawUnsafe(
      sql(dialectOf(client), `${text} WHERE "migration_name" = ?`),
      readdirSync(dialect === 'sqlite' ? 'prisma/migrations' : `prisma/${dialect}/migrations`)
        .filter((name) => /^\d/.test(name))
        .sort()
        .at(-1),
    )
    await client.$disconnect()
    await expect(migrateDatabase(other)).rejects.toThrow(/newer Eyrie/)
  })

  test('names differ by case and sort by their bytes; 249 characters and emoji fit', async () => {
    const long = 'x'.repeat(249)
    const all = [
      'orders',
      'Orders',
      'ORDERS',
      '_a',
      'ärger',
      '日本',
      '🦅',
      long,
      `${long.slice(1)}y`,
    ]
    await topics(
      db,
      all.map((name) => topic(name)),
    )
    const byBytes = all.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    expect(await names(db)).toEqual(byBytes)
    expect(await names(db, 'orders')).toEqual(['ORDERS', 'Orders', 'orders'])
    expect(await names(db, '🦅')).toEqual(['🦅'])
    const found = await db.topicInventory.findMany({ where: { clusterId: 'k', name: 'Orders' } })
    expect(found.map(({ topicKey }) => topicKey)).toEqual(['~Orders'])
  })

  test('names that differ in spaces at their end alone are two', async () => {
    const group = (groupId: string) => ({
      ...{ clusterId: 'k', groupId, state: 'Empty', members: 0, item: '{}', detail: '{}' },
    })
    for (const id of ['a', 'a ', 'a  ']) await db.groupInventory.create({ data: group(id) })
    const found = await db.groupInventory.findMany({ where: { clusterId: 'k', groupId: 'a ' } })
    expect(found.map(({ groupId }) => groupId)).toEqual(['a '])
    expect(await db.groupInventory.count({ where: { groupId: { in: ['a', 'a  '] } } })).toBe(2)
    await topics(db, [topic('t'), topic('t ')])
    expect(await names(db, 't ')).toEqual(['t '])
    const entities = ['g:x', 'g:x '].map((entity) => ({
      ...{ entity, family: 'health' as const, startMs: 1, endMs: 2, points: 1 },
      data: Buffer.from([1]),
    }))
    await upsertChunks(db, { clusterId: 'spaces', resolutionMs: 0 }, entities)
    expect(await db.chunk.count({ where: { clusterId: 'spaces' } })).toBe(2)
    await db.groupInventory.deleteMany()
    await db.topicInventory.deleteMany({ where: { clusterId: 'k' } })
  })

  test('rows are replaced by key, many in one call, and what was marked deleted is back', async () => {
    const rows = Array.from({ length: 4_500 }, (_, i) => topic(`bulk-${i}`, { size: i }))
    await topics(db, rows)
    const where = { clusterId: 'k', name: { startsWith: 'bulk-' } }
    await db.topicInventory.updateMany({ where, data: { deletedAt: 5n } })
    await topics(db, [topic('bulk-7', { size: 77.5, isInternal: true })])
    const alive = await db.topicInventory.findMany({ where: { ...where, deletedAt: null } })
    expect(alive.map(({ name, sizeBytes, isInternal }) => [name, sizeBytes, isInternal])).toEqual([
      ['bulk-7', 77.5, true],
    ])
    expect(await db.topicInventory.count({ where })).toBe(4_500)
    expect((await db.topicInventory.deleteMany({ where })).count).toBe(4_500)
  })

  test('a text with the character 0 and lone quotes does not stop the writing', async () => {
    await topics(db, [topic(`a'b"c\\d`), topic('nul\0')])
    expect(await names(db, `a'b"c\\d`)).toHaveLength(1)
    expect(await names(db, 'nul')).toHaveLength(1)
  })

  test('bytes of chunks come back as they were; a few are deleted at a time', async () => {
    const data = Buffer.from(Array.from({ length: 2_000 }, (_, i) => (i * 7) % 256))
    const rows = Array.from({ length: 30 }, (_, i) => ({
      ...{ entity: `t:${i}`, family: 'log' as const, startMs: 1_700_000_000_000 + i },
      ...{ endMs: 1_700_000_600_000 + i, points: 120, data },
    }))
    await upsertChunks(db, { clusterId: 'k', resolutionMs: 0 }, rows)
    await upsertChunks(db, { clusterId: 'k', resolutionMs: 0 }, rows)
    const found = await db.chunk.findMany({ where: { clusterId: 'k' } })
    expect(found).toHaveLength(30)
    for (const row of found) expect(Buffer.from(row.data).equals(data)).toBe(true)
    const some = { table: 'Chunk', where: '"clusterId" = ? AND "endMs" < ?', limit: 8 }
    expect(await deleteSome(db, some, 'k', 1_700_000_600_010)).toBe(8)
    expect(await deleteSome(db, some, 'k', 1_700_000_600_010)).toBe(2)
    expect(await db.chunk.count({ where: { clusterId: 'k' } })).toBe(20)
  })

  test('times are kept to the millisecond, whatever the time zone', async () => {
    const at = new Date('2026-03-29T01:30:00.123Z')
    const row = { id: 'x', at, actor: 'a', action: 'b', outcome: 'ok', subject: 's'.repeat(600) }
    await db.auditEntry.create({ data: row })
    const [read] = await db.auditEntry.findMany({ where: { at: { gte: at, lte: at } } })
    expect(read?.at).toEqual(at)
  })
})

test('on MySQL tables of an older version tell spaces apart after the next start', async () => {
  const url = newUrl('mysql')
  await migrateDatabase(url)
  const db = await openClient(url)
  const text = 'ALTER TABLE GroupInventory CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin'
  await db.$executeRawUnsafe(text)
  const group = { clusterId: 'k', state: 'Empty', members: 0, item: '{}', detail: '{}' }
  await db.groupInventory.create({ data: { ...group, groupId: 'a' } })
  await expect(db.groupInventory.create({ data: { ...group, groupId: 'a ' } })).rejects.toThrow()
  expect(await migrateDatabase(url)).toEqual([])
  await db.groupInventory.create({ data: { ...group, groupId: 'a ' } })
  expect(await db.groupInventory.count()).toBe(2)
  await db.$disconnect()
})

test('on MySQL a migration goes on where a kill stopped it', async () => {
  const url = newUrl('mysql')
  const last = (await migrateDatabase(url)).at(-1) ?? ''
  const text = readFileSync(`prisma/mysql/migrations/${last}/migration.sql`, 'utf8')
  const statements = text.split(/;\n/).filter((statement) => statement.trim() !== '')
  const db = await openClient(url)
  // The last statement was carried out, its record was not.
  await db.$executeRawUnsafe(
    `UPDATE _prisma_migrations SET finished_at = NULL, applied_steps_count = ?
     WHERE migration_name = ?`,
    statements.length - 1,
    last,
  )
  await db.$disconnect()
  expect(await migrateDatabase(url)).toEqual([last])
  expect(await migrateDatabase(url)).toEqual([])
})
