import type { Database } from './client.ts'
import { type Dialect, dialectOf, sql } from './dialect.ts'

const ROWS_PER_STATEMENT = 2_000
const CHARS_PER_STATEMENT = 4_000_000
/** The longest text that a key takes on every database. */
const KEY_CHARS_MAX = 640

export type ColumnType = 'text' | 'integer' | 'bigint' | 'float' | 'boolean' | 'bytes'

export interface RowTarget {
  readonly table: string
  readonly key: readonly string[]
  /** Columns that are the same for all rows of the call. */
  readonly same: Readonly<Record<string, string | number>>
  /** In the order of a row's values. */
  readonly columns: Readonly<Record<string, ColumnType>>
  /** Columns that become null whenever a row is written. */
  readonly cleared?: readonly string[]
}

/**
 * Writes rows, each replacing the one of the same key: one statement for many, since libsql works on the event loop
 * and this costs 4 µs a row. `rows`: each a JSON array in the order of `columns`; bytes as hex, booleans as 0 or 1.
 */
export async function upsertRows(
  db: Database,
  target: RowTarget,
  rows: readonly string[],
): Promise<void> {
  const dialect = dialectOf(db)
  let slice: string[] = []
  let chars = 0
  const flush = async (): Promise<void> => {
    if (slice.length > 0) await write(db, dialect, target, slice)
    slice = []
    chars = 0
  }
  for (const row of rows) {
    if (slice.length === ROWS_PER_STATEMENT || chars + row.length > CHARS_PER_STATEMENT)
      await flush()
    slice.push(row)
    chars += row.length
  }
  await flush()
}

/** Whether a text can be a key: SQLite takes any. */
export function fitsKey(db: Database, text: string): boolean {
  return dialectOf(db) === 'sqlite' || (text.length <= KEY_CHARS_MAX && !text.includes('\0'))
}

async function write(
  db: Database,
  dialect: Dialect,
  target: RowTarget,
  rows: readonly string[],
): Promise<void> {
  const same = Object.values(target.same)
  if (dialect === 'mysql') {
    const types = Object.values(target.columns)
    const values = rows.flatMap((row) => {
      // Safe because the caller writes arrays of these.
      const cells = JSON.parse(row) as (string | number | null)[]
      return [...same, ...cells.map((cell, index) => parameterOf(cell, types[index]))]
    })
    await db.$executeRawUnsafe(sql(dialect, insertValues(target, rows.length)), ...values)
    return
  }
  const json = `[${rows.join(',')}]`
  const text = dialect === 'sqlite' ? insertFromJsonSqlite(target) : insertFromJson(target)
  // PostgreSQL's text cannot hold the character 0.
  const known = dialect === 'sqlite' ? json : json.replaceAll('\\u0000', '\\ufffd')
  await db.$executeRawUnsafe(sql(dialect, text), ...same, known)
}

function parameterOf(
  cell: string | number | null,
  type: ColumnType | undefined,
): string | number | Buffer | null {
  return type === 'bytes' && typeof cell === 'string' ? Buffer.from(cell, 'hex') : cell
}

function namesOf({ same, columns }: RowTarget): string[] {
  return [...Object.keys(same), ...Object.keys(columns)]
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ')
}

function onConflict(target: RowTarget): string {
  const changed = namesOf(target).filter((name) => !target.key.includes(name))
  const sets = changed.map((name) => `"${name}" = excluded."${name}"`)
  for (const name of target.cleared ?? []) sets.push(`"${name}" = NULL`)
  return `ON CONFLICT (${quoted(target.key)}) DO UPDATE SET ${sets.join(', ')}`
}

function insertFromJsonSqlite(target: RowTarget): string {
  const cells = Object.values(target.columns).map((type, index) =>
    type === 'bytes' ? `unhex(value->>${index})` : `value->>${index}`,
  )
  const same = Object.keys(target.same).map(() => '?')
  return `INSERT INTO "${target.table}" (${quoted(namesOf(target))})
    SELECT ${[...same, ...cells].join(', ')} FROM json_each(?) WHERE true ${onConflict(target)}`
}

const CASTS: Readonly<Record<ColumnType, (cell: string) => string>> = {
  text: (cell) => cell,
  integer: (cell) => `(${cell})::integer`,
  bigint: (cell) => `(${cell})::bigint`,
  float: (cell) => `(${cell})::double precision`,
  boolean: (cell) => `(${cell})::boolean`,
  bytes: (cell) => `decode(${cell}, 'hex')`,
}

function insertFromJson(target: RowTarget): string {
  const cells = Object.values(target.columns).map((type, index) => CASTS[type](`value->>${index}`))
  const same = Object.values(target.same).map((value) =>
    typeof value === 'number' ? '?::bigint' : '?::text',
  )
  return `INSERT INTO "${target.table}" (${quoted(namesOf(target))})
    SELECT ${[...same, ...cells].join(', ')} FROM json_array_elements(?::json) ${onConflict(target)}`
}

function insertValues(target: RowTarget, count: number): string {
  const names = namesOf(target)
  const row = `(${names.map(() => '?').join(', ')})`
  const changed = names.filter((name) => !target.key.includes(name))
  const sets = changed.map((name) => `"${name}" = VALUES("${name}")`)
  for (const name of target.cleared ?? []) sets.push(`"${name}" = NULL`)
  return `INSERT INTO "${target.table}" (${quoted(names)})
    VALUES ${Array.from({ length: count }, () => row).join(', ')}
    ON DUPLICATE KEY UPDATE ${sets.join(', ')}`
}
