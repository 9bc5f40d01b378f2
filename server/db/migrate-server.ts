import type { Dialect } from './dialect.ts'
import { sql } from './dialect.ts'
import { type Migration, pendingOf, readMigrations, rowIdOf } from './migrations.ts'

/** What of Prisma's driver adapters is used here. */
interface Query {
  sql: string
  args: unknown[]
  argTypes: { scalarType: 'string' | 'int'; arity: 'scalar' }[]
}
interface Connection {
  queryRaw(query: Query): Promise<{ rows: unknown[][] }>
  executeRaw(query: Query): Promise<number>
}
interface Transaction extends Connection {
  /** False: COMMIT and ROLLBACK are for the caller to say, and the methods give the connection back. */
  readonly options: { readonly usePhantomQuery: boolean }
  commit(): Promise<void>
  rollback(): Promise<void>
}
export interface ServerAdapter {
  startTransaction(): Promise<Transaction>
}

type ServerDialect = Exclude<Dialect, 'sqlite'>

/** Names the lock that keeps two processes from migrating at once. */
const LOCK = 4_793_221
const LOCK_WAIT_S = 60
/** MySQL: a table, column, key or constraint that is there already. */
const IS_THERE = /already exists|Duplicate (column|key|foreign key)|errno: 121/i

// Prisma's own table, so that its CLI agrees on what was applied.
const CREATE_TABLE: Readonly<Record<ServerDialect, string>> = {
  postgresql: `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id" VARCHAR(36) PRIMARY KEY NOT NULL, "checksum" VARCHAR(64) NOT NULL,
    "finished_at" TIMESTAMPTZ, "migration_name" VARCHAR(255) NOT NULL, "logs" TEXT,
    "rolled_back_at" TIMESTAMPTZ, "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
    "applied_steps_count" INTEGER NOT NULL DEFAULT 0)`,
  mysql: `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id" VARCHAR(36) PRIMARY KEY NOT NULL, "checksum" VARCHAR(64) NOT NULL,
    "finished_at" DATETIME(3), "migration_name" VARCHAR(255) NOT NULL, "logs" TEXT,
    "rolled_back_at" DATETIME(3), "started_at" DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    "applied_steps_count" INTEGER UNSIGNED NOT NULL DEFAULT 0)
    DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
}

/**
 * Brings a PostgreSQL or MySQL database up to the migrations in `directory`; returns the names of those applied. Safe
 * to run in several processes at once: one waits for the other. On PostgreSQL all of it is one transaction. MySQL has
 * none for tables: what was done is recorded statement by statement, and goes on there after a kill.
 */
export async function migrateServer(
  adapter: ServerAdapter,
  to: { dialect: ServerDialect; directory: string },
): Promise<string[]> {
  const connection = await adapter.startTransaction()
  const run = runner(connection, to.dialect)
  try {
    const isMine = await lock(run, to.dialect)
    if (!isMine) throw new Error('another process is migrating the database for over a minute')
    await run.execute(CREATE_TABLE[to.dialect])
    const rows = await run.query(`SELECT "migration_name", "checksum" FROM "_prisma_migrations"
      WHERE "finished_at" IS NOT NULL AND "rolled_back_at" IS NULL`)
    const done = new Map(rows.map(([name, checksum]) => [String(name), String(checksum)]))
    const pending = pendingOf(await readMigrations(to.directory), done)
    for (const migration of pending) await apply(run, to.dialect, migration)
    if (to.dialect === 'mysql') {
      await tellSpacesApart(run)
      await run.query('SELECT RELEASE_LOCK(?)', [String(LOCK)])
    }
    if (!connection.options.usePhantomQuery) await run.execute('COMMIT')
    await connection.commit()
    return pending.map(({ name }) => name)
  } catch (cause) {
    if (!connection.options.usePhantomQuery) await run.execute('ROLLBACK')
    await connection.rollback()
    throw cause
  }
}

interface Runner {
  execute(text: string, args?: (string | number)[]): Promise<number>
  query(text: string, args?: (string | number)[]): Promise<unknown[][]>
}

function runner(connection: Connection, dialect: Dialect): Runner {
  const asQuery = (text: string, args: (string | number)[]): Query => ({
    sql: args.length > 0 || dialect === 'mysql' ? sql(dialect, text) : text,
    args,
    argTypes: args.map((value) => ({
      scalarType: typeof value === 'number' ? 'int' : 'string',
      arity: 'scalar',
    })),
  })
  return {
    execute: (text, args = []) => connection.executeRaw(asQuery(text, args)),
    query: async (text, args = []) => (await connection.queryRaw(asQuery(text, args))).rows,
  }
}

/** By bytes, and without padding: MariaDB's name of it, and MySQL's. */
const NO_PAD = ['utf8mb4_nopad_bin', 'utf8mb4_0900_bin']

/**
 * To `utf8mb4_bin`, which both servers have, names that differ in trailing spaces are one; the collation to which they
 * are not has another name on each. Tables that do not have it yet are given it, which writes each of them anew once;
 * but those of users, whose keys are made here: both ends of a foreign key could not change at once.
 */
async function tellSpacesApart(run: Runner): Promise<void> {
  const [known] = await run.query(
    `SELECT COLLATION_NAME FROM information_schema.COLLATIONS
     WHERE COLLATION_NAME IN (?, ?) AND CHARACTER_SET_NAME = 'utf8mb4' ORDER BY 1 DESC`,
    NO_PAD,
  )
  const tables = await run.query(
    `SELECT TABLE_NAME FROM information_schema.TABLES
     WHERE TABLE_SCHEMA = database() AND TABLE_COLLATION = 'utf8mb4_bin'
     AND TABLE_NAME NOT LIKE '\\_%' AND TABLE_NAME NOT IN
     (SELECT TABLE_NAME FROM information_schema.REFERENTIAL_CONSTRAINTS
      WHERE CONSTRAINT_SCHEMA = database()
      UNION SELECT REFERENCED_TABLE_NAME FROM information_schema.REFERENTIAL_CONSTRAINTS
      WHERE CONSTRAINT_SCHEMA = database())`,
  )
  if (known === undefined || tables.length === 0) return
  for (const [table] of tables) {
    const to = `CONVERT TO CHARACTER SET utf8mb4 COLLATE ${String(known[0])}`
    await run.execute(`ALTER TABLE "${String(table)}" ${to}`)
  }
}

async function lock(run: Runner, dialect: ServerDialect): Promise<boolean> {
  if (dialect === 'postgresql') {
    await run.execute(`SET LOCAL lock_timeout = '${LOCK_WAIT_S}s'`)
    await run.query(`SELECT pg_advisory_xact_lock(${LOCK})::text`)
    return true
  }
  const rows = await run.query('SELECT GET_LOCK(?, ?)', [String(LOCK), LOCK_WAIT_S])
  return Number(rows[0]?.[0]) === 1
}

/** Our migrations have no `;` at a line's end but after a statement. */
function statementsOf({ sql: text }: Migration): string[] {
  return text
    .replace(/^--.*\n/gm, '')
    .split(/;[ \t]*(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')
}

async function apply(run: Runner, dialect: ServerDialect, migration: Migration): Promise<void> {
  const id = rowIdOf(migration)
  const begun = await run.query(
    'SELECT "applied_steps_count" FROM "_prisma_migrations" WHERE "id" = ?',
    [id],
  )
  if (begun.length === 0)
    await run.execute(
      'INSERT INTO "_prisma_migrations" ("id", "checksum", "migration_name") VALUES (?, ?, ?)',
      [id, migration.checksum, migration.name],
    )
  const from = Number(begun[0]?.[0] ?? 0)
  for (const [index, statement] of statementsOf(migration).entries()) {
    if (index < from) continue
    try {
      await run.execute(statement)
    } catch (cause) {
      // Killed between the statement and its record.
      const isDone = begun.length > 0 && index === from && IS_THERE.test(String(cause))
      if (!isDone)
        throw new Error(`migration ${migration.name} failed: ${String(cause)}`, { cause })
    }
    if (dialect === 'mysql')
      await run.execute(
        'UPDATE "_prisma_migrations" SET "applied_steps_count" = ? WHERE "id" = ?',
        [index + 1, id],
      )
  }
  await run.execute(
    `UPDATE "_prisma_migrations" SET "applied_steps_count" = 1, "finished_at" = CURRENT_TIMESTAMP
     WHERE "id" = ?`,
    [id],
  )
}
