// One round of the fuzzer, wholly given by its seed: frames at a broker of its own, many connections at once. What
// is well formed must be answered, in its version's schema, or refused by an end of the connection; nothing may
// crash the broker, keep it from serving others, or make it hold more and more.
import { isMainThread } from 'node:worker_threads'
import { SeededRandom } from '../support/memory-runtime.ts'
import { AnswerReader } from './answers.ts'
import { type Frame, FrameSource } from './frames.ts'
import { checkHealth } from './health.ts'
import { BROKER_PORT, CONTROLLER_PORT, type FuzzConnection, Target } from './target.ts'

export interface RoundResult {
  seed: number
  frames: number
  /** Answers by API and error code, e.g. `Fetch NONE`. */
  answers: Readonly<Record<string, number>>
  closed: number
  violations: readonly string[]
  peakRssBytes: number
}

const CONNECTIONS = 24
const CONTROLLER_CONNECTIONS = 4
/** In virtual time: beyond what any well-formed request of the fuzzer may ask to wait. */
const HANG_MS = 120_000
/** What a request that is broken in some bytes may take; it may ask to wait for years. */
const BROKEN_WAIT_MS = 3000
const BATCHES_PER_HEALTH_CHECK = 100
/** Of the whole process, the simulated disk and all clients included; of its own heap in one thread of several. */
const RSS_MAX_BYTES = 1_200_000_000

interface Line {
  port: number
  source: FrameSource
  connection: FuzzConnection | null
  frame: Frame | null
}

export async function runRound(seed: number, frames: number): Promise<RoundResult> {
  return new Round(seed, await Target.start(`${seed}/fuzz`)).run(frames)
}

class Round {
  readonly #seed: number
  readonly #target: Target
  readonly #lines: Line[] = []
  readonly #reader = new AnswerReader()
  #closed = 0
  #peakRssBytes = 0
  #crashesSeen = 0

  constructor(seed: number, target: Target) {
    this.#seed = seed
    this.#target = target
    const random = new SeededRandom(`${seed}/frames`)
    const atBroker = new FrameSource(random, (key) => target.serves('broker', key))
    const atController = new FrameSource(random, (key) => target.serves('controller', key))
    for (let index = 0; index < CONNECTIONS; index++) {
      const isController = index < CONTROLLER_CONNECTIONS
      const port = isController ? CONTROLLER_PORT : BROKER_PORT
      const source = isController ? atController : atBroker
      this.#lines.push({ port, source, connection: null, frame: null })
    }
  }

  async run(frames: number): Promise<RoundResult> {
    let sent = 0
    for (let batch = 0; sent < frames && this.#reader.violations.length === 0; batch++) {
      sent += this.#lines.length
      try {
        await this.#batch()
        if (batch % BATCHES_PER_HEALTH_CHECK === 0) await this.#checkHealth()
      } catch (error) {
        this.#fail(error)
      }
    }
    await this.#stop().catch((error: unknown) => this.#fail(error))
    return {
      seed: this.#seed,
      frames: sent,
      answers: this.#reader.counts,
      closed: this.#closed,
      violations: this.#reader.violations,
      peakRssBytes: this.#peakRssBytes,
    }
  }

  #fail(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    this.#reader.violations.push(text)
  }

  /** The broker stops in order, with as many frames under way as there are connections. */
  async #stop(): Promise<void> {
    await this.#send()
    await this.#target.stop()
    this.#takeCrashes()
  }

  async #send(): Promise<void> {
    for (const line of this.#lines) {
      if (line.connection === null || line.connection.isClosed) {
        line.connection = await this.#target.connect(line.port)
      }
      line.connection.answers.length = 0
      line.frame = line.source.next()
    }
    for (const line of this.#lines) line.connection?.send(line.frame?.bytes ?? Buffer.alloc(0))
  }

  async #batch(): Promise<void> {
    const { world } = this.#target
    await this.#send()
    const open = () => this.#lines.filter((line) => line.frame?.asked != null && !isSettled(line))
    try {
      await world.runUntil(() => open().length === 0 || this.#hasCrashed(), HANG_MS)
    } catch {
      for (const line of open()) this.#tell(line, 'is not answered')
    }
    const broken = this.#lines.filter((line) => line.frame?.asked === null)
    const endMs = world.elapsedMs() + BROKEN_WAIT_MS
    await world.runUntil(() => broken.every(isSettled) || world.elapsedMs() >= endMs, HANG_MS)
    for (const line of this.#lines) this.#settle(line)
    this.#takeCrashes()
  }

  #hasCrashed(): boolean {
    return this.#target.crashes.length > this.#crashesSeen
  }

  #takeCrashes(): void {
    for (const crash of this.#target.crashes.slice(this.#crashesSeen)) {
      this.#reader.violations.push(crash)
      for (const line of this.#lines) this.#tell(line, 'was among the last')
    }
    this.#crashesSeen = this.#target.crashes.length
  }

  #settle(line: Line): void {
    const { frame, connection } = line
    if (frame === null || connection === null) return
    if (connection.nonsense !== null) this.#tell(line, `is answered by ${connection.nonsense}`)
    if (connection.isClosed) this.#closed++
    const answer = connection.answers[0]
    if (answer !== undefined) this.#reader.read(line, frame, answer)
    // What was cut short would take the next frame for its own end.
    if (answer === undefined || frame.asked === null) connection.destroy()
  }

  async #checkHealth(): Promise<void> {
    const complaint = await checkHealth(this.#target.healthPlace())
    if (complaint !== null)
      this.#reader.violations.push(`the broker does not serve others: ${complaint}`)
    globalThis.gc?.()
    const { rss: resident, heapTotal, external } = process.memoryUsage()
    const rss = isMainThread ? resident : heapTotal + external
    this.#peakRssBytes = Math.max(this.#peakRssBytes, rss)
    if (rss > RSS_MAX_BYTES) this.#reader.violations.push(`the process holds ${rss} bytes`)
  }

  #tell({ frame, ...sender }: Line, what: string): void {
    if (frame !== null) this.#reader.tell(sender, frame, what)
  }
}

function isSettled({ connection, frame }: Line): boolean {
  if (connection === null || frame === null || frame.isOneWay) return true
  return connection.isClosed || connection.answers.length > 0
}
