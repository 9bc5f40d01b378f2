// Prisma's engine comes as WebAssembly without MySQL's dialect. What it writes for PostgreSQL says
// the same in a narrow language, which is put into MySQL's here; a statement outside it is an error.
import { mysqlTypesOf } from './derived-schema.mjs'

const TYPES = [
  [/^TIMESTAMP\(3\)/, 'DATETIME(3)'],
  [/^DOUBLE PRECISION/, 'DOUBLE'],
  [/^BYTEA/, 'LONGBLOB'],
  [/^INTEGER/, 'INTEGER'],
  [/^BIGINT/, 'BIGINT'],
  [/^BOOLEAN/, 'BOOLEAN'],
]
const NATIVE = { VarChar: 'VARCHAR', LongText: 'LONGTEXT' }

/** `"name" TEXT NOT NULL DEFAULT 'x'` of PostgreSQL. */
function columnOf(text, types) {
  const [, name, definition] = /^"(\w+)" (.*)$/.exec(text) ?? []
  if (name === undefined) throw new Error(`not a column: ${text}`)
  const rest = definition.replace('CURRENT_TIMESTAMP', 'CURRENT_TIMESTAMP(3)')
  // Nothing in between: a column is NULL unless it says otherwise.
  const isNull = rest.includes('NOT NULL') ? '' : ' NULL'
  if (rest.startsWith('TEXT')) {
    const [, kind, size = ''] = /@db\.(\w+)(\(\d+\))?/.exec(types.get(name) ?? '') ?? []
    if (NATIVE[kind] === undefined) throw new Error(`no type of MySQL for ${name}`)
    return `"${name}" ${NATIVE[kind]}${size}${rest.slice(4)}${isNull}`
  }
  const known = TYPES.find(([pattern]) => pattern.test(rest))
  if (known === undefined) throw new Error(`no type of MySQL for ${text}`)
  return `"${name}" ${rest.replace(known[0], known[1])}${isNull}`
}

function createTable(table, body, types) {
  const lines = body
    .split('\n')
    .map((line) => line.trim().replace(/,$/, ''))
    .filter((line) => line !== '')
    .map((line) => {
      const key = /^CONSTRAINT "\w+" PRIMARY KEY (\(.*\))$/.exec(line)
      return key === null ? columnOf(line, types) : `PRIMARY KEY ${key[1].replaceAll(',', ', ')}`
    })
  return `CREATE TABLE "${table}" (
${lines.map((line) => `    ${line}`).join(',\n')}
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`
}

function alterTable(table, body, types, full) {
  const parts = body.split(/,\n/).map((part) => {
    const add = /^ADD COLUMN +(".*)$/.exec(part)
    if (add !== null) return `ADD COLUMN ${columnOf(add[1], types)}`
    if (/^DROP COLUMN "\w+"$/.test(part)) return part
    if (/^ADD CONSTRAINT "\w+" FOREIGN KEY /.test(part)) return part
    const changed = /^ALTER COLUMN "(\w+)" /.exec(part)
    const column = changed === null ? undefined : full.get(`${table}.${changed[1]}`)
    if (column !== undefined) return `MODIFY COLUMN ${columnOf(column, types)}`
    throw new Error(`not known how to say for MySQL: ${part}`)
  })
  return `ALTER TABLE "${table}" ${[...new Set(parts)].join(',\n')}`
}

/** Each column's definition, by `Table.column`. */
function columnsOf(sql) {
  const columns = new Map()
  for (const [, table, body] of sql.matchAll(/CREATE TABLE "(\w+)" \(\n([\s\S]*?)\n\);/g)) {
    for (const line of body.split('\n')) {
      const column = /^ +("(\w+)" .*?),?$/.exec(line)
      if (column !== null) columns.set(`${table}.${column[2]}`, column[1])
    }
  }
  return columns
}

function statement(text, schema, full) {
  const create = /^CREATE TABLE "(\w+)" \(\n([\s\S]*)\n\)$/.exec(text)
  if (create !== null) return createTable(create[1], create[2], mysqlTypesOf(schema, create[1]))
  const alter = /^ALTER TABLE "(\w+)" ([\s\S]*)$/.exec(text)
  if (alter !== null) return alterTable(alter[1], alter[2], mysqlTypesOf(schema, alter[1]), full)
  if (/^CREATE (UNIQUE )?INDEX "\w+" ON "\w+"\([^()]*\)$/.test(text)) return text
  if (/^DROP TABLE "\w+"$/.test(text)) return text
  const drop = /^DROP INDEX "((\w+?)_\w+)"$/.exec(text)
  if (drop !== null) return `DROP INDEX "${drop[1]}" ON "${drop[2]}"`
  throw new Error(`not known how to say for MySQL: ${text}`)
}

/**
 * `sql`: what leads to `schema` (prisma/schema.prisma's text) in PostgreSQL; `whole`: what leads there from an empty
 * database.
 */
export function toMysql(sql, { schema, whole }) {
  const full = columnsOf(whole)
  const statements = sql
    .replace(/^--.*\n/gm, '')
    .split(/;\s*(?:\n|$)/)
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map((text) => statement(text, schema, full).replaceAll('"', '`'))
  return `${statements.join(';\n\n')};\n`
}
