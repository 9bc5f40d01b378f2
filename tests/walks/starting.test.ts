// Starting and stopping as a person does it: a second start repeats nothing, Ctrl-C ends the brokers in order, and
// a supervisor killed leaves nothing behind and loses nothing.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { supervisorRequest } from '../../supervisor/client.ts'
import { root, until } from '../support/eyrie-cluster.ts'
import { type EyrieConsole, startConsole } from '../support/eyrie-console.ts'

const TOKEN = 'a-token-for-automation-of-32-characters-and-more'
const ENV = { EYRIE_API_TOKEN: TOKEN, EYRIE_SAMPLE: '0' }
const BROKERS = [1, 2, 3]
const MESSAGES = '/clusters/embedded/topics/kept/messages'

let directory: string
let eyrie: EyrieConsole | null
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'eyrie-start-'))
  eyrie = null
})
afterEach(async () => {
  await eyrie?.stop()
  rmSync(directory, { recursive: true, force: true })
})

async function api<T>({ url }: EyrieConsole, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${url}/api/v1${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  expect(response.status, `${path}: ${await response.clone().text()}`).toBeLessThan(400)
  return response.json()
}

/** A broker may not know of a topic just made: then nothing was written, and it is tried again. */
async function write(console: EyrieConsole, value: string): Promise<void> {
  const written = () => api(console, MESSAGES, { value, partition: 0 })
  await until('it is written', () =>
    written().then(
      () => true,
      () => false,
    ),
  )
}
/** Once the partition has a leader, which takes a moment after a start. */
async function haveValues(console: EyrieConsole, values: readonly string[]): Promise<void> {
  type Messages = { items: { value: string }[] }
  const read = async () => (await api<Messages>(console, `${MESSAGES}?from=oldest`)).items
  await expect.poll(async () => (await read()).map(({ value }) => value)).toEqual(values)
}

const isAlive = (pid: number): boolean => {
  try {
    // A zombie waits for whoever runs this test, not for anything of ours.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
async function children(dataDirectory: string): Promise<{ brokers: number[]; all: number[] }> {
  const status = await supervisorRequest(dataDirectory, { verb: 'status' })
  const brokers = status.brokers.map(({ pid }) => pid ?? 0)
  const others = status.processes.map(({ pid }) => pid ?? 0)
  expect([...brokers, ...others].every((pid) => pid > 0)).toBe(true)
  return { brokers, all: [...brokers, ...others] }
}
const logOf = (id: number): string =>
  readFileSync(join(directory, 'cluster', String(id), 'server.log'), 'utf8')
const cleanMark = (id: number): string =>
  join(directory, 'cluster', String(id), 'data', '.kafka_cleanshutdown')

test('Ctrl-C shuts brokers down in order; the next start repeats no work and has all data', async () => {
  eyrie = await startConsole(ENV, { dataDirectory: directory })
  await api(eyrie, '/clusters/embedded/topics', { name: 'kept', partitions: 1 })
  await write(eyrie, 'before Ctrl-C')
  const first = await children(directory)
  const { pid } = eyrie
  process.kill(pid, 'SIGINT')
  await until('it ends', () => !isAlive(pid))
  expect(first.all.filter(isAlive)).toEqual([])
  for (const id of BROKERS) {
    expect(existsSync(cleanMark(id)), `broker ${id} marked its log as closed`).toBe(true)
  }
  // Two can be let go with a controller there; the last has none left to ask.
  const letGo = BROKERS.filter((id) => /Controlled shutdown .*finished.*true/.test(logOf(id)))
  expect(letGo.length).toBeGreaterThanOrEqual(1)

  eyrie = await startConsole(ENV, { dataDirectory: directory })
  expect(eyrie.output()).not.toMatch(/Installing|Bundling|Generating|Building/)
  await haveValues(eyrie, ['before Ctrl-C'])
})

test('npm that is told to end takes everything with it, in order', async () => {
  eyrie = await startConsole(ENV, { dataDirectory: directory, isByNpm: true })
  const { all } = await children(directory)
  process.kill(eyrie.pid, 'SIGTERM')
  await until('every child has ended', () => !all.some(isAlive))
  for (const id of BROKERS) expect(existsSync(cleanMark(id)), `broker ${id}`).toBe(true)
})

test('a supervisor that is killed leaves nothing behind, and nothing is lost', async () => {
  eyrie = await startConsole(ENV, { dataDirectory: directory })
  await api(eyrie, '/clusters/embedded/topics', { name: 'kept', partitions: 1 })
  await write(eyrie, 'before the kill')
  const { all } = await children(directory)
  process.kill(eyrie.pid, 'SIGKILL')
  await until('every child has ended', () => !all.some(isAlive))

  eyrie = await startConsole(ENV, { dataDirectory: directory })
  const again = await children(directory)
  for (const pid of [...again.brokers, eyrie.pid]) process.kill(pid, 'SIGKILL')
  await until('everything has ended', () => ![...again.all, eyrie?.pid ?? 0].some(isAlive))

  eyrie = await startConsole(ENV, { dataDirectory: directory })
  await haveValues(eyrie, ['before the kill'])
})

test('a broker that cannot start is told with its reason, and nothing stays behind', async () => {
  eyrie = await startConsole(ENV, { dataDirectory: directory })
  const { brokers } = await supervisorRequest(directory, { verb: 'status' })
  const { all } = await children(directory)
  await eyrie.stop()
  eyrie = null
  const port = brokers.find(({ id }) => id === 2)?.port
  const taker = createServer().listen(port, '127.0.0.1')
  try {
    await expect(startConsole(ENV, { dataDirectory: directory })).rejects.toThrow(
      `port ${port} of broker 2 is taken`,
    )
  } finally {
    taker.close()
  }
  expect(all.filter(isAlive)).toEqual([])
  eyrie = await startConsole(ENV, { dataDirectory: directory })
})

/** This tree, as it is now, where it may be edited. */
function copyTree(): string {
  const copy = join(directory, 'tree')
  const { stdout } = spawnSync('git', ['ls-files', '-z', '-c', '-o', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  for (const file of stdout.split('\0').filter((name) => existsSync(join(root, name)))) {
    cpSync(join(root, file), join(copy, file), { recursive: true })
  }
  for (const made of ['.eyrie-setup', 'dist', 'server/db/generated']) {
    cpSync(join(root, made), join(copy, made), { recursive: true })
  }
  const from = join(root, 'node_modules')
  // Links where both are on one file system, else copies.
  if (spawnSync('cp', ['-al', from, copy]).status !== 0) {
    const { status, stderr } = spawnSync('cp', ['-a', from, copy], { encoding: 'utf8' })
    expect(status, stderr).toBe(0)
  }
  return copy
}

test('npm run dev reloads pages and does not touch the brokers', async () => {
  const tree = copyTree()
  const data = join(directory, 'data')
  eyrie = await startConsole(ENV, { cwd: tree, dataDirectory: data, args: ['--dev'] })
  const before = await children(data)
  const page = async () => (await fetch(`${eyrie?.url}/sign-in`)).text()
  expect(await page()).toContain('To the console of your Kafka clusters.')
  const entry = join(tree, 'messages/en.json')
  const words = readFileSync(entry, 'utf8')
  const changed = words.replace(
    'To the console of your Kafka clusters.',
    'Words changed meanwhile.',
  )
  rmSync(entry)
  writeFileSync(entry, changed)
  const isChanged = async () => (await page()).includes('Words changed meanwhile.')
  await until('the page has the changed words', isChanged, 300_000)
  expect((await children(data)).brokers).toEqual(before.brokers)
  expect(before.brokers.every(isAlive)).toBe(true)
})
