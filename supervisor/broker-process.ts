// One embedded broker as the supervisor sees it: a process that is started, stopped, killed, paused.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Child, type ExitInfo } from './child.ts'
import { type BrokerRecord, brokerDirectory, SupervisorError } from './layout.ts'
import { isAlive } from './lock.ts'
import { isPortFree } from './ports.ts'

export type BrokerState =
  | 'starting'
  | 'running'
  | 'paused'
  | 'stopping'
  | 'stopped'
  | 'killed'
  | 'exited'

export interface BrokerStatus extends BrokerRecord {
  state: BrokerState
  pid: number | null
  sinceMs: number
  /** Why it ended, when it did. */
  reason: string | null
}

const STOP_TIMEOUT_MS = 30_000
const START_TIMEOUT_MS = 90_000
const LEFTOVER_TIMEOUT_MS = 30_000

export class BrokerProcess {
  readonly record: BrokerRecord
  readonly #directory: string
  readonly #host: string
  readonly #root: string
  #child: Child | null = null
  #state: BrokerState = 'stopped'
  #sinceMs = Date.now()
  #reason: string | null = null

  constructor(options: {
    record: BrokerRecord
    clusterDirectory: string
    host: string
    root: string
  }) {
    this.record = options.record
    this.#directory = brokerDirectory(options.clusterDirectory, options.record.id)
    this.#host = options.host
    this.#root = options.root
  }

  get state(): BrokerState {
    return this.#state
  }

  status(): BrokerStatus {
    const pid = this.#child !== null && this.#child.exit === null ? this.#child.pid : null
    const { record } = this
    return { ...record, state: this.#state, pid, sinceMs: this.#sinceMs, reason: this.#reason }
  }

  #become(state: BrokerState, reason: string | null = null): void {
    this.#state = state
    this.#reason = reason
    this.#sinceMs = Date.now()
  }

  get #pidPath(): string {
    return join(this.#directory, 'pid')
  }

  /** A broker of an earlier supervisor that is still closing its files: waited for, then killed. */
  async #awaitLeftover(): Promise<void> {
    if (!existsSync(this.#pidPath)) return
    const pid = Number(readFileSync(this.#pidPath, 'utf8'))
    const isOurs = (): boolean => Number.isInteger(pid) && isAlive(pid) && isBroker(pid)
    const deadlineMs = Date.now() + LEFTOVER_TIMEOUT_MS
    while (isOurs() && Date.now() < deadlineMs) {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    if (isOurs()) process.kill(pid, 'SIGKILL')
    rmSync(this.#pidPath, { force: true })
  }

  /** Starts it, or continues a paused one; resolves when it serves. */
  async start(properties: string): Promise<void> {
    if (this.#state === 'paused') {
      this.#child?.signal('SIGCONT')
      this.#become('running')
      return
    }
    if (this.#child !== null && this.#child.exit === null) {
      throw new SupervisorError(`broker ${this.record.id} is running already`)
    }
    this.#become('starting')
    try {
      await this.#launch(properties)
    } catch (error) {
      if (this.#child === null || this.#child.exit !== null) {
        this.#become('exited', error instanceof Error ? error.message : String(error))
      }
      throw error
    }
  }

  async #launch(properties: string): Promise<void> {
    const { id, port, controllerPort, jolokiaPort } = this.record
    await this.#awaitLeftover()
    for (const wanted of [port, controllerPort, jolokiaPort]) {
      if (await isPortFree(this.#host, wanted)) continue
      throw new SupervisorError(
        `port ${wanted} of broker ${id} is taken by another process: end that one ` +
          '(ports are kept once chosen, since clients know them)',
      )
    }
    mkdirSync(this.#directory, { recursive: true })
    const path = join(this.#directory, 'server.properties')
    writeFileSync(path, properties, { mode: 0o600 })
    const child = new Child({
      name: `broker ${id}`,
      args: [
        '--enable-source-maps',
        '--max-semi-space-size=8',
        join(this.#root, 'dist', 'broker.mjs'),
        path,
      ],
      cwd: this.#root,
      env: { UV_THREADPOOL_SIZE: '8', NODE_ENV: 'production' },
      log: join(this.#directory, 'server.log'),
    })
    this.#child = child
    writeFileSync(this.#pidPath, `${child.pid}\n`)
    void child.exited.then((exit) => this.#onExit(child, exit))
    try {
      await child.ready(START_TIMEOUT_MS)
    } catch (error) {
      const log = join(this.#directory, 'server.log')
      throw new SupervisorError(
        `${(error as Error).message}; the last lines of ${log}:\n${tail(log)}`,
      )
    }
    if (this.#state === 'starting') this.#become('running')
  }

  #onExit(child: Child, exit: ExitInfo): void {
    if (this.#child !== child) return
    const how = exit.signal ?? `exit code ${exit.code}`
    if (this.#state === 'stopping') this.#become('stopped', 'stopped on request')
    else if (exit.signal === 'SIGKILL') this.#become('killed', 'ended by SIGKILL')
    else this.#become('exited', `ended by itself: ${how}`)
  }

  /** A controlled shutdown, waited for. */
  async stop(): Promise<void> {
    const child = this.#child
    if (child === null || child.exit !== null) return
    this.#become('stopping')
    const inTime = await child.stop(STOP_TIMEOUT_MS)
    this.#become('stopped', inTime ? 'stopped on request' : 'killed after 30 s of stopping')
  }

  /** Sends a signal; SIGKILL is waited for. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (child === null || child.exit !== null) {
      throw new SupervisorError(`broker ${this.record.id} is not running`)
    }
    child.signal(signal)
    if (signal === 'SIGSTOP') this.#become('paused')
    if (signal === 'SIGCONT') this.#become('running')
    if (signal === 'SIGKILL') await child.exited
  }
}

/** Guards against a pid that another program has got meanwhile. */
function isBroker(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('broker.mjs')
  } catch {
    return true
  }
}

function tail(path: string): string {
  return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-12).join('\n')
}
