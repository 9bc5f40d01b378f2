import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { migrateDatabase, openClient } from './connect.ts'
import { DiskGuard, isDiskFull, readCollectionStop } from './disk-guard.ts'

const MB = 1024 * 1024
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'eyrie-disk-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('collecting stops before the disk is full, says since when, and goes on with room to spare', () => {
  let free = 500 * MB
  const options = { dataDir: folder, databaseDir: folder, freeBytes: () => free }
  const guard = new DiskGuard(options)
  expect(guard.mayCollect(1_000)).toBe(true)
  guard.succeeded()
  expect(readCollectionStop(folder)).toBeNull()
  free = 60 * MB
  expect(guard.mayCollect(2_000)).toBe(false)
  expect(readCollectionStop(folder)).toEqual({ sinceMs: 2_000, freeBytes: 60 * MB })
  free = 70 * MB
  expect(guard.mayCollect(3_000)).toBe(false)
  expect(readCollectionStop(folder)).toEqual({ sinceMs: 2_000, freeBytes: 70 * MB })
  // A collector started anew keeps the notice until something is collected.
  const next = new DiskGuard(options)
  free = 100 * MB
  expect(next.mayCollect(4_000)).toBe(true)
  next.succeeded()
  expect(readCollectionStop(folder)).toBeNull()
})

test('a server that has no room is tried again later', () => {
  const guard = new DiskGuard({ dataDir: folder, databaseDir: null })
  const refusal = new Error('could not extend file "base/1": No space left on device')
  expect(guard.takeFailure(refusal, 1_000)).toBe(true)
  expect(readCollectionStop(folder)).toEqual({ sinceMs: 1_000, freeBytes: null })
  expect(guard.mayCollect(2_000)).toBe(false)
  expect(guard.mayCollect(31_000)).toBe(true)
  expect(readCollectionStop(folder)).not.toBeNull()
  guard.succeeded()
  expect(readCollectionStop(folder)).toBeNull()
})

test('other failures are not the disk’s', () => {
  const guard = new DiskGuard({ dataDir: folder, databaseDir: null })
  expect(guard.takeFailure(new Error('ECONNREFUSED'), 1_000)).toBe(false)
  expect(
    isDiskFull(new Error('x', { cause: new Error('SQLITE_FULL: database or disk is full') })),
  ).toBe(true)
  expect(isDiskFull(new Error('ER_RECORD_FILE_FULL: The table ‘Chunk’ is full'))).toBe(true)
})

const isRoot = process.getuid?.() === 0 && process.platform === 'linux'

test.skipIf(!isRoot)('what SQLite says on a full disk is understood; reading goes on', async () => {
  const options = ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder]
  try {
    execFileSync('mount', options, { stdio: 'ignore' })
  } catch {
    console.log('mounting is not allowed here: skipped')
    return
  }
  try {
    const url = `file:${join(folder, 'eyrie.db')}`
    await migrateDatabase(url)
    const db = await openClient(url)
    await db.setting.create({ data: { key: 'before', value: '1' } })
    const guard = new DiskGuard({ dataDir: folder, databaseDir: folder })
    const fill = async (): Promise<void> => {
      for (let i = 0; i < 100; i++) {
        const data = { clusterId: 'c', tMs: BigInt(i), data: Buffer.alloc(200_000, i) }
        await db.journal.create({ data })
      }
    }
    const error = await fill().then(
      () => null,
      (cause: unknown) => cause,
    )
    expect(guard.takeFailure(error, 1_000)).toBe(true)
    expect(readCollectionStop(folder)?.sinceMs).toBe(1_000)
    expect((await db.setting.findMany()).map(({ key }) => key)).toEqual(['before'])
    await db.$disconnect()
  } finally {
    execFileSync('umount', ['-l', folder])
  }
})

test('the notice has its place on the disk from the start', () => {
  const guard = new DiskGuard({ dataDir: folder, databaseDir: null })
  const size = () => statSync(join(folder, 'collection-stopped.json')).size
  const before = size()
  guard.takeFailure(new Error('ENOSPC'), 1_790_000_000_000)
  expect(size()).toBe(before)
  writeFileSync(join(folder, 'collection-stopped.json'), ''.padEnd(before))
  expect(readCollectionStop(folder)).toBeNull()
})
