import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Prisma, PrismaClient } from './generated/client.ts'
import { migrate } from './migrate.ts'

let folder = ''
let url = ''
const directory = 'prisma/migrations'

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'eyrie-migrate-'))
  url = `file:${join(folder, 'eyrie.db')}`
})
afterEach(() => rmSync(folder, { recursive: true }))

function writeMigration(name: string, sql: string): string {
  const path = join(folder, 'migrations', name)
  mkdirSync(path, { recursive: true })
  writeFileSync(join(path, 'migration.sql'), sql)
  return join(folder, 'migrations')
}

test('applied twice is a no-op, and every model of the schema has its table', async () => {
  const first = await migrate({ url, directory })
  expect(first.applied.length).toBeGreaterThan(0)
  expect(first.backup).toBeNull()
  expect(await migrate({ url, directory })).toEqual({ applied: [], backup: null })
  const client = new PrismaClient({ adapter: new PrismaLibSql({ url }) })
  for (const model of Object.values(Prisma.ModelName)) {
    const key = `${model.charAt(0).toLowerCase()}${model.slice(1)}` as 'user'
    expect(await client[key].findMany({ take: 1 }), model).toEqual([])
  }
  await client.$disconnect()
})

test('two processes at once apply each migration once', async () => {
  const both = await Promise.all([migrate({ url, directory }), migrate({ url, directory })])
  const applied = both.flatMap((result) => result.applied)
  expect(new Set(applied).size).toBe(applied.length)
  expect(applied.length).toBeGreaterThan(0)
})

test('a failing migration leaves nothing behind', async () => {
  const bad = writeMigration('1_bad', 'CREATE TABLE "a" ("x" INT); CREATE TABLE "a" ("x" INT);')
  await expect(migrate({ url, directory: bad })).rejects.toThrow(/1_bad failed/)
  writeMigration('1_bad', 'CREATE TABLE "a" ("x" INT);')
  expect((await migrate({ url, directory: bad })).applied).toEqual(['1_bad'])
})

test('an older database is copied before it is changed', async () => {
  const own = writeMigration('1_first', 'CREATE TABLE "a" ("x" INT);')
  await migrate({ url, directory: own })
  writeMigration('2_second', 'CREATE TABLE "b" ("x" INT);')
  const { applied, backup } = await migrate({ url, directory: own })
  expect(applied).toEqual(['2_second'])
  expect(backup !== null && existsSync(backup)).toBe(true)
})

test('an edited migration and a newer database are refused', async () => {
  const own = writeMigration('1_first', 'CREATE TABLE "a" ("x" INT);')
  await migrate({ url, directory: own })
  writeMigration('1_first', 'CREATE TABLE "a" ("y" INT);')
  await expect(migrate({ url, directory: own })).rejects.toThrow(/was changed after/)
  rmSync(join(own, '1_first'), { recursive: true })
  await expect(migrate({ url, directory: own })).rejects.toThrow(/newer Eyrie/)
})
