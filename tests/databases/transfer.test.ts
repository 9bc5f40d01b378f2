// Backup, restore and moving: every row, on the way through all three databases and back.
import { execFile } from 'node:child_process'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../../server/db/client.ts'
import { migrateDatabase, openClient } from '../../server/db/connect.ts'
import { readTables, transfer } from '../../server/db/transfer.ts'
import { upsertChunks } from '../../server/metrics/chunk-rows.ts'
import { type DatabaseServer, startMariadb, startPostgresql } from '../support/database-servers.ts'

const NOW_MS = 1_790_000_000_000
let folder = ''
let source = ''
let postgresql: DatabaseServer
let mariadb: DatabaseServer

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eyrie-transfer-'))
  source = `file:${join(folder, 'source.db')}`
  postgresql = await startPostgresql()
  mariadb = await startMariadb()
  await migrateDatabase(source)
  const db = await openClient(source)
  await fill(db)
  await db.$disconnect()
  await promisify(execFile)(process.execPath, ['scripts/build.mjs', 'database'])
})
afterAll(async () => {
  await postgresql?.stop()
  await mariadb?.stop()
  await rm(folder, { recursive: true, force: true })
})

async function fill(db: Database): Promise<void> {
  const at = new Date('2026-02-28T23:59:59.987Z')
  const emoji = 'Zoë 🦅 "quoted" \\ backslash'
  for (const id of ['u1', 'U1']) {
    await db.user.create({ data: { id, name: emoji, email: `${id}@example.org`, createdAt: at } })
    await db.session.create({ data: { id, userId: id, token: `token-${id}`, expiresAt: at } })
    const account = { id, issuer: 'local', accountId: id, providerId: 'credential', userId: id }
    await db.account.create({ data: { ...account, password: 'hash' } })
  }
  await db.setting.create({ data: { key: 'k', value: JSON.stringify({ emoji }) } })
  await db.auditEntry.createMany({
    data: Array.from({ length: 1_234 }, (_, i) => {
      const actor = i % 2 === 0 ? 'a' : emoji
      return { id: `id-${i}`, at, actor, action: 'x', outcome: 'ok', detail: null }
    }),
  })
  const asOf = BigInt(NOW_MS - 600_000)
  await db.clusterInventory.create({ data: { clusterId: 'c', asOf, data: '{}' } })
  const rows = Array.from({ length: 2_000 }, (_, i) => ({
    ...{ entity: `t:${i % 7}`, family: 'log' as const, startMs: NOW_MS + i, endMs: NOW_MS + i },
    ...{ points: 1, data: Buffer.from([i % 256, 0, 255, 13, 10]) },
  }))
  await upsertChunks(db, { clusterId: 'c', resolutionMs: 0 }, rows)
  await db.journal.create({ data: { clusterId: 'c', tMs: 1n, data: Buffer.alloc(100_000, 7) } })
}

/** All rows of all tables, as text. */
async function contentOf(url: string): Promise<string[]> {
  const db = await openClient(url)
  const lines: string[] = []
  for (const { name } of readTables()) {
    const key = `${name.charAt(0).toLowerCase()}${name.slice(1)}` as 'user'
    const texts = (await db[key].findMany()).map((row) =>
      JSON.stringify(row, (_, value: unknown) => {
        if (typeof value === 'bigint') return `${value}n`
        return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value
      }),
    )
    lines.push(...texts.sort().map((text) => `${name} ${text}`))
  }
  await db.$disconnect()
  return lines
}

const moveTo = (from: string, to: string) => transfer(from, to, { isLive: false, nowMs: NOW_MS })

test('SQLite to PostgreSQL to MySQL to SQLite: the same rows', async () => {
  const path = [
    source,
    postgresql.createDatabase('moved'),
    mariadb.createDatabase('moved'),
    `file:${join(folder, 'back.db')}`,
  ]
  const before = await contentOf(source)
  expect(before.length).toBeGreaterThan(3_000)
  for (const [index, to] of path.slice(1).entries()) {
    await moveTo(path[index] ?? '', to)
    expect(await contentOf(to), to).toEqual(before)
  }
})

test('a target that holds anything is refused and stays as it was', async () => {
  const target = postgresql.createDatabase('filled')
  await migrateDatabase(target)
  const db = await openClient(target)
  await db.setting.create({ data: { key: 'mine', value: '1' } })
  await db.$disconnect()
  await expect(moveTo(source, target)).rejects.toThrow(/not empty: Setting has 1 rows/)
  expect(await contentOf(target)).toHaveLength(1)
})

test('a source that is being written is refused', async () => {
  const target = `file:${join(folder, 'never.db')}`
  const options = { isLive: false, nowMs: NOW_MS - 590_000 }
  await expect(transfer(source, target, options)).rejects.toThrow(/stop Eyrie first/)
})

const command = (...args: string[]) =>
  promisify(execFile)(process.execPath, ['scripts/database.mjs', ...args], {
    env: { ...process.env, EYRIE_NO_SETUP: '1' },
  })

test.each(['sqlite', 'postgresql', 'mysql'])(
  'a backup of %s taken while it is written, restored elsewhere',
  async (dialect) => {
    const servers = { postgresql, mysql: mariadb }
    let live = source
    if (dialect === 'postgresql' || dialect === 'mysql') {
      live = servers[dialect].createDatabase('live')
      await moveTo(source, live)
    }
    const db = await openClient(live)
    let isDone = false
    const writing = (async () => {
      for (let i = 0; !isDone && i < 2_000; i++) {
        const data = { clusterId: dialect, tMs: BigInt(i), data: Buffer.alloc(10) }
        await db.journal.create({ data })
      }
    })()
    const file = join(folder, `${dialect}.backup`)
    try {
      await command('backup', file, '--url', live)
    } finally {
      isDone = true
      await writing
    }
    await db.journal.deleteMany({ where: { clusterId: dialect } })
    await db.$disconnect()
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    await expect(command('backup', file, '--url', live)).rejects.toThrow(/there already/)
    const restored = mariadb.createDatabase(`restored_${dialect}`)
    const { stdout } = await command('restore', file, '--url', restored)
    expect(stdout).toContain('rows are in mysql://eyrie:***@')
    const rows = (await contentOf(restored)).filter((line) => !line.includes(`"${dialect}"`))
    expect(rows).toEqual(await contentOf(live))
  },
)
