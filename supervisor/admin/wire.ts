// A client of the cluster for `npm run cluster`: one connection to the first broker that answers, one request at a
// time. The brokers are of this very build, so versions need no negotiation.
import { createConnection, type Socket } from 'node:net'
import { type Api, decodeResponse, type Encodable } from '../../protocol/api.ts'
import { readResponseHeader, requestFrame } from '../../protocol/frames.ts'
import { SupervisorError } from '../layout.ts'

interface Address {
  host: string
  port: number
}

const CLIENT_ID = 'eyrie-cluster'
const CONNECT_TIMEOUT_MS = 3000
/** Longer than a broker waits for the controller. */
const REQUEST_TIMEOUT_MS = 60_000
const MAX_FRAME_BYTES = 64 * 1024 * 1024

export class WireClient {
  readonly #addresses: readonly Address[]
  #socket: Socket | null = null
  #correlationId = 0

  constructor(addresses: readonly Address[]) {
    this.#addresses = addresses
  }

  /** In the highest version. Throws SupervisorError when no broker answers. */
  async send<Request, Response>(
    api: Api<Request, Response>,
    request: Encodable<Request>,
    version = api.maxVersion,
  ): Promise<Response> {
    const socket = await this.#connected()
    this.#correlationId += 1
    const correlationId = this.#correlationId
    const frames = requestFrame(api, { version, correlationId, clientId: CLIENT_ID }, request)
    try {
      const frame = await exchange(socket, Buffer.concat(frames))
      const header = readResponseHeader(api, version, frame)
      if (header.correlationId !== correlationId) {
        throw new SupervisorError('a broker answered another question')
      }
      return decodeResponse(api, version, frame.subarray(header.bodyOffset))
    } catch (error) {
      this.close()
      throw error
    }
  }

  close(): void {
    this.#socket?.destroy()
    this.#socket = null
  }

  async #connected(): Promise<Socket> {
    if (this.#socket !== null && !this.#socket.destroyed) return this.#socket
    for (const address of this.#addresses) {
      const socket = await connect(address)
      if (socket === null) continue
      this.#socket = socket
      return socket
    }
    throw new SupervisorError('no broker answers: is the cluster up?')
  }
}

/** null when nobody listens there. */
function connect({ host, port }: Address): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port, timeout: CONNECT_TIMEOUT_MS })
    const end = (result: Socket | null): void => {
      socket.removeAllListeners()
      socket.setTimeout(0)
      if (result === null) socket.destroy()
      resolve(result)
    }
    socket.once('connect', () => end(socket))
    socket.once('timeout', () => end(null))
    socket.once('error', () => end(null))
  })
}

/** Gives the answer without its length prefix. */
function exchange(socket: Socket, request: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0)
    const finish = (act: () => void): void => {
      clearTimeout(timer)
      socket.removeAllListeners()
      act()
    }
    const fail = (reason: string): void => finish(() => reject(new SupervisorError(reason)))
    const timer = setTimeout(
      () => fail(`a broker did not answer within ${REQUEST_TIMEOUT_MS / 1000} s`),
      REQUEST_TIMEOUT_MS,
    )
    socket.on('error', (error) => fail(`the connection to a broker failed: ${error.message}`))
    socket.on('close', () => fail('a broker closed the connection'))
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      if (received.length < 4) return
      const size = received.readInt32BE(0)
      if (size > MAX_FRAME_BYTES) fail('the answer is too long')
      else if (received.length >= 4 + size) finish(() => resolve(received.subarray(4, 4 + size)))
    })
    socket.write(request)
  })
}
