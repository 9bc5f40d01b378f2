// The broker under the fuzzer: the whole of it, alone, on virtual time with disk and network in memory; and the
// connections to it. One world is one round.
import { handlersFor, type ListenerKind } from '../../broker/api/handlers.ts'
import { BrokerServer } from '../../broker/broker-server.ts'
import { loadBrokerConfig } from '../../broker/config.ts'
import { Registry } from '../../broker/metrics/registry.ts'
import { FrameReader } from '../../broker/network/framing.ts'
import type { Socket } from '../../broker/runtime/runtime.ts'
import { createWorld, type World } from '../support/memory-runtime.ts'
import type { HealthPlace } from './health.ts'
import { fuzzedBroker } from './properties.ts'

const HOST = 'b1'
export const BROKER_PORT = 9092
export const CONTROLLER_PORT = 9192
const CONNECT_TIMEOUT_MS = 5000
/** Of virtual time. */
const STOP_TIMEOUT_MS = 60_000
const MAX_ANSWER_BYTES = 64 * 1024 * 1024

const properties = fuzzedBroker({
  host: HOST,
  port: BROKER_PORT,
  controllerPort: CONTROLLER_PORT,
  logDirectory: '/data',
})

export class Target {
  readonly world: World
  /** What must never happen, as it happened. */
  readonly crashes: string[] = []
  #server: BrokerServer | null = null

  private constructor(seed: string) {
    this.world = createWorld({
      seed,
      onLog: (line) => {
        // What no handler foresaw is answered as UNKNOWN_SERVER_ERROR, and logged: a bug all the same.
        if (line.level !== 'error') return
        this.crashes.push(`${line.message} ${String(line.fields.error ?? '')}`)
      },
    })
  }

  static async start(seed: string): Promise<Target> {
    const target = new Target(seed)
    const runtime = target.world.host(HOST)
    const { config } = loadBrokerConfig('server.properties', properties, HOST)
    const opening = BrokerServer.open({
      runtime,
      config,
      metrics: new Registry(runtime),
      onFatal: (error) => target.crashes.push(`the broker ends: ${error.stack}`),
    })
    target.#server = await target.world.run(opening)
    await target.world.run(target.#server.serve())
    return target
  }

  /** In order, whatever is under way; rejects when that takes longer than it may. */
  async stop(): Promise<void> {
    await this.world.run(this.#server?.shutdown() ?? Promise.resolve(), STOP_TIMEOUT_MS)
  }

  serves(kind: ListenerKind, apiKey: number): boolean {
    return handlersFor(kind).some(({ api }) => api.key === apiKey)
  }

  healthPlace(): HealthPlace {
    return {
      endpoint: { host: HOST, port: BROKER_PORT },
      runtime: this.world.host('health'),
      run: (work, limitMs) => this.world.run(work, limitMs),
    }
  }

  /** Settles in virtual time: only while the world runs. */
  async connect(port: number): Promise<FuzzConnection> {
    const { network } = this.world.host('client')
    const connecting = network.connect({ host: HOST, port }, CONNECT_TIMEOUT_MS)
    return new FuzzConnection(await this.world.run(connecting))
  }
}

/** Sends frames and keeps what comes back, in order. */
export class FuzzConnection {
  readonly answers: Buffer[] = []
  isClosed = false
  /** What the broker sent that is no frame. */
  nonsense: string | null = null
  /** Told when an answer came, or the connection ended. */
  onNews: (() => void) | null = null
  readonly #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
    const frames = new FrameReader(MAX_ANSWER_BYTES, (frame) => {
      this.answers.push(Buffer.from(frame))
      this.onNews?.()
    })
    socket.onClose(() => {
      this.isClosed = true
      this.onNews?.()
    })
    socket.onDrain(() => undefined)
    socket.onData((chunk) => {
      try {
        frames.push(chunk)
      } catch (error) {
        this.nonsense = String(error)
      }
    })
  }

  send(bytes: Buffer): void {
    this.#socket.write([bytes])
  }

  destroy(): void {
    this.isClosed = true
    this.#socket.destroy()
  }
}
