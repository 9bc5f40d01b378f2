// A network in memory between the hosts of one world: seeded latency, order kept in each direction,
// partitions that hold bytes back until they heal, refused ports, connections that die with their host.
import type { Endpoint, Listener, Network, Socket } from '../../broker/runtime/runtime.ts'
import type { SeededRandom } from './memory-scheduler.ts'

/** What an end may have under way before `bufferedBytes` counts it. */
const KERNEL_BUFFER_BYTES = 256 * 1024
const CHUNK_BYTES = 64 * 1024

/** One process on a host, from its start to its end. */
export interface Incarnation {
  readonly hostName: string
  isAlive: boolean
  /** Runs after `delayMs` unless the incarnation has ended; waits while its host is paused. */
  schedule(delayMs: number, run: () => void): void
}

interface ListenerEntry {
  owner: Incarnation
  onConnection: (socket: Socket) => void
}

function failure(code: string, message: string): NodeJS.ErrnoException {
  return Object.assign(new Error(message), { code })
}

class MemorySocket implements Socket {
  readonly remote: Endpoint
  readonly local: Endpoint
  readonly owner: Incarnation
  peer: MemorySocket | null = null
  isClosed = false
  readonly #fabric: MemoryFabric
  /** Bytes written and not yet given to the peer's callback. */
  #inFlightBytes = 0
  #lastArrivalMs = 0
  /** Arrived while paused, blocked by a partition, or before a callback was set. */
  readonly #inbox: (Buffer | 'end')[] = []
  readonly #held: { chunk: Buffer | 'end' | 'reset'; delayMs: number }[] = []
  #isPaused = false
  #hasEnded = false
  #dataCallback: ((chunk: Buffer) => void) | null = null
  #closeCallback: ((error: NodeJS.ErrnoException | null) => void) | null = null
  #drainCallback: (() => void) | null = null

  constructor(
    fabric: MemoryFabric,
    owner: Incarnation,
    ends: { local: Endpoint; remote: Endpoint },
  ) {
    this.#fabric = fabric
    this.owner = owner
    this.local = ends.local
    this.remote = ends.remote
  }

  get bufferedBytes(): number {
    return Math.max(0, this.#inFlightBytes - KERNEL_BUFFER_BYTES)
  }

  write(buffers: readonly Uint8Array[], whenSent?: () => void): void {
    if (this.isClosed || this.#hasEnded || !this.owner.isAlive) return
    const bytes = Buffer.concat(buffers)
    this.#inFlightBytes += bytes.length
    for (let at = 0; at < bytes.length; ) {
      const size = this.#fabric.chunkBytes(Math.min(CHUNK_BYTES, bytes.length - at))
      this.#send(bytes.subarray(at, at + size))
      at += size
    }
    // Copied above: the kernel has it.
    if (whenSent !== undefined) this.owner.schedule(0, whenSent)
  }

  #send(chunk: Buffer | 'end' | 'reset'): void {
    if (this.#held.length > 0 || this.#fabric.isBlocked(this.local.host, this.remote.host)) {
      this.#held.push({ chunk, delayMs: this.#fabric.latencyMs(this.local.host, this.remote.host) })
      return
    }
    this.#transmit(chunk, this.#fabric.latencyMs(this.local.host, this.remote.host))
  }

  /** A partition healed: what TCP kept is sent again, in order. */
  release(): void {
    if (this.#fabric.isBlocked(this.local.host, this.remote.host)) return
    for (const { chunk, delayMs } of this.#held.splice(0)) this.#transmit(chunk, delayMs)
  }

  #transmit(chunk: Buffer | 'end' | 'reset', delayMs: number): void {
    const arrivalMs = Math.max(this.#fabric.nowMs() + delayMs, this.#lastArrivalMs)
    this.#lastArrivalMs = arrivalMs
    this.#fabric.after(arrivalMs - this.#fabric.nowMs(), () => {
      const peer = this.peer
      if (peer === null) return
      if (!peer.owner.isAlive) {
        // The process is gone and its machine answers with a reset; a machine that is off does not.
        if (chunk !== 'reset' && this.#fabric.isPoweredOn(peer.local.host)) {
          this.owner.schedule(delayMs, () => this.close(failure('ECONNRESET', 'reset by peer')))
        }
        return
      }
      peer.owner.schedule(0, () => peer.receive(chunk))
    })
  }

  receive(chunk: Buffer | 'end' | 'reset'): void {
    if (this.isClosed) return
    if (chunk === 'reset') {
      this.close(failure('ECONNRESET', 'reset by peer'))
      return
    }
    this.#inbox.push(chunk)
    this.#deliver()
  }

  #deliver(): void {
    while (!this.#isPaused && !this.isClosed && this.#dataCallback !== null) {
      const chunk = this.#inbox.shift()
      if (chunk === undefined) return
      if (chunk === 'end') {
        this.#finish()
        return
      }
      this.peer?.taken(chunk.length)
      this.#dataCallback(chunk)
    }
  }

