// The console's database. `dialect.ts` has the rules for SQL written by hand; a new table is a model
// in prisma/schema.prisma, a migration for SQLite, and `npm run derive-databases` for the others.
import { mkdirSync } from 'node:fs'
import { environment } from '../settings/environment.ts'
import { migrateDatabase, openClient } from './connect.ts'
import type { PrismaClient } from './generated/client.ts'

export type Database = PrismaClient

// Next gives instrumentation and each route their own instance of a module: the process has
// one client because globalThis has one place for it.
const holder = globalThis as { eyrieDatabase?: Promise<Database> }

async function openDatabase(): Promise<Database> {
  const { databaseUrl: url, dataDir } = environment()
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  await migrateDatabase(url)
  return openClient(url)
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
