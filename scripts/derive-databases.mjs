// Writes what PostgreSQL and MySQL need from the one model file: their schemas, and the migration
// from the schema they had. To run after every change of prisma/schema.prisma, once SQLite's own
// migration is written. Nothing is downloaded.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { deriveSchema, PROVIDERS } from './lib/derived-schema.mjs'
import { helpIfAsked } from './lib/help.mjs'

helpIfAsked(() =>
  [
    'npm run derive-databases [-- --check]: PostgreSQL and MySQL from prisma/schema.prisma',
    '',
    '  Writes prisma/<provider>/schema.prisma and, where tables change, a migration named as',
    '  the newest one of SQLite.',
    '  --check    writes nothing and fails where something would be written',
  ].join('\n'),
)

const root = fileURLToPath(new URL('..', import.meta.url))
const source = readFileSync(join(root, 'prisma/schema.prisma'), 'utf8')
const isCheck = process.argv.includes('--check')

function migrationNames(directory) {
  if (!existsSync(directory)) return []
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
}

/** As SQLite's newest; a later letter where that name is taken. */
function newName(directory) {
  const base = migrationNames(join(root, 'prisma/migrations')).at(-1)
  const taken = new Set(migrationNames(directory))
  if (!taken.has(base)) return base
  for (const letter of 'bcdefghijklmnopqrstuvwxyz') {
    if (!taken.has(`${base}_${letter}`)) return `${base}_${letter}`
  }
  throw new Error(`too many migrations of ${base}`)
}

/** SQL that leads from one derived schema to the model file's. Strings compare and sort by bytes. */
async function migrationOf(provider, before) {
  // Loaded only here, so that the check needs nothing but Node.
  const { diffPostgresql } = await import('./lib/schema-engine.mjs')
  const { toMysql } = await import('./lib/mysql-migration.mjs')
  const asPostgresql = (text) =>
    text
      ?.replace('provider = "mysql"', 'provider = "postgresql"')
      .replace(/ @db\.\w+(\(\d+\))?/g, '')
  const target = deriveSchema(source, 'postgresql')
  const sql = await diffPostgresql(asPostgresql(before ?? undefined) ?? null, target)
  if (/^-- This is an empty migration/.test(sql) || sql.trim() === '') return null
  if (provider === 'mysql')
    return toMysql(sql, { schema: source, whole: await diffPostgresql(null, target) })
  return sql.replace(/^( +"\w+"|.*ADD COLUMN +"\w+") TEXT/gm, '$1 TEXT COLLATE "C"')
}

async function derive(provider) {
  const folder = join(root, 'prisma', provider)
  const path = join(folder, 'schema.prisma')
  const before = existsSync(path) ? readFileSync(path, 'utf8') : null
  const after = deriveSchema(source, provider)
  if (before === after) return false
  if (isCheck) return true
  const sql = await migrationOf(provider, before)
  const migrations = join(folder, 'migrations')
  mkdirSync(migrations, { recursive: true })
  writeFileSync(
    join(migrations, 'migration_lock.toml'),
    `# Written by Prisma\nprovider = "${provider}"\n`,
  )
  if (sql !== null) {
    const name = newName(migrations)
    mkdirSync(join(migrations, name))
    writeFileSync(join(migrations, name, 'migration.sql'), sql)
    console.log(`prisma/${provider}/migrations/${name}`)
  }
  writeFileSync(path, after)
  console.log(`prisma/${provider}/schema.prisma`)
  return true
}

let isStale = false
for (const provider of PROVIDERS) isStale = (await derive(provider)) || isStale
if (isCheck && isStale) {
  console.error('prisma/schema.prisma was changed since: npm run derive-databases')
  process.exit(1)
}
