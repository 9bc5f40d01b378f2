import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { contains, sql } from './dialect.ts'
import { readTables } from './transfer.ts'

test('the other databases’ schemas are derived from the model file as it is', () => {
  const { status, stderr } = spawnSync(
    process.execPath,
    ['scripts/derive-databases.mjs', '--check'],
    { encoding: 'utf8' },
  )
  expect(stderr).toBe('')
  expect(status).toBe(0)
})

describe.each(['.', 'postgresql', 'mysql'])('migrations of prisma/%s', (folder) => {
  const directory = `prisma/${folder}/migrations`
  const text = readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => readFileSync(`${directory}/${name}/migration.sql`, 'utf8'))
    .join('\n')
    .replaceAll('`', '"')
  const source = readFileSync(`prisma/${folder}/schema.prisma`, 'utf8')

  test.each(readTables())('make every column of $name', ({ name }) => {
    const body = new RegExp(`^model ${name} \\{\\n([\\s\\S]*?)^\\}`, 'm').exec(source)?.[1] ?? ''
    const columns = [
      ...body.matchAll(/^ {2}(\w+)\s+(String|Int|BigInt|Float|Boolean|DateTime|Bytes)/gm),
    ]
    expect(columns.length).toBeGreaterThan(0)
    expect(text).toContain(`CREATE TABLE "${name}"`)
    for (const [, column] of columns) expect(text).toContain(`"${column}" `)
  })
})

test('keys of tables are those of the model file', () => {
  const keys = new Map(readTables().map(({ name, key }) => [name, key]))
  expect(keys.get('User')).toEqual(['id'])
  expect(keys.get('Journal')).toEqual(['clusterId', 'tMs'])
  const chunk = ['clusterId', 'entity', 'family', 'resolutionMs', 'startMs']
  expect(keys.get('Chunk')).toEqual(chunk)
})

test('SQL by hand is put into the words of each database', () => {
  const text = `SELECT "a" FROM "T" WHERE "b" = ? AND ${contains('sqlite', '"c"')}`
  expect(sql('sqlite', text)).toBe(text)
  expect(sql('mysql', text)).toBe('SELECT `a` FROM `T` WHERE `b` = ? AND instr(`c`, ?) > 0')
  expect(sql('postgresql', `"b" = ? AND ${contains('postgresql', '"c"')}`)).toBe(
    '"b" = $1 AND strpos("c", $2) > 0',
  )
})
