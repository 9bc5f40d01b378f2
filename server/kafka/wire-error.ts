export type WireFailure =
  /** No connection: refused, no route, unknown host, or waiting after a failed attempt. */
  | 'unreachable'
  /** The connection stands, but TLS was refused by one side. */
  | 'tls'
  /** The broker does not accept who we say we are. */
  | 'sasl'
  | 'timeout'
  /** The connection ended before the answer came. */
  | 'closed'
  /** The broker has no version of the API that we speak. */
  | 'unsupported'
  /** The answer could not be read. */
  | 'protocol'

/** Why a broker gave no answer at all; what it refused is an error code in its answer. */
export class WireError extends Error {
  readonly failure: WireFailure

  constructor(failure: WireFailure, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'WireError'
    this.failure = failure
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
