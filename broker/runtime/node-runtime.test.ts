import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeZombie } from '../../tests/support/zombie.ts'
import { formatLine } from './node-logger.ts'
import { createNodeRuntime } from './node-runtime.ts'
import type { Socket } from './runtime.ts'

const lines: string[] = []
const runtime = createNodeRuntime({ writeLine: (line) => lines.push(line) })
let directory = ''

beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'eyrie-runtime-'))
})

afterEach(async () => {
  await rm(directory, { recursive: true, force: true })
})

test('a vectored write puts every buffer in its place', async () => {
  const file = path.join(directory, 'data')
  const handle = await runtime.disk.open(file, 'rw')
  const parts = Array.from({ length: 3000 }, (_, index) => Buffer.from(String(index % 10)))
  await handle.write([Buffer.from('ab')], 0)
  await handle.write(parts, 2)
  await handle.sync()
  const back = Buffer.alloc(5000)
  expect(await handle.read(back, 0)).toBe(3002)
  expect(await handle.sizeBytes()).toBe(3002)
  expect(back.toString('latin1', 0, 14)).toBe('ab012345678901')
  await handle.truncate(3)
  expect(await handle.read(back, 0)).toBe(3)
  await handle.close()
})

test('an atomic write replaces the whole file, also when asked for twice at once', async () => {
  const file = path.join(directory, 'checkpoint')
  await Promise.all([
    runtime.disk.writeFileAtomic(file, 'first'),
    runtime.disk.writeFileAtomic(file, 'second'),
  ])
  expect(await readFile(file, 'utf8')).toBe('second')
  expect(await runtime.disk.readdir(directory)).toEqual(['checkpoint'])
})

test('a lock is refused while its process lives and taken over when it is gone', async () => {
  const file = path.join(directory, '.lock')
  const held = await runtime.disk.lock(file)
  await expect(runtime.disk.lock(file)).rejects.toMatchObject({ code: 'ELOCKED' })
  await held.release()
  await writeFile(file, '999999999 1\n')
  await (await runtime.disk.lock(file)).release()
})

test('a process that has ended holds no lock, though nobody has waited for it', async ({
  skip,
}) => {
  const zombie = await makeZombie()
  if (zombie === null) return skip('no /proc')
  const file = path.join(directory, '.lock')
  await writeFile(file, `${zombie.pid} ${zombie.start}\n`)
  try {
    await (await runtime.disk.lock(file)).release()
  } finally {
    zombie.end()
  }
})

test('missing things are told by null or by code', async () => {
  expect(await runtime.disk.stat(path.join(directory, 'none'))).toBeNull()
  await expect(runtime.disk.open(path.join(directory, 'none'), 'r')).rejects.toMatchObject({
    code: 'ENOENT',
  })
  await runtime.disk.remove(path.join(directory, 'none'))
})

async function pair(): Promise<{ client: Socket; server: Socket; close: () => Promise<void> }> {
  let accept: (socket: Socket) => void = () => undefined
  const accepted = new Promise<Socket>((resolve) => {
    accept = resolve
  })
  const listener = await runtime.network.listen({ host: '127.0.0.1', port: 0 }, (s) => accept(s))
  const client = await runtime.network.connect(listener.endpoint, 60_000)
  return { client, server: await accepted, close: () => listener.close() }
}

function received(socket: Socket, bytes: number): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let count = 0
    socket.onData((chunk) => {
      chunks.push(chunk)
      count += chunk.length
      if (count >= bytes) resolve(Buffer.concat(chunks))
    })
  })
}

test('bytes arrive in order and drain is told once the buffer is empty', async () => {
  const { client, server, close } = await pair()
  const big = Buffer.alloc(8_000_000, 7)
  const got = received(server, big.length + 5)
  const drained = new Promise<void>((resolve) => client.onDrain(resolve))
  client.write([Buffer.from('he'), Buffer.from('llo')])
  client.write([big])
  expect(client.bufferedBytes).toBeGreaterThan(0)
  const all = await got
  await drained
  expect(client.bufferedBytes).toBe(0)
  expect(all.subarray(0, 5).toString()).toBe('hello')
  expect(all.length).toBe(8_000_005)
  const ended = new Promise((resolve) => server.onClose(resolve))
  client.end()
  expect(await ended).toBeNull()
  await close()
})

test('a port nobody listens on refuses with ECONNREFUSED', async () => {
  const { client, close } = await pair()
  const endpoint = client.remote
  client.destroy()
  await close()
  await expect(runtime.network.connect(endpoint, 60_000)).rejects.toMatchObject({
    code: 'ECONNREFUSED',
  })
})

test('a log line is one line with quoted values', () => {
  expect(formatLine(0, 'warn', 'two\nlines', { a: 1, b: 'x y', c: 'z' })).toBe(
    '1970-01-01T00:00:00.000Z WARN two lines a=1 b="x y" c=z',
  )
  runtime.logger.child('[Log t-0]').log('info', 'Opened')
  expect(lines.at(-1)).toMatch(/INFO \[Log t-0\] Opened\n$/)
  runtime.logger.log('debug', 'not printed')
  expect(lines.at(-1)).not.toMatch(/not printed/)
})

test('random uuids are 22 characters and never begin with a dash', () => {
  for (let index = 0; index < 500; index++) {
    expect(runtime.random.uuid()).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_-]{21}$/)
  }
})
