// Connections seen from above: requests in, responses out, in order; and the client side between
// brokers.
import type { Api, Encodable } from '../../protocol/api.ts'
import type { RequestTimes } from '../metrics/request-metrics.ts'
import type { Endpoint } from '../runtime/runtime.ts'

/** What a handler knows of who asks. Lives as long as its connection. */
export interface ConnectionContext {
  readonly id: number
  readonly listenerName: string
  readonly securityProtocol: 'PLAINTEXT'
  readonly clientAddress: string
  /** Listens for nobody until security comes: 'User:ANONYMOUS'. */
  readonly principal: string
  /** From ApiVersions v3+; '' before. */
  clientSoftwareName: string
  clientSoftwareVersion: string
  readonly isClosed: boolean
  /**
   * Called once when the connection has ended, at once if it has already. Gives back what
   * unregisters it.
   */
  onClose(callback: () => void): () => void
}

export interface RequestContext {
  readonly connection: ConnectionContext
  readonly apiKey: number
  readonly apiVersion: number
  readonly correlationId: number
  readonly clientId: string | null
  readonly receivedMonotonicMs: number
  /** Frame size in bytes, length prefix not counted. */
  readonly requestSizeBytes: number
  /** When it passed which station; left out where no connection tells when the reply is sent. */
  readonly times?: RequestTimes
  /**
   * For memory that the reply points into and that somebody else gets afterwards: `release` runs once,
   * when the operating system has taken the reply or nothing of it will be sent any more, and never
   * while the handler is at work. Left out where the reply does not go straight to a socket.
   */
  readonly holdUntilSent?: (release: () => void) => void
}

/**
 * Answers one request: `body` is the frame after its header, the result the whole response frame
 * (as `responseFrame` of protocol/frames.ts gives it), or null for no reply. Rejecting closes the
 * connection. The order of calls is the order of requests; a Produce may be called before the one
 * in front of it has answered, so it must reach the partition's append queue before its first
 * await.
 */
export type Dispatch = (context: RequestContext, body: Buffer) => Promise<Buffer[] | null>

/** A connection from this broker to another one: pipelined, in order, one per (purpose, node). */
export interface PeerClient {
  readonly endpoint: Endpoint
  readonly state: 'connecting' | 'connected' | 'closed'
  /**
   * Sends and resolves to the decoded response. Rejects with PeerError on a closed connection or
   * after `timeoutMs` (the connection is then closed: order is lost). Version: the highest both
   * know, unless given.
   */
  send<Request, Response>(
    api: Api<Request, Response>,
    request: Encodable<Request>,
    options: { timeoutMs: number; version?: number },
  ): Promise<Response>
  /**
   * Called once when it ends; `code` as of the socket (ECONNREFUSED, ECONNRESET, ETIMEDOUT, or null
   * for an orderly end).
   */
  onClose(callback: (code: string | null) => void): void
  close(): void
}

export class PeerError extends Error {
  override readonly name = 'PeerError'
  readonly code: string
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
