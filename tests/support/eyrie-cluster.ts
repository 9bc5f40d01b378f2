// Real brokers for a test: `npm run cluster`'s own command on free ports below a temporary directory.
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { freePort } from './free-port.ts'
import { brokersKnownTo } from './one-broker.ts'

const execute = promisify(execFile)
export const root = fileURLToPath(new URL('../..', import.meta.url))

export interface EyrieCluster {
  directory: string
  bootstrap: string
  brokers: string[]
  jolokia(id: number): string
  /** `stop ID`, `kill ID [SIGNAL]`, `start ID`. */
  run(verb: 'stop' | 'kill' | 'start', id: number, signal?: string): Promise<void>
  /** Any verb with its arguments; gives its output. */
  command(verb: string, ...args: string[]): Promise<string>
  pid(id: number): Promise<number>
  /** Ends it and removes its directory. */
  down(): Promise<void>
}

async function cluster(args: readonly string[]): Promise<string> {
  const { stdout } = await execute(process.execPath, ['scripts/cluster.mjs', ...args], {
    cwd: root,
    maxBuffer: 16 * 1024 * 1024,
    timeout: 200_000,
  })
  return stdout
}

/** A broker that serves is not known to the others yet: waits until each of these knows all. */
export async function untilAllKnown(addresses: readonly string[]): Promise<void> {
  for (const address of addresses) {
    const known = async () => (await brokersKnownTo(address)).length >= addresses.length
    await until(`${address} knows all ${addresses.length} brokers`, known)
  }
}

/** `properties` are lines of server.properties. */
export async function startEyrie(
  options: { brokers?: number; properties?: Record<string, string>; args?: string[] } = {},
): Promise<EyrieCluster> {
  const directory = await mkdtemp(join(tmpdir(), 'eyrie-test-'))
  const sets = Object.entries(options.properties ?? {}).flatMap(([k, v]) => ['--set', `${k}=${v}`])
  const count = String(options.brokers ?? 3)
  const port = String(await freePort())
  const output = await cluster([
    'up',
    directory,
    '--brokers',
    count,
    '--port',
    port,
    ...sets,
    ...(options.args ?? []),
  ])
  const bootstrap = output.trim().split('\n').at(-1) ?? ''
  const record = JSON.parse(await readFile(join(directory, 'cluster.json'), 'utf8')) as {
    brokers: { id: number; jolokiaPort: number }[]
  }
  await untilAllKnown(bootstrap.split(','))
  return {
    directory,
    bootstrap,
    brokers: bootstrap.split(','),
    jolokia: (id) => {
      const port = record.brokers.find((broker) => broker.id === id)?.jolokiaPort
      return `http://127.0.0.1:${port}/jolokia/`
    },
    run: async (verb, id, signal) => {
      await cluster([verb, directory, String(id), ...(signal === undefined ? [] : [signal])])
    },
    command: (verb, ...rest) => cluster([verb, directory, ...rest]),
    pid: async (id) => Number(await readFile(join(directory, String(id), 'pid'), 'utf8')),
    down: async () => {
      await cluster(['down', directory]).catch(() => undefined)
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** Thrown by kafkajs, or by how it stumbles where no broker gave it an answer that it can use. */
const isOfKafkajs = (error: unknown): error is Error =>
  error instanceof Error && (error.stack ?? '').includes('node_modules/kafkajs/')

/**
 * Waits until `check` gives true; throws after `timeoutMs` with `what`. What kafkajs throws (a broker that is away, or
 * hears of something later than others) is no answer yet; anything else ends the wait at once.
 */
export async function until(
  what: string,
  check: () => Promise<boolean> | boolean,
  timeoutMs = 120_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs
  for (let last = ''; ; ) {
    try {
      if (await check()) return
      last = ''
    } catch (error) {
      if (!isOfKafkajs(error)) throw error
      last = `; last ${error.name}: ${error.message}`
    }
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs / 1000} s: ${what}${last}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

export { execute, freePort, spawn }