  taken(bytes: number): void {
    const before = this.bufferedBytes
    this.#inFlightBytes -= bytes
    if (before > 0 && this.bufferedBytes === 0 && !this.isClosed) {
      this.owner.schedule(0, () => this.#drainCallback?.())
    }
  }

  /** The peer has ended in order: this side ends too once its own bytes are out. */
  #finish(): void {
    if (!this.#hasEnded) {
      this.#hasEnded = true
      this.#send('end')
    }
    this.close(null)
  }

  close(error: NodeJS.ErrnoException | null): void {
    if (this.isClosed) return
    this.isClosed = true
    this.#fabric.sockets.delete(this)
    this.owner.schedule(0, () => this.#closeCallback?.(error))
  }

  onData(callback: (chunk: Buffer) => void): void {
    this.#dataCallback = callback
    this.owner.schedule(0, () => this.#deliver())
  }

  onClose(callback: (error: NodeJS.ErrnoException | null) => void): void {
    this.#closeCallback = callback
  }

  onDrain(callback: () => void): void {
    this.#drainCallback = callback
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.owner.schedule(0, () => this.#deliver())
  }

  end(): void {
    if (this.isClosed || this.#hasEnded) return
    this.#hasEnded = true
    this.#send('end')
  }

  destroy(): void {
    if (this.isClosed) return
    this.#send('reset')
    this.close(null)
  }

  /** Its process died: the peer hears of it, unless the whole machine went dark. */
  abandon(isSilent: boolean): void {
    this.isClosed = true
    this.#fabric.sockets.delete(this)
    if (!isSilent) this.#send('reset')
  }
}

export interface FabricHooks {
  nowMs: () => number
  /** An event that belongs to no host. */
  after: (delayMs: number, run: () => void) => void
  isPoweredOn: (hostName: string) => boolean
  hostExists: (hostName: string) => boolean
  isPaused: (hostName: string) => boolean
  latencyMs: () => number
}

/** All wires of a world. */
export class MemoryFabric {
  readonly sockets = new Set<MemorySocket>()
  readonly #listeners = new Map<string, ListenerEntry>()
  readonly #blocked = new Set<string>()
  readonly #hooks: FabricHooks
  readonly #random: SeededRandom
  #nextPort = 40_000

  constructor(hooks: FabricHooks, random: SeededRandom) {
    this.#hooks = hooks
    this.#random = random
  }

  nowMs(): number {
    return this.#hooks.nowMs()
  }

  after(delayMs: number, run: () => void): void {
    this.#hooks.after(delayMs, run)
  }

  isPoweredOn(hostName: string): boolean {
    return this.#hooks.isPoweredOn(hostName)
  }

  latencyMs(from: string, to: string): number {
    return from === to ? this.#hooks.latencyMs() / 10 : this.#hooks.latencyMs()
  }

  /** Mostly whole chunks, now and then a cut one, so that framing meets every boundary. */
  chunkBytes(limit: number): number {
    return this.#random.next() < 0.05 ? 1 + this.#random.int(limit) : limit
  }

  isBlocked(from: string, to: string): boolean {
    return this.#blocked.has(`${from}>${to}`)
  }

  block(from: string, to: string): void {
    this.#blocked.add(`${from}>${to}`)
  }

  unblock(from: string, to: string): void {
    if (!this.#blocked.delete(`${from}>${to}`)) return
    for (const socket of [...this.sockets]) socket.release()
  }

  unblockAll(): void {
    this.#blocked.clear()
    for (const socket of [...this.sockets]) socket.release()
  }

  dropIncarnation(owner: Incarnation, isSilent: boolean): void {
    for (const socket of [...this.sockets]) if (socket.owner === owner) socket.abandon(isSilent)
    for (const [key, entry] of this.#listeners)
      if (entry.owner === owner) this.#listeners.delete(key)
  }

  networkFor(owner: Incarnation): Network {
    return {
      listen: (endpoint, onConnection) => this.#listen(owner, endpoint, onConnection),
      connect: (endpoint, timeoutMs) => this.#connect(owner, endpoint, timeoutMs),
    }
  }

  async #listen(
    owner: Incarnation,
    endpoint: Endpoint,
    onConnection: (socket: Socket) => void,
  ): Promise<Listener> {
    const port = endpoint.port === 0 ? this.#nextPort++ : endpoint.port
    const key = `${owner.hostName}:${port}`
    if (this.#listeners.has(key)) throw failure('EADDRINUSE', `port ${port} is taken`)
    const entry = { owner, onConnection }
    this.#listeners.set(key, entry)
    return {
      endpoint: { host: endpoint.host, port },
      close: async () => {
        if (this.#listeners.get(key) === entry) this.#listeners.delete(key)
      },
    }
  }

  /** Loopback names mean the caller's own host. */
  #target(owner: Incarnation, endpoint: Endpoint): string {
    return this.#hooks.hostExists(endpoint.host) ? endpoint.host : owner.hostName
  }

  #connect(owner: Incarnation, endpoint: Endpoint, timeoutMs: number): Promise<Socket> {
    const to = this.#target(owner, endpoint)
    const from = owner.hostName
    const local = { host: from, port: this.#nextPort++ }
    return new Promise((resolve, reject) => {
      let isSettled = false
      const once = (run: () => void) => {
        if (isSettled) return
        isSettled = true
        run()
      }
      owner.schedule(timeoutMs, () =>
        once(() => reject(failure('ETIMEDOUT', `connect to ${to}:${endpoint.port} timed out`))),
      )
      if (this.isBlocked(from, to)) return
      const delayMs = this.latencyMs(from, to)
      this.after(delayMs, () => {
        if (!this.isPoweredOn(to) || this.isBlocked(to, from) || isSettled) return
        const entry = this.#listeners.get(`${to}:${endpoint.port}`)
        const refused = failure('ECONNREFUSED', `${to}:${endpoint.port} refused`)
        owner.schedule(delayMs, () =>
          once(() => {
            if (entry === undefined || !entry.owner.isAlive) reject(refused)
            else
              resolve(
                this.#join(owner, entry, { local, remote: { host: to, port: endpoint.port } }),
              )
          }),
        )
      })
    })
  }

  #join(
    owner: Incarnation,
    entry: ListenerEntry,
    ends: { local: Endpoint; remote: Endpoint },
  ): MemorySocket {
    const near = new MemorySocket(this, owner, ends)
    const far = new MemorySocket(this, entry.owner, { local: ends.remote, remote: ends.local })
    near.peer = far
    far.peer = near
    this.sockets.add(near)
    this.sockets.add(far)
    // A paused process does not accept, but its kernel does: the bytes wait for it.
    entry.owner.schedule(0, () => entry.onConnection(far))
    return near
  }
}
