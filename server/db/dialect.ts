import type { Database } from './client.ts'

/**
 * How the three databases differ where Prisma's query API does not hide it. The rules for SQL
 * written by hand, anywhere in server/:
 * - it goes through `sql(db, text)`: names in double quotes, `?` for each parameter, no `?` or `"`
 *   in a string; `false` and `true` for booleans;
 * - many rows at once are written by `upsertRows` (rows.ts), deleted by `deleteSome`;
 * - a column of JSON is read and changed here, in JavaScript, never by the database;
 * - text compares and sorts by its bytes on all three. A string in a key has at most 249
 *   characters unless scripts/lib/derived-schema.mjs says otherwise.
 */
export type Dialect = 'sqlite' | 'postgresql' | 'mysql'

// A module may have several instances in Next, a client has one dialect.
const holder = globalThis as { eyrieDialects?: WeakMap<object, Dialect> }

export function setDialect(db: Database, dialect: Dialect): void {
  holder.eyrieDialects ??= new WeakMap()
  holder.eyrieDialects.set(db, dialect)
}

/** Of a client that `openClient` made; SQLite otherwise. */
export function dialectOf(db: Database): Dialect {
  return holder.eyrieDialects?.get(db) ?? 'sqlite'
}

/** Standard SQL in the words of the database; the parameters keep their order. */
export function sql(dialect: Dialect, text: string): string {
  if (dialect === 'sqlite') return text
  if (dialect === 'mysql') return text.replaceAll('"', '`')
  let count = 0
  return text.replaceAll('?', () => `$${++count}`)
}

/** True where the column's text holds the parameter; `column` in double quotes, or an expression. */
export function contains(dialect: Dialect, column: string): string {
  return `${dialect === 'postgresql' ? 'strpos' : 'instr'}(${column}, ?) > 0`
}

/** Deletes at most `limit` rows; returns how many. `where` in the words of `sql`. */
export async function deleteSome(
  db: Database,
  from: { table: string; where: string; limit: number },
  ...parameters: (string | number)[]
): Promise<number> {
  const dialect = dialectOf(db)
  const { table, where, limit } = from
  const row = dialect === 'sqlite' ? 'rowid' : 'ctid'
  const text =
    dialect === 'mysql'
      ? `DELETE FROM "${table}" WHERE ${where} LIMIT ${limit}`
      : `DELETE FROM "${table}" WHERE ${row} IN
         (SELECT ${row} FROM "${table}" WHERE ${where} LIMIT ${limit})`
  return db.$executeRawUnsafe(sql(dialect, text), ...parameters)
}
