import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import { environment } from '../settings/environment.ts'
import { PrismaClient } from './generated/client.ts'
import { migrate } from './migrate.ts'

export type Database = PrismaClient

// Next gives instrumentation and each route their own instance of a module: the process has
// one client because globalThis has one place for it.
const holder = globalThis as { eyrieDatabase?: Promise<Database> }

async function openDatabase(): Promise<Database> {
  const { databaseUrl: url, dataDir } = environment()
  if (!url.startsWith('file:'))
    throw new Error('DATABASE_URL: only a file: URL (SQLite) is served by this version')
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  await migrate({ url, directory: resolve('prisma/migrations') })
  const client = new PrismaClient({ adapter: new PrismaLibSql({ url, timeout: 10_000 }) })
  await client.$executeRawUnsafe('PRAGMA synchronous = NORMAL')
  return client
}

/** The one client of this process; the first call migrates. A failed opening is tried anew. */
export function database(): Promise<Database> {
  holder.eyrieDatabase ??= openDatabase().catch((cause: unknown) => {
    delete holder.eyrieDatabase
    throw cause
  })
  return holder.eyrieDatabase
}

export async function closeDatabase(): Promise<void> {
  const opened = holder.eyrieDatabase
  delete holder.eyrieDatabase
  await (await opened)?.$disconnect()
}
