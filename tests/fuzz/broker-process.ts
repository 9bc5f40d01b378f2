// A real broker for the fuzzer: the bundled process on free ports of loopback, with a directory of its own.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Child } from '../../supervisor/child.ts'
import { freePort } from '../support/free-port.ts'
import { fuzzedBroker } from './properties.ts'

const START_TIMEOUT_MS = 120_000
const STOP_TIMEOUT_MS = 120_000
const LAST_LINES = 12
/** A heap that grows past this ends the process. */
const HEAP_MAX_MB = 384

export class BrokerProcess {
  readonly port: number
  readonly controllerPort: number
  readonly #child: Child
  readonly #directory: string

  private constructor(child: Child, directory: string, port: number) {
    this.#child = child
    this.#directory = directory
    this.port = port
    this.controllerPort = port + 100
  }

  static async start(): Promise<BrokerProcess> {
    const directory = await mkdtemp(join(tmpdir(), 'eyrie-fuzz-'))
    const port = await freePort()
    const logDirectory = join(directory, 'data')
    const place = { host: '127.0.0.1', port, controllerPort: port + 100, logDirectory }
    await writeFile(join(directory, 'server.properties'), `${fuzzedBroker(place)}\n`)
    const child = new Child({
      name: 'the broker under the fuzzer',
      args: [
        `--max-old-space-size=${HEAP_MAX_MB}`,
        '--enable-source-maps',
        'dist/broker.mjs',
        join(directory, 'server.properties'),
      ],
      cwd: process.cwd(),
      env: { NODE_ENV: 'production' },
      log: join(directory, 'server.log'),
    })
    const broker = new BrokerProcess(child, directory, port)
    await child.ready(START_TIMEOUT_MS)
    return broker
  }

  get hasEnded(): boolean {
    return this.#child.exit !== null
  }

  /** What the system says that it holds; 0 once it has ended. */
  async rssBytes(): Promise<number> {
    const status = await readFile(`/proc/${this.#child.pid}/status`, 'utf8').catch(() => '')
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024
  }

  /** Lines of its log that tell of an error nobody foresaw. */
  async errors(): Promise<string[]> {
    const log = await readFile(join(this.#directory, 'server.log'), 'utf8')
    return log.split('\n').filter((line) => / ERROR |FATAL|heap out of memory/.test(line))
  }

  /** Ends it; when that was not in order, how it ended and what it said last. */
  async stop(): Promise<string | null> {
    const inTime = await this.#child.stop(STOP_TIMEOUT_MS)
    const { exit } = this.#child
    if (inTime && exit?.code === 0) return null
    const log = await readFile(join(this.#directory, 'server.log'), 'utf8')
    const last = log.trimEnd().split('\n').slice(-LAST_LINES)
    return [`in time: ${inTime}, ${JSON.stringify(exit)}; last in its log:`, ...last].join('\n    ')
  }

  async removeFiles(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true })
  }
}
