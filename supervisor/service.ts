// A child other than a broker (Next, collector, sample traffic): kept running, with growing pauses
// between restarts.
import { Child } from './child.ts'

const STOP_TIMEOUT_MS = 10_000
const FIRST_PAUSE_MS = 500
const LAST_PAUSE_MS = 30_000
/** Having run that long, it starts anew with the first pause. */
const STABLE_MS = 60_000

export interface ServiceOptions {
  name: string
  root: string
  args: readonly string[]
  env: Readonly<Record<string, string>>
  log: string | 'inherit'
  say: (text: string) => void
  /** Takes a changed environment by message instead of a restart: `{type: 'environment', variables}`. */
  takesEnvironment?: boolean
}

export class Service {
  readonly #options: ServiceOptions
  #env: Readonly<Record<string, string>>
  #child: Child | null = null
  #isStopping = false
  #restarts = 0
  #pauseMs = FIRST_PAUSE_MS
  #timer: NodeJS.Timeout | null = null

  constructor(options: ServiceOptions) {
    this.#options = options
    this.#env = options.env
  }

  start(): void {
    const { name, args, root, log } = this.#options
    const child = new Child({ name, args, cwd: root, env: this.#env, log })
    const startedMs = Date.now()
    this.#child = child
    void child.exited.then((exit) => {
      if (this.#isStopping) return
      if (Date.now() - startedMs > STABLE_MS) this.#pauseMs = FIRST_PAUSE_MS
      const how = exit.signal ?? `exit code ${exit.code}`
      this.#options.say(`${name} ended (${how}); starting it again in ${this.#pauseMs / 1000} s`)
      this.#timer = setTimeout(() => {
        this.#restarts++
        this.start()
      }, this.#pauseMs)
      this.#pauseMs = Math.min(this.#pauseMs * 2, LAST_PAUSE_MS)
    })
  }

  async ready(timeoutMs: number): Promise<void> {
    await this.#child?.ready(timeoutMs)
  }

  status(): { name: string; pid: number | null; restarts: number } {
    const pid = this.#child?.exit === null ? this.#child.pid : null
    return { name: this.#options.name, pid, restarts: this.#restarts }
  }

  /** Every later start has `variables`; the process that runs is told, or started anew. */
  async changeEnvironment(variables: Readonly<Record<string, string>>): Promise<void> {
    this.#env = { ...this.#env, ...variables }
    if (this.#isStopping) return
    if (this.#options.takesEnvironment) {
      const message = { type: 'environment', variables }
      this.#child?.tell(message)
      return
    }
    // One that waits for its restart has the new variables then.
    if (this.#child === null || this.#child.exit !== null) return
    this.#isStopping = true
    await this.#child.stop(STOP_TIMEOUT_MS)
    this.#isStopping = false
    this.start()
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    await this.#child?.stop(STOP_TIMEOUT_MS)
  }

  kill(): void {
    this.#isStopping = true
    this.#child?.signal('SIGKILL')
  }
}
