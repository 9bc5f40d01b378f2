import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface Migration {
  name: string
  sql: string
  checksum: string
}

/** One folder each, in order of their names. */
export async function readMigrations(directory: string): Promise<Migration[]> {
  const entries = await readdir(directory, { withFileTypes: true })
  const names = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(join(directory, name, 'migration.sql'), 'utf8')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

/** Same for everyone who applies the migration, so that of two at once only one succeeds. */
export function rowIdOf(migration: Migration): string {
  const hex = createHash('sha256').update(`${migration.name}\0${migration.checksum}`).digest('hex')
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)]
  return [...parts, hex.slice(20, 32)].join('-')
}

/**
 * Those still to be applied. `done`: name → checksum. A migration of a newer version, or one that was edited, is an
 * error.
 */
export function pendingOf(
  migrations: readonly Migration[],
  done: ReadonlyMap<string, string>,
): Migration[] {
  for (const name of done.keys())
    if (!migrations.some((migration) => migration.name === name))
      throw new Error(`the database was written by a newer Eyrie: it has the migration ${name}`)
  return migrations.filter((migration) => {
    const checksum = done.get(migration.name)
    if (checksum !== undefined && checksum !== migration.checksum)
      throw new Error(`migration ${migration.name} was changed after it was applied`)
    return checksum === undefined
  })
}
