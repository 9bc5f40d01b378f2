// One round of the fuzzer, wholly given by its seed: frames at a broker of its own, many connections at once. What
// is well formed must be answered, in its version's schema, or refused by an end of the connection; nothing may
// crash the broker, keep it from serving others, or make it hold more and more.
import { type AnyApi, decodeResponse } from '../../protocol/api.ts'
import { ErrorCode, errorName } from '../../protocol/errors.ts'
import { readResponseHeader } from '../../protocol/frames.ts'
import { SeededRandom } from '../support/memory-runtime.ts'
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
/** Of the whole process, the simulated disk and all clients included. */
const RSS_MAX_BYTES = 1_200_000_000
const HEX_MAX = 2000

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
  readonly #answers: Record<string, number> = {}
  readonly #violations: string[] = []
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
    for (let batch = 0; sent < frames && this.#violations.length === 0; batch++) {
      sent += this.#lines.length
      try {
        await this.#batch()
        if (batch % BATCHES_PER_HEALTH_CHECK === 0) await this.#checkHealth()
      } catch (error) {
        this.#violations.push(error instanceof Error ? (error.stack ?? error.message) : `${error}`)
      }
    }
    return {
      seed: this.#seed,
      frames: sent,
      answers: this.#answers,
      closed: this.#closed,
      violations: this.#violations,
      peakRssBytes: this.#peakRssBytes,
    }
  }

  async #batch(): Promise<void> {
    const { world } = this.#target
    for (const line of this.#lines) {
      if (line.connection === null || line.connection.isClosed) {
        line.connection = await this.#target.connect(line.port)
      }
      line.connection.answers.length = 0
      line.frame = line.source.next()
    }
    for (const line of this.#lines) line.connection?.send(line.frame?.bytes ?? Buffer.alloc(0))
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
      this.#violations.push(crash)
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
    if (answer !== undefined && frame.asked !== null) this.#read(line, frame.asked, answer)
    // What was cut short would take the next frame for its own end.
    if (answer === undefined || frame.asked === null) connection.destroy()
  }

  #read(line: Line, asked: NonNullable<Frame['asked']>, answer: Buffer): void {
    const { api, version, correlationId } = asked
    try {
      const header = readResponseHeader(api, version, answer)
      if (header.correlationId !== correlationId) {
        this.#tell(line, `is answered as number ${header.correlationId}`)
      }
      const response = decodeResponse(api, version, answer.subarray(header.bodyOffset))
      line.source.values.learned.take(response)
      this.#count(api, response)
    } catch (error) {
      this.#tell(line, `is answered by what is no answer: ${error} ${answer.toString('hex')}`)
    }
  }

  #count(api: AnyApi, response: unknown): void {
    const code = firstErrorCode(response) ?? ErrorCode.NONE
    const key = `${api.name} ${errorName(code)}`
    this.#answers[key] = (this.#answers[key] ?? 0) + 1
    if (code === ErrorCode.UNKNOWN_SERVER_ERROR) this.#violations.push(`${key}`)
  }

  async #checkHealth(): Promise<void> {
    const complaint = await checkHealth(this.#target)
    if (complaint !== null) this.#violations.push(`the broker does not serve others: ${complaint}`)
    globalThis.gc?.()
    const { rss } = process.memoryUsage()
    this.#peakRssBytes = Math.max(this.#peakRssBytes, rss)
    if (rss > RSS_MAX_BYTES) this.#violations.push(`the process holds ${rss} bytes`)
  }

  #tell(line: Line, what: string): void {
    const { frame, port } = line
    if (frame === null) return
    const asked = frame.asked === null ? 'a broken frame' : frame.asked.api.name
    const hex = frame.bytes.toString('hex').slice(0, HEX_MAX)
    const version = frame.asked === null ? '' : ` v${frame.asked.version}`
    this.#violations.push(`${asked}${version} to port ${port} ${what}: ${hex}`)
  }
}

function isSettled({ connection, frame }: Line): boolean {
  if (connection === null || frame === null || frame.isOneWay) return true
  return connection.isClosed || connection.answers.length > 0
}

/** The first one anywhere that is not NONE. */
function firstErrorCode(value: unknown): number | null {
  if (Array.isArray(value)) {
    for (const element of value) {
      const code = firstErrorCode(element)
      if (code !== null) return code
    }
    return null
  }
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return null
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'errorCode' && typeof inner === 'number' && inner !== ErrorCode.NONE) return inner
    const code = firstErrorCode(inner)
    if (code !== null) return code
  }
  return null
}
