// The fuzzer over real sockets at a real process: as in round.ts, frames of a seed over many connections, in real time.
// It must stay alive, answer what is well formed, serve others, hold no more than its bound, and stop in order.
// A worker of `npm run fuzz` (arguments: seed, frames); prints one JSON line.
import { handlersFor, type ListenerKind } from '../../broker/api/handlers.ts'
import { createNodeRuntime } from '../../broker/runtime/node-runtime.ts'
import { SeededRandom } from '../support/memory-runtime.ts'
import { AnswerReader } from './answers.ts'
import { BrokerProcess } from './broker-process.ts'
import { type Frame, FrameSource } from './frames.ts'
import { checkHealth } from './health.ts'
import type { RoundResult } from './round.ts'
import { FuzzConnection } from './target.ts'

const CONNECTIONS = 32
const CONTROLLER_CONNECTIONS = 4
const CONNECT_TIMEOUT_MS = 60_000
/** Beyond what any well-formed request of the fuzzer may ask to wait. */
const HANG_MS = 120_000
/** What is no request may leave a broker waiting for the rest of it. */
const BROKEN_WAIT_MS = 100
const FRAMES_PER_HEALTH_CHECK = 2000
const RSS_MAX_BYTES = 800_000_000

const serves = (kind: ListenerKind) => (apiKey: number) =>
  handlersFor(kind).some(({ api }) => api.key === apiKey)

class SocketRound {
  readonly #seed: number
  readonly #broker: BrokerProcess
  readonly #runtime = createNodeRuntime({ logLevel: 'error' })
  readonly #reader = new AnswerReader()
  readonly #frames: number
  #sent = 0
  #closed = 0
  #peakRssBytes = 0
  #nextCheck = 0

  constructor(seed: number, frames: number, broker: BrokerProcess) {
    this.#seed = seed
    this.#frames = frames
    this.#broker = broker
  }

  async run(): Promise<RoundResult> {
    await Promise.all(Array.from({ length: CONNECTIONS }, (_, index) => this.#send(index)))
    await this.#check()
    const { violations, counts: answers } = this.#reader
    violations.push(...(await this.#broker.errors()))
    const complaint = await this.#broker.stop()
    if (complaint !== null) violations.push(`the broker did not stop in order: ${complaint}`)
    return {
      seed: this.#seed,
      frames: this.#sent,
      answers,
      closed: this.#closed,
      violations,
      peakRssBytes: this.#peakRssBytes,
    }
  }

  get #isOver(): boolean {
    return this.#sent >= this.#frames || this.#reader.violations.length > 0
  }

  /** One connection after another, one frame at a time. */
  async #send(index: number): Promise<void> {
    const isController = index < CONTROLLER_CONNECTIONS
    const port = isController ? this.#broker.controllerPort : this.#broker.port
    const random = new SeededRandom(`${this.#seed}/sockets/${index}`)
    const source = new FrameSource(random, serves(isController ? 'controller' : 'broker'))
    const sender = { port, source }
    let connection: FuzzConnection | null = null
    while (!this.#isOver) {
      const frame = source.next()
      this.#sent++
      try {
        if (connection === null || connection.isClosed) connection = await this.#connect(port)
        connection.answers.length = 0
        connection.send(frame.bytes)
        const limitMs = frame.asked === null ? BROKEN_WAIT_MS : HANG_MS
        const isSettled = frame.isOneWay || (await settled(connection, limitMs))
        if (!isSettled && frame.asked !== null) this.#reader.tell(sender, frame, 'is not answered')
      } catch (error) {
        this.#reader.tell(sender, frame, `finds no broker: ${error}`)
        return
      }
      this.#take(sender, frame, connection)
      if (this.#sent >= this.#nextCheck) await this.#check()
    }
    connection?.destroy()
  }

  #take(sender: { port: number; source: FrameSource }, frame: Frame, from: FuzzConnection): void {
    const [answer] = from.answers
    if (from.nonsense !== null) {
      this.#reader.tell(sender, frame, `is answered by ${from.nonsense}`)
    }
    if (from.isClosed) this.#closed++
    if (answer !== undefined) this.#reader.read(sender, frame, answer)
    // What was cut short would take the next frame for its own end.
    if (answer === undefined || frame.asked === null) from.destroy()
  }

  async #connect(port: number): Promise<FuzzConnection> {
    const endpoint = { host: '127.0.0.1', port }
    return new FuzzConnection(await this.#runtime.network.connect(endpoint, CONNECT_TIMEOUT_MS))
  }

  async #check(): Promise<void> {
    this.#nextCheck = this.#sent + FRAMES_PER_HEALTH_CHECK
    const { violations } = this.#reader
    if (this.#broker.hasEnded) {
      violations.push('the broker has ended')
      return
    }
    const endpoint = { host: '127.0.0.1', port: this.#broker.port }
    try {
      const place = { endpoint, runtime: this.#runtime, run: <T>(work: Promise<T>) => work }
      const complaint = await checkHealth(place)
      if (complaint !== null) violations.push(`the broker does not serve others: ${complaint}`)
    } catch (error) {
      violations.push(`the broker does not answer others: ${error}`)
    }
    const rssBytes = await this.#broker.rssBytes()
    this.#peakRssBytes = Math.max(this.#peakRssBytes, rssBytes)
    if (rssBytes > RSS_MAX_BYTES) violations.push(`the broker holds ${rssBytes} bytes`)
  }
}

/** False when neither an answer nor the end of the connection came in time. */
function settled(connection: FuzzConnection, limitMs: number): Promise<boolean> {
  const isThere = () => connection.isClosed || connection.answers.length > 0
  if (isThere()) return Promise.resolve(true)
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer)
      connection.onNews = null
      resolve(isThere())
    }
    const timer = setTimeout(finish, limitMs)
    connection.onNews = finish
  })
}

const [seed = 1, frames = 1000] = process.argv.slice(2).map(Number)
const broker = await BrokerProcess.start()
const result = await new SocketRound(seed, frames, broker).run()
process.stdout.write(`${JSON.stringify(result)}\n`)
if (result.violations.length === 0) await broker.removeFiles()
process.exit(0)
