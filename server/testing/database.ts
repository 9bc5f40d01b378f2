import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import type { Database } from '../db/client.ts'
import { PrismaClient } from '../db/generated/client.ts'
import { migrate } from '../db/migrate.ts'

/** A migrated database of its own in a temporary directory; `close` removes it. */
export async function openTestDatabase(): Promise<{ db: Database; close: () => Promise<void> }> {
  const directory = mkdtempSync(join(tmpdir(), 'eyrie-test-'))
  const url = `file:${join(directory, 'eyrie.db')}`
  await migrate({ url, directory: resolve('prisma/migrations') })
  const db = new PrismaClient({ adapter: new PrismaLibSql({ url, timeout: 10_000 }) })
  return {
    db,
    close: async () => {
      await db.$disconnect()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
