import { createServer, type Server, type Socket } from 'node:net'
import { type Api, decodeRequest, type Encodable, isFlexible } from '../../protocol/api.ts'
import { readRequestHeader, readRequestHeaderStart, responseFrame } from '../../protocol/frames.ts'
import { ApiVersions } from '../../protocol/schemas/18-api-versions.ts'

/** `null` leaves the request without an answer. */
type Answer<S> = Encodable<S> | null | Promise<Encodable<S> | null>

interface Handler {
  readonly api: Api<unknown, unknown>
  readonly answer: (request: unknown, version: number) => unknown
}

/** A socket that speaks the protocol and answers what a test tells it to. */
export class FakeBroker {
  readonly #server: Server
  readonly #handlers = new Map<number, Handler>()
  readonly #sockets = new Set<Socket>()
  /** Names of the requests that came, in order, ApiVersions left out. */
  readonly requests: string[] = []
  connections = 0

  private constructor(server: Server) {
    this.#server = server
    server.on('connection', (socket) => this.#serve(socket))
  }

  static async start(port = 0): Promise<FakeBroker> {
    const server = createServer()
    const broker = new FakeBroker(server)
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    return broker
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  on<Q, S>(api: Api<Q, S>, answer: (request: Q, version: number) => Answer<S>): this {
    // Safe because a request is decoded by the same api before its handler sees it.
    this.#handlers.set(api.key, { api, answer } as unknown as Handler)
    return this
  }

  dropConnections(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async close(): Promise<void> {
    this.dropConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #serve(socket: Socket): void {
    this.connections++
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    let buffered = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      buffered = Buffer.concat([buffered, chunk])
      while (buffered.length >= 4 && buffered.length >= 4 + buffered.readInt32BE(0)) {
        const size = buffered.readInt32BE(0)
        const frame = buffered.subarray(4, 4 + size)
        buffered = buffered.subarray(4 + size)
        void this.#answer(socket, frame)
      }
    })
  }

  async #answer(socket: Socket, frame: Buffer): Promise<void> {
    const { apiKey, apiVersion: version, correlationId } = readRequestHeaderStart(frame)
    if (apiKey === ApiVersions.key) {
      const apis = [...this.#handlers.values()].map(({ api }) => ({
        apiKey: api.key,
        minVersion: api.minVersion,
        maxVersion: api.maxVersion,
      }))
      this.#write(socket, responseFrame(ApiVersions, { version, correlationId }, { apiKeys: apis }))
      return
    }
    const handler = this.#handlers.get(apiKey)
    if (handler === undefined) {
      socket.destroy()
      return
    }
    this.requests.push(handler.api.name)
    const { bodyOffset } = readRequestHeader(frame, isFlexible(handler.api, version))
    const request = decodeRequest(handler.api, version, frame.subarray(bodyOffset))
    const body = await handler.answer(request, version)
    if (body === null) return
    const header = { version, correlationId }
    // Safe because `on` took the answer's type from the same api.
    this.#write(socket, responseFrame(handler.api, header, body as Encodable<unknown>))
  }

  #write(socket: Socket, frame: readonly Buffer[]): void {
    if (!socket.destroyed) socket.write(Buffer.concat(frame))
  }
}
