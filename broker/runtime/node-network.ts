// The real network of a broker process: TCP sockets and listeners behind Runtime.network.
// Writes of one turn leave together (one writev); errors keep their system code (ECONNREFUSED …).
import net from 'node:net'
import type { Endpoint, Listener, Logger, Network, Socket } from './runtime.ts'

const LISTEN_BACKLOG = 1024

/** What is sent in one turn and is no longer than this goes out as one buffer: cheaper than a vector of small ones. */
const JOINED_BYTES_MAX = 16 * 1024

class NodeSocket implements Socket {
  readonly remote: Endpoint
  readonly local: Endpoint
  readonly #socket: net.Socket
  #error: NodeJS.ErrnoException | null = null
  #isClosed = false
  /** Written in this turn. */
  #pending: Uint8Array[] = []
  #pendingBytes = 0
  #whenSent: (() => void)[] = []
  #isFlushScheduled = false
  #closeCallback: ((error: NodeJS.ErrnoException | null) => void) | null = null
  #drainCallback: (() => void) | null = null
  readonly #flush: () => void

  constructor(socket: net.Socket) {
    this.#socket = socket
    this.remote = { host: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 }
    this.local = { host: socket.localAddress ?? '', port: socket.localPort ?? 0 }
    this.#flush = () => this.#flushPending()
    socket.on('error', (error) => {
      this.#error ??= error
    })
    socket.on('close', () => {
      this.#isClosed = true
      this.#closeCallback?.(this.#error)
    })
  }

  write(buffers: readonly Uint8Array[], whenSent?: () => void): void {
    const socket = this.#socket
    if (this.#isClosed || socket.writableEnded || socket.destroyed) return
    for (const buffer of buffers) {
      if (buffer.length === 0) continue
      this.#pending.push(buffer)
      this.#pendingBytes += buffer.length
    }
    if (whenSent !== undefined) this.#whenSent.push(whenSent)
    if (this.#isFlushScheduled) return
    this.#isFlushScheduled = true
    process.nextTick(this.#flush)
  }

  #flushPending(): void {
    this.#isFlushScheduled = false
    const buffers = this.#pending
    const [first] = buffers
    const socket = this.#socket
    if (first === undefined || socket.writableEnded || socket.destroyed) return
    const sizeBytes = this.#pendingBytes
    const whenSent = this.#whenSent
    this.#pending = []
    this.#pendingBytes = 0
    this.#whenSent = []
    const written = (error?: Error | null) => {
      // A failed write is followed by the end of the connection.
      if (!error) for (const sent of whenSent) sent()
      if (!this.#isClosed && this.bufferedBytes === 0) this.#drainCallback?.()
    }
    if (buffers.length === 1) socket.write(first, written)
    else if (sizeBytes <= JOINED_BYTES_MAX) socket.write(Buffer.concat(buffers, sizeBytes), written)
    else {
      socket.cork()
      for (const [index, buffer] of buffers.entries()) {
        if (index === buffers.length - 1) socket.write(buffer, written)
        else socket.write(buffer)
      }
      socket.uncork()
    }
  }

  get bufferedBytes(): number {
    return this.#pendingBytes + this.#socket.writableLength
  }

  onData(callback: (chunk: Buffer) => void): void {
    this.#socket.on('data', callback)
  }

  onClose(callback: (error: NodeJS.ErrnoException | null) => void): void {
    this.#closeCallback = callback
    if (this.#isClosed) process.nextTick(() => callback(this.#error))
  }

  onDrain(callback: () => void): void {
    this.#drainCallback = callback
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  end(): void {
    this.#flushPending()
    this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }
}

function tune(socket: net.Socket): void {
  socket.setNoDelay(true)
  socket.setKeepAlive(true, 60_000)
}

function listen(
  endpoint: Endpoint,
  onConnection: (socket: Socket) => void,
  logger: Logger,
): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const server = net.createServer({ noDelay: true }, (socket) => {
      tune(socket)
      // A connection reset while it waited in the backlog has no address any more.
      if (socket.remoteAddress === undefined) socket.destroy()
      else onConnection(new NodeSocket(socket))
    })
    server.once('error', reject)
    const host = endpoint.host === '' ? '0.0.0.0' : endpoint.host
    server.listen({ host, port: endpoint.port, backlog: LISTEN_BACKLOG }, () => {
      server.off('error', reject)
      server.on('error', (error) => logger.log('error', 'Cannot accept a connection', { error }))
      const bound = server.address()
      const port = typeof bound === 'object' && bound !== null ? bound.port : endpoint.port
      resolve({
        endpoint: { host: endpoint.host, port },
        close: async () => {
          // The port is free at once; accepted connections go on until their owners end them.
          server.close()
        },
      })
    })
  })
}

function connect(endpoint: Endpoint, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: endpoint.host, port: endpoint.port, noDelay: true })
    const timer = setTimeout(() => {
      const name = `${endpoint.host}:${endpoint.port}`
      const error = new Error(`connect to ${name} took longer than ${timeoutMs} ms`)
      fail(Object.assign(error, { code: 'ETIMEDOUT' }))
    }, timeoutMs)
    function fail(error: NodeJS.ErrnoException): void {
      clearTimeout(timer)
      socket.destroy()
      reject(withCode(error))
    }
    socket.once('error', fail)
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.off('error', fail)
      tune(socket)
      resolve(new NodeSocket(socket))
    })
  })
}

/** A host of several addresses fails with an AggregateError; its first cause names the reason. */
function withCode(error: NodeJS.ErrnoException): NodeJS.ErrnoException {
  if (error.code !== undefined || !(error instanceof AggregateError)) return error
  const cause: NodeJS.ErrnoException | undefined = error.errors[0]
  return cause?.code === undefined ? error : Object.assign(error, { code: cause.code })
}

export function createNodeNetwork(logger: Logger): Network {
  return {
    listen: (endpoint, onConnection) => listen(endpoint, onConnection, logger),
    connect,
  }
}
