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
}

export class Service {
  readonly #options: ServiceOptions
  #child: Child | null = null
  #isStopping = false
  #restarts = 0
  #pauseMs = FIRST_PAUSE_MS
  #timer: NodeJS.Timeout | null = null

  constructor(options: ServiceOptions) {
    this.#options = options
  }

  start(): void {
    const { name, args, root, env, log } = this.#options
    const child = new Child({ name, args, cwd: root, env, log })
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
