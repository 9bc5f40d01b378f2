import { resolve } from 'node:path'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import type { Database } from './client.ts'
import { type Dialect, setDialect } from './dialect.ts'
import { PrismaClient } from './generated/client.ts'
import { migrate } from './migrate.ts'
import { migrateServer } from './migrate-server.ts'

const CONNECTIONS = 5

const DIALECTS: Readonly<Record<string, Dialect>> = {
  'file:': 'sqlite',
  'postgresql:': 'postgresql',
  'postgres:': 'postgresql',
  'mysql:': 'mysql',
  'mariadb:': 'mysql',
}

/** Throws for a scheme that is none of the three databases'. */
export function dialectOfUrl(url: string): Dialect {
  const dialect = DIALECTS[/^[a-z]+:/.exec(url)?.[0] ?? '']
  if (dialect !== undefined) return dialect
  throw new Error('DATABASE_URL: begins with file:, postgresql: or mysql:')
}

/** For messages: without the password. */
export function shownUrl(url: string): string {
  return url.replace(/^([a-z]+:\/\/[^/@]*?):[^/@]*@/, '$1:***@')
}

/** A connection that is not yet migrated; the caller disconnects it. */
export async function openClient(url: string): Promise<Database> {
  const dialect = dialectOfUrl(url)
  const db = await createClient(dialect, url)
  setDialect(db, dialect)
  return db
}

async function createClient(dialect: Dialect, url: string): Promise<Database> {
  if (dialect === 'sqlite') {
    const client = new PrismaClient({ adapter: new PrismaLibSql({ url, timeout: 10_000 }) })
    await client.$executeRawUnsafe('PRAGMA synchronous = NORMAL')
    return client
  }
  const adapter = await serverAdapter(dialect, url)
  if (dialect === 'postgresql') {
    const generated = await import('./postgresql/generated/client.ts')
    // Safe because both clients are generated from the same models.
    return new generated.PrismaClient({ adapter }) as unknown as Database
  }
  const generated = await import('./mysql/generated/client.ts')
  // Safe because both clients are generated from the same models.
  return new generated.PrismaClient({ adapter }) as unknown as Database
}

async function serverAdapter(dialect: 'postgresql' | 'mysql', url: string) {
  if (dialect === 'mysql') {
    const { PrismaMariaDb } = await import('@prisma/adapter-mariadb')
    return new PrismaMariaDb(mariadbUrl(url), { database: new URL(url).pathname.slice(1) })
  }
  const { PrismaPg } = await import('@prisma/adapter-pg')
  const parsed = new URL(url)
  const schema = parsed.searchParams.get('schema')
  parsed.searchParams.delete('schema')
  return new PrismaPg(
    {
      connectionString: parsed.href,
      max: CONNECTIONS,
      connectionTimeoutMillis: 10_000,
      ...(schema === null ? {} : { options: `-c search_path=${schema}` }),
    },
    schema === null ? {} : { schema },
  )
}

function mariadbUrl(url: string): string {
  const parsed = new URL(url.replace(/^mysql:/, 'mariadb:'))
  for (const [name, value] of [
    ['connectionLimit', String(CONNECTIONS)],
    ['connectTimeout', '10000'],
  ] as const)
    if (!parsed.searchParams.has(name)) parsed.searchParams.set(name, value)
  return parsed.href
}

/** Brings the database up to this version's tables; returns what was applied. */
export async function migrateDatabase(url: string): Promise<readonly string[]> {
  const dialect = dialectOfUrl(url)
  if (dialect === 'sqlite')
    return (await migrate({ url, directory: resolve('prisma/migrations') })).applied
  const adapter = await (await serverAdapter(dialect, url)).connect()
  try {
    return await migrateServer(adapter, {
      dialect,
      directory: resolve('prisma', dialect, 'migrations'),
    })
  } finally {
    await adapter.dispose()
  }
}
