import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Database } from '../db/client.ts'
import { migrateDatabase, openClient } from '../db/connect.ts'

/**
 * A migrated database of its own; `close` removes it. SQLite in a temporary directory, or a database on the server of
 * EYRIE_TEST_SERVER, the URL of its administrator.
 */
export async function openTestDatabase(): Promise<{
  db: Database
  url: string
  close: () => Promise<void>
}> {
  const server = process.env.EYRIE_TEST_SERVER
  if (server !== undefined) return openOnServer(server)
  const directory = mkdtempSync(join(tmpdir(), 'eyrie-test-'))
  const url = `file:${join(directory, 'eyrie.db')}`
  await migrateDatabase(url)
  const db = await openClient(url)
  const close = async (): Promise<void> => {
    await db.$disconnect()
    rmSync(directory, { recursive: true, force: true })
  }
  return { db, url, close }
}

async function openOnServer(server: string) {
  const name = `eyrie_${randomBytes(6).toString('hex')}`
  const administrator = await openClient(server)
  await administrator.$executeRawUnsafe(`CREATE DATABASE ${name}`)
  const target = new URL(server)
  target.pathname = `/${name}`
  await migrateDatabase(target.href)
  const db = await openClient(target.href)
  const close = async (): Promise<void> => {
    await db.$disconnect()
    await administrator.$executeRawUnsafe(`DROP DATABASE ${name}`)
    await administrator.$disconnect()
  }
  return { db, url: target.href, close }
}
