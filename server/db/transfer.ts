import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Database } from './client.ts'
import { migrateDatabase, openClient, shownUrl } from './connect.ts'
import { dialectOf } from './dialect.ts'

const ROWS_PER_BATCH = 500
/** Of texts and bytes together. */
const BATCH_CHARS = 4_000_000
const TRANSFER_MS_MAX = 24 * 3_600_000

type Row = Record<string, unknown>
type Condition = Record<string, unknown>

/** What is used of a model of Prisma's client, whichever it is. */
interface Delegate {
  findMany(query: {
    where: Condition
    orderBy: Record<string, 'asc'>
    take: number
  }): Promise<Row[]>
  groupBy(query: {
    by: string[]
    orderBy: Record<string, 'asc'>[]
  }): Promise<Record<string, unknown>[]>
  createMany(query: { data: Row[] }): Promise<{ count: number }>
  count(): Promise<number>
}

export interface Table {
  /** The model's name. */
  readonly name: string
  /** Columns of the primary key. */
  readonly key: readonly string[]
}

/** All tables in the order of the model file: users stand before what refers to them. */
export function readTables(): Table[] {
  const source = readFileSync(resolve('prisma/schema.prisma'), 'utf8')
  return [...source.matchAll(/^model (\w+) \{\n([\s\S]*?)^\}/gm)].map(
    ([, name = '', body = '']) => {
      const single = /^ {2}(\w+)[ \t]+\w+[ \t].*(?<!@)@id\b/m.exec(body)?.[1]
      const several = /^ {2}@@id\(\[([^\]]*)\]/m.exec(body)?.[1]
      const key = single === undefined ? (several ?? '').split(',').map((s) => s.trim()) : [single]
      if (key[0] === undefined || key[0] === '') throw new Error(`${name} has no key`)
      return { name, key }
    },
  )
}

function delegateOf(db: Pick<Database, 'user'>, { name }: Table): Delegate {
  const key = `${name.charAt(0).toLowerCase()}${name.slice(1)}`
  // Safe because the client is generated from the file that the table was read from.
  return (db as unknown as Record<string, Delegate>)[key] as Delegate
}

/** Page by page over the key: rows of one beginning of the key at a time, so that each page is a range of its index. */
async function* pagesOf(from: Delegate, { key }: Table): AsyncGenerator<Row[]> {
  const last = key.at(-1) ?? ''
  const beginning = key.slice(0, -1)
  const groups: Condition[] =
    beginning.length === 0
      ? [{}]
      : await from.groupBy({ by: beginning, orderBy: beginning.map((name) => ({ [name]: 'asc' })) })
  for (const group of groups) {
    let after: Condition = {}
    for (;;) {
      const page = await from.findMany({
        where: { ...group, ...after },
        orderBy: { [last]: 'asc' },
        take: ROWS_PER_BATCH,
      })
      yield page
      if (page.length < ROWS_PER_BATCH) break
      after = { [last]: { gt: page.at(-1)?.[last] } }
    }
  }
}

function charsOf(row: Row): number {
  let chars = 0
  for (const value of Object.values(row)) {
    if (typeof value === 'string' || value instanceof Uint8Array) chars += value.length
  }
  return chars
}

async function copyTable(from: Delegate, to: Delegate, table: Table): Promise<number> {
  let copied = 0
  let batch: Row[] = []
  let chars = 0
  const flush = async (): Promise<void> => {
    if (batch.length > 0) copied += (await to.createMany({ data: batch })).count
    batch = []
    chars = 0
  }
  for await (const page of pagesOf(from, table)) {
    for (const row of page) {
      batch.push(row)
      chars += charsOf(row)
      if (batch.length >= ROWS_PER_BATCH || chars >= BATCH_CHARS) await flush()
    }
  }
  await flush()
  return copied
}

export interface Copied {
  readonly table: string
  readonly rows: number
}

/** Newest reading of any cluster; 0 when there is none. */
async function lastReadingMs(db: Database): Promise<number> {
  const { _max } = await db.clusterInventory.aggregate({ _max: { asOf: true } })
  return Number(_max.asOf ?? 0)
}

const STILL_WRITTEN_MS = 120_000

/**
 * Copies every row to an empty database, which is migrated first; on PostgreSQL and MySQL what is read is one
 * snapshot. `isLive`: the source may be written meanwhile. Throws when the target holds anything, when the source is
 * still being written and must not be, and when the rows do not add up.
 */
export async function transfer(
  fromUrl: string,
  toUrl: string,
  options: { isLive: boolean; nowMs: number; onTable?: (copied: Copied) => void },
): Promise<Copied[]> {
  if (fromUrl === toUrl) throw new Error('source and target are the same database')
  await migrateDatabase(fromUrl)
  const from = await openClient(fromUrl)
  await migrateDatabase(toUrl)
  const to = await openClient(toUrl)
  try {
    if (!options.isLive && (await lastReadingMs(from)) > options.nowMs - STILL_WRITTEN_MS)
      throw new Error(
        `${shownUrl(fromUrl)} was written less than two minutes ago: stop Eyrie first, ` +
          'what it collects during the move would be lost',
      )
    const tables = readTables()
    await refuseFilled(to, tables, toUrl)
    const copyAll = async (source: Pick<Database, 'user'>): Promise<Copied[]> => {
      const copied: Copied[] = []
      for (const table of tables) {
        const rows = await copyTable(delegateOf(source, table), delegateOf(to, table), table)
        const kept = await delegateOf(to, table).count()
        const had = await delegateOf(source, table).count()
        if (rows !== kept || rows !== had)
          throw new Error(`${table.name}: ${had} rows there, ${rows} copied, ${kept} arrived`)
        copied.push({ table: table.name, rows })
        options.onTable?.({ table: table.name, rows })
      }
      return copied
    }
    if (dialectOf(from) === 'sqlite') return await copyAll(from)
    return await from.$transaction((snapshot) => copyAll(snapshot), {
      // One state of all tables, however long it takes. SQLite's client knows no such level.
      isolationLevel: 'RepeatableRead' as 'Serializable',
      timeout: TRANSFER_MS_MAX,
      maxWait: 10_000,
    })
  } finally {
    await from.$disconnect()
    await to.$disconnect()
  }
}

async function refuseFilled(to: Database, tables: readonly Table[], url: string): Promise<void> {
  for (const table of tables) {
    const rows = await delegateOf(to, table).count()
    if (rows > 0)
      throw new Error(
        `${shownUrl(url)} is not empty: ${table.name} has ${rows} rows. Nothing was copied`,
      )
  }
}
