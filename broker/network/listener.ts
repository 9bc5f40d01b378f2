// Accepts connections on one endpoint and owns them: their number, their idle time, their end.
// Opened by main.ts, one for each listener of server.properties. Keeps nothing across a crash.
import { ChannelMetrics } from '../metrics/channel-metrics.ts'
import { Sensor } from '../metrics/sensor.ts'
import type {
  Endpoint,
  Runtime,
  Listener as RuntimeListener,
  Socket,
  TimerHandle,
} from '../runtime/runtime.ts'
import { Connection, type ConnectionSettings, defaultConnectionSettings } from './connection.ts'
import { ConnectionLimits } from './connection-limits.ts'
import type { Dispatch } from './types.ts'

export interface ListenerSettings extends ConnectionSettings {
  /** max.connections: one more is closed at once. */
  maxConnections: number
  /** connections.max.idle.ms; -1 never. */
  connectionsMaxIdleMs: number
}

export const defaultListenerSettings: ListenerSettings = {
  ...defaultConnectionSettings,
  maxConnections: 2_147_483_647,
  connectionsMaxIdleMs: 600_000,
}

export interface ListenerOptions {
  /** Its name in listeners, e.g. PLAINTEXT or CONTROLLER. */
  name: string
  /** Where to listen; port 0 takes a free one. */
  endpoint: Endpoint
  runtime: Runtime
  settings: ListenerSettings
  /** Shared with other listeners; one of its own, of max.connections, unless given. */
  limits?: ConnectionLimits
  dispatch: Dispatch
  /** Which API keys this listener serves; a request of another one closes its connection. */
  serves: (apiKey: number) => boolean
}

/** What a closing listener gives replies in flight before it drops their connections. */
const CLOSE_GRACE_MS = 500
/** As many connections wait for their turn at most; one more is closed. */
const MAX_HELD = 1024
/** A full listener says so at most this often. */
const FULL_LOG_INTERVAL_MS = 10_000

export class SocketListener {
  readonly #options: ListenerOptions
  readonly #connections = new Set<Connection>()
  /** Accepted, and not served yet. */
  readonly #held = new Set<Socket>()
  readonly #limits: ConnectionLimits
  #listener: RuntimeListener | null = null
  /** What goes over all of its connections. */
  readonly traffic: ChannelMetrics
  /** Of connections that came faster than they are taken. */
  readonly #heldMs: Sensor
  #nextId = 1
  #expiredCount = 0
  #idleTimer: TimerHandle | null = null
  #isClosed = false
  #lastFullLogMs = Number.NEGATIVE_INFINITY
  #whenEmpty: (() => void) | null = null

  private constructor(options: ListenerOptions) {
    this.#options = options
    this.traffic = new ChannelMetrics(options.runtime.clock)
    this.#heldMs = new Sensor(options.runtime.clock)
    this.#limits = options.limits ?? new ConnectionLimits({ max: options.settings.maxConnections })
  }

  /** Rejects as `Network.listen` does (EADDRINUSE …). */
  static async open(options: ListenerOptions): Promise<SocketListener> {
    const listener = new SocketListener(options)
    listener.#listener = await options.runtime.network.listen(options.endpoint, (socket) =>
      listener.#accept(socket),
    )
    listener.#armIdleTimer()
    return listener
  }

  get name(): string {
    return this.#options.name
  }

  /** With the port that was really taken. */
  get endpoint(): Endpoint {
    return this.#listener?.endpoint ?? this.#options.endpoint
  }

  get connectionCount(): number {
    return this.#connections.size
  }

  /** Connections closed because nothing came over them for connections.max.idle.ms. */
  get expiredCount(): number {
    return this.#expiredCount
  }

  /** Milliseconds, of those held back lately; NaN where none was. */
  get averageHeldMs(): number {
    return this.#heldMs.average()
  }

  get connections(): ReadonlySet<Connection> {
    return this.#connections
  }

  /** Stops accepting, lets replies that are ready leave, then drops what is left. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    const { timers } = this.#options.runtime
    timers.clear(this.#idleTimer)
    const closing = this.#listener?.close()
    for (const socket of [...this.#held]) socket.destroy()
    for (const connection of [...this.#connections]) connection.end()
    if (this.#connections.size > 0) {
      const empty = new Promise<void>((resolve) => {
        this.#whenEmpty = resolve
      })
      const timer = timers.set(CLOSE_GRACE_MS, () => {
        for (const connection of [...this.#connections]) connection.destroy()
      })
      await empty
      timers.clear(timer)
    }
    await closing
  }

  #accept(socket: Socket): void {
    const { runtime, name } = this.#options
    if (this.#isClosed) {
      socket.destroy()
      return
    }
    const refusal = this.#limits.take(socket.remote.host)
    if (refusal !== null) {
      this.#logFull(refusal.bound, refusal.max)
      socket.onClose(() => undefined)
      socket.destroy()
      return
    }
    const delayMs = this.#limits.rate.delayMs(name, runtime.clock.monotonicMs())
    if (delayMs > 0) this.#hold(socket, delayMs)
    else this.#serve(socket)
  }

  /** It came faster than max.connection.creation.rate allows: nothing is read until its turn. */
  #hold(socket: Socket, delayMs: number): void {
    this.#heldMs.record(delayMs)
    const { timers } = this.#options.runtime
    const forget = (): void => {
      timers.clear(timer)
      this.#held.delete(socket)
    }
    const timer = timers.set(delayMs, () => {
      forget()
      this.#serve(socket)
    })
    this.#held.add(socket)
    socket.onClose(() => {
      forget()
      this.#limits.release(socket.remote.host)
    })
    if (this.#held.size > MAX_HELD) socket.destroy()
  }

  #serve(socket: Socket): void {
    const { runtime, settings } = this.#options
    const { traffic } = this
    const connection = new Connection({
      id: this.#nextId,
      listenerName: this.#options.name,
      socket,
      runtime,
      settings,
      dispatch: this.#options.dispatch,
      serves: this.#options.serves,
      traffic,
      onClose: (closed) => {
        traffic.closed()
        this.#limits.release(socket.remote.host)
        this.#forget(closed)
      },
    })
    this.#nextId += 1
    this.#connections.add(connection)
    traffic.opened()
  }

  #forget(connection: Connection): void {
    this.#connections.delete(connection)
    if (this.#connections.size === 0) this.#whenEmpty?.()
  }

  #logFull(bound: string, max: number): void {
    const { runtime, name } = this.#options
    const nowMs = runtime.clock.monotonicMs()
    if (nowMs - this.#lastFullLogMs < FULL_LOG_INTERVAL_MS) return
    this.#lastFullLogMs = nowMs
    runtime.logger.log('warn', 'Refusing connections: the listener is full', {
      listener: name,
      [bound]: max,
    })
  }

  #armIdleTimer(): void {
    const { runtime, settings } = this.#options
    const { connectionsMaxIdleMs } = settings
    if (connectionsMaxIdleMs < 0) return
    const intervalMs = Math.max(100, Math.min(30_000, connectionsMaxIdleMs / 4))
    this.#idleTimer = runtime.timers.set(intervalMs, () => {
      const nowMs = runtime.clock.monotonicMs()
      for (const connection of [...this.#connections]) {
        if (connection.idleMs(nowMs) <= connectionsMaxIdleMs) continue
        this.#expiredCount += 1
        connection.destroy()
      }
      this.#armIdleTimer()
    })
  }
}
