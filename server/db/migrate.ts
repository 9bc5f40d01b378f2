import { existsSync } from 'node:fs'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import { type Migration, pendingOf, readMigrations, rowIdOf } from './migrations.ts'

type Connection = Awaited<ReturnType<PrismaLibSql['connect']>>

// Prisma's own table, so that its CLI agrees on what was applied.
const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "checksum" TEXT NOT NULL,
  "finished_at" DATETIME,
  "migration_name" TEXT NOT NULL,
  "logs" TEXT,
  "rolled_back_at" DATETIME,
  "started_at" DATETIME NOT NULL DEFAULT current_timestamp,
  "applied_steps_count" INTEGER UNSIGNED NOT NULL DEFAULT 0
)`

async function readApplied(connection: Connection): Promise<Map<string, string>> {
  const result = await connection.queryRaw({
    sql: `SELECT "migration_name", "checksum" FROM "_prisma_migrations"
      WHERE "finished_at" IS NOT NULL AND "rolled_back_at" IS NULL`,
    args: [],
    argTypes: [],
  })
  return new Map(result.rows.map(([name, checksum]) => [String(name), String(checksum)]))
}

function scriptOf(migration: Migration): string {
  const name = migration.name.replaceAll("'", "''")
  const now = Date.now()
  return `BEGIN IMMEDIATE;
INSERT INTO "_prisma_migrations"
  ("id", "checksum", "finished_at", "migration_name", "started_at", "applied_steps_count")
  VALUES ('${rowIdOf(migration)}', '${migration.checksum}', ${now}, '${name}', ${now}, 1);
${migration.sql}
;COMMIT;`
}

async function apply(connection: Connection, migration: Migration): Promise<boolean> {
  try {
    await connection.executeScript(scriptOf(migration))
    return true
  } catch (cause) {
    // Another process of this start may have been first: then its row is there now.
    const applied = await readApplied(connection)
    if (applied.get(migration.name) === migration.checksum) return false
    throw new Error(`migration ${migration.name} failed: ${String(cause)}`, { cause })
  }
}

export interface MigrateResult {
  applied: string[]
  /** Path of the copy made before an older database was changed. */
  backup: string | null
}

interface MigrateOptions {
  /** `file:` URL. */
  url: string
  directory: string
}

async function backUp(connection: Connection, url: string, before: string): Promise<string | null> {
  const path = `${url.replace(/^file:(\/\/)?/, '')}.before-${before}`
  if (existsSync(path)) return path
  await connection.executeScript(`VACUUM INTO '${path.replaceAll("'", "''")}'`)
  return path
}

const PAGE_BYTES = 16_384

/**
 * Brings the database up to the migrations in `directory`, each in one transaction with its
 * record. Safe to run in several processes at once; an edited or unknown migration is an error.
 */
export async function migrate({ url, directory }: MigrateOptions): Promise<MigrateResult> {
  const connection = await new PrismaLibSql({ url, timeout: 10_000 }).connect()
  try {
    // Of a new file only: packed samples are rows of some kilobytes, of which many small pages stay half empty.
    await connection.executeScript(`PRAGMA page_size = ${PAGE_BYTES}`)
    await connection.executeScript('PRAGMA journal_mode = WAL')
    await connection.executeScript(CREATE_TABLE)
    const migrations = await readMigrations(directory)
    const done = await readApplied(connection)
    const pending = pendingOf(migrations, done)
    const first = pending[0]
    const backup =
      first !== undefined && done.size > 0 ? await backUp(connection, url, first.name) : null
    const applied: string[] = []
    for (const migration of pending)
      if (await apply(connection, migration)) applied.push(migration.name)
    return { applied, backup }
  } finally {
    await connection.dispose()
  }
}
