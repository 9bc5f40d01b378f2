// One child process: its log file, its readiness, its end. Children hear of our death by the IPC
// channel that closes, and run in process groups of their own so that Ctrl-C reaches us alone.
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { SupervisorError } from './layout.ts'

const LOG_LIMIT_BYTES = 10 * 1024 * 1024

export interface ChildOptions {
  name: string
  args: readonly string[]
  cwd: string
  env: Readonly<Record<string, string>>
  /** Output goes there (kept to two files of 10 MB); 'inherit' shows it. */
  log: string | 'inherit'
}

export interface ExitInfo {
  code: number | null
  signal: NodeJS.Signals | null
}

function openLog(path: string): number {
  mkdirSync(dirname(path), { recursive: true })
  if (existsSync(path) && statSync(path).size > LOG_LIMIT_BYTES) renameSync(path, `${path}.1`)
  return openSync(path, 'a', 0o600)
}

export class Child {
  readonly pid: number
  readonly exited: Promise<ExitInfo>
  readonly #process: ChildProcess
  readonly #name: string
  #exit: ExitInfo | null = null
  #ready: Promise<void>

  constructor(options: ChildOptions) {
    this.#name = options.name
    const log = options.log === 'inherit' ? null : openLog(options.log)
    const output = log ?? 'inherit'
    this.#process = spawn(process.execPath, options.args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env, EYRIE_PARENT: '1' },
      stdio: ['ignore', output, output, 'ipc'],
      detached: true,
    })
    if (log !== null) closeSync(log)
    const { pid } = this.#process
    this.exited = new Promise((resolve) => {
      const end = (info: ExitInfo): void => {
        this.#exit ??= info
        resolve(this.#exit)
      }
      this.#process.once('error', () => end({ code: 1, signal: null }))
      this.#process.once('exit', (code, signal) => end({ code, signal }))
    })
    this.#ready = new Promise((resolve) => {
      this.#process.on('message', (message) => {
        if ((message as { type?: unknown } | null)?.type === 'ready') resolve()
      })
    })
    if (pid === undefined) throw new SupervisorError(`${options.name} could not be started`)
    this.pid = pid
  }

  get exit(): ExitInfo | null {
    return this.#exit
  }

  /** Resolves when the child says that it serves; rejects when it ends first or takes too long. */
  async ready(timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), timeoutMs)
    })
    const first = await Promise.race([this.#ready.then(() => 'ready' as const), this.exited, late])
    clearTimeout(timer)
    if (first === 'ready') return
    if (first === 'late') {
      throw new SupervisorError(`${this.#name} was not ready within ${timeoutMs / 1000} s`)
    }
    throw new SupervisorError(
      `${this.#name} ended while starting (${first.signal ?? `exit code ${first.code}`})`,
    )
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#exit === null) this.#process.kill(signal)
  }

  /** Over the IPC channel; nothing happens once it has ended. */
  tell(message: { type: string }): void {
    if (this.#exit === null && this.#process.connected) this.#process.send(message)
  }

  /** SIGTERM, waited for; SIGKILL when it has not ended by then. True when it ended by itself. */
  async stop(timeoutMs: number): Promise<boolean> {
    if (this.#exit !== null) return true
    // A stopped process does not see SIGTERM until it is continued.
    this.signal('SIGCONT')
    this.signal('SIGTERM')
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), timeoutMs)
    })
    const inTime = await Promise.race([this.exited.then(() => true as const), late])
    clearTimeout(timer)
    if (inTime) return true
    this.signal('SIGKILL')
    await this.exited
    return false
  }
}
