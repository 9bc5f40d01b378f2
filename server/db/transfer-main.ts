// `npm run backup`, `restore` and `move-database`: bundled with the processes, run by scripts/database.mjs.
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { dialectOfUrl, openClient, shownUrl } from './connect.ts'
import { transfer } from './transfer.ts'

const say = (text: string): void => console.log(text)

function pathOf(file: string): string {
  const path = resolve(file)
  if (existsSync(path)) throw new Error(`${path} is there already`)
  mkdirSync(dirname(path), { recursive: true })
  return path
}

/**
 * A copy of the database as one SQLite file, while Eyrie runs. It appears under its name once it is whole, readable by
 * its owner alone: it holds password hashes.
 */
export async function backup(url: string, file: string): Promise<void> {
  const path = pathOf(file)
  const partial = `${path}.partial`
  for (const end of ['', '-wal', '-shm']) rmSync(`${partial}${end}`, { force: true })
  if (dialectOfUrl(url) === 'sqlite') {
    if (!existsSync(url.replace(/^file:(\/\/)?/, ''))) throw new Error(`there is no ${url}`)
    const db = await openClient(url)
    try {
      await db.$executeRawUnsafe(`VACUUM INTO '${partial.replaceAll("'", "''")}'`)
    } finally {
      await db.$disconnect()
    }
  } else {
    await transfer(url, `file:${partial}`, { isLive: true, nowMs: Date.now() })
    await foldLog(`file:${partial}`)
  }
  chmodSync(partial, 0o600)
  renameSync(partial, path)
  for (const end of ['-wal', '-shm']) rmSync(`${partial}${end}`, { force: true })
  say(`${path} is a backup of ${shownUrl(url)}`)
}

/**
 * Brings what is in a SQLite database's write-ahead log into its one file. Another journal mode would do so too, but is
 * refused as long as a connection that the driver has closed is not collected.
 */
async function foldLog(url: string): Promise<void> {
  const db = await openClient(url)
  try {
    const text = 'PRAGMA wal_checkpoint(TRUNCATE)'
    const rows = await db.$queryRawUnsafe<{ busy: number | bigint }[]>(text)
    if (Number(rows[0]?.busy) !== 0) throw new Error(`${shownUrl(url)} is in use`)
  } finally {
    await db.$disconnect()
  }
}

/** `isLive`: a backup is not written by anybody, however new it is. */
export async function move(
  fromUrl: string,
  toUrl: string,
  { isBackup = false }: { isBackup?: boolean } = {},
): Promise<void> {
  const copied = await transfer(fromUrl, toUrl, {
    isLive: isBackup,
    nowMs: Date.now(),
    onTable: ({ table, rows }) => say(`${String(rows).padStart(10)}  ${table}`),
  })
  const rows = copied.reduce((sum, one) => sum + one.rows, 0)
  say(`${rows} rows are in ${shownUrl(toUrl)}, as many as in ${shownUrl(fromUrl)}`)
}

export async function restore(file: string, url: string): Promise<void> {
  const path = resolve(file)
  if (!existsSync(path)) throw new Error(`there is no ${path}`)
  await move(`file:${path}`, url, { isBackup: true })
}
