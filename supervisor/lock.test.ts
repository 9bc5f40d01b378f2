import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeZombie } from '../tests/support/zombie.ts'
import { checkFormat, DATA_FORMAT, lockPath, socketPath, writeJson } from './layout.ts'
import { acquireLock, lockHolder } from './lock.ts'
import { choosePorts } from './ports.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'eyrie-lock-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

test('a held directory is refused with the pid, and free after release', () => {
  const release = acquireLock(directory)
  expect(() => acquireLock(directory)).toThrow(`process ${process.pid}`)
  release()
  expect(lockHolder(directory)).toBeNull()
  acquireLock(directory)()
})

test('the lock of a process that is gone, or whose pid another got, does not hold', () => {
  writeFileSync(lockPath(directory), JSON.stringify({ pid: 2 ** 22 + 1, start: '1' }))
  expect(lockHolder(directory)).toBeNull()
  writeFileSync(lockPath(directory), JSON.stringify({ pid: process.pid, start: 'another' }))
  expect(lockHolder(directory)).toBeNull()
  acquireLock(directory)()
})

test('the lock of a process that has ended does not hold, though nobody has waited for it', async ({
  skip,
}) => {
  const zombie = await makeZombie()
  if (zombie === null) return skip('no /proc')
  const { pid, start } = zombie
  writeFileSync(lockPath(directory), JSON.stringify({ pid, start }))
  try {
    expect(lockHolder(directory)).toBeNull()
  } finally {
    zombie.end()
  }
})

test('a directory of a newer format is refused', () => {
  checkFormat(directory)
  checkFormat(directory)
  writeJson(join(directory, 'format.json'), { format: DATA_FORMAT + 1 })
  expect(() => checkFormat(directory)).toThrow(`data format ${DATA_FORMAT + 1}`)
})

test('sockets of deep directories move to where their path fits', () => {
  expect(socketPath('/d')).toBe('/d/supervisor.sock')
  const deep = `/${'x'.repeat(200)}`
  expect(socketPath(deep).length).toBeLessThan(108)
  expect(socketPath(deep)).not.toBe(socketPath(`${deep}y`))
})

test('a taken port moves to the next free one', async () => {
  const first = await choosePorts({ host: '127.0.0.1', firstPort: 28_000, count: 1, firstId: 1 })
  const port = first[0]?.port ?? 0
  const next = await choosePorts({
    host: '127.0.0.1',
    firstPort: port,
    count: 2,
    firstId: 1,
    taken: new Set([port]),
  })
  expect(next[0]?.port).toBeGreaterThan(port)
  expect(new Set(next.flatMap((b) => [b.port, b.controllerPort, b.jolokiaPort])).size).toBe(6)
})
