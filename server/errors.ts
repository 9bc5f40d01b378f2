import type { ProblemCode } from '../contracts/problem.ts'

interface ServiceErrorOptions {
  /** Kafka's error name, e.g. `TOPIC_ALREADY_EXISTS`. */
  kafkaError?: string | undefined
  cause?: unknown
  errors?: readonly { path: string; message: string }[]
  /** With `too-many-requests`. */
  retryAfterMs?: number
}

/** What a service refuses; `server/http.ts` alone turns it into a problem document. */
export class ServiceError extends Error {
  readonly code: ProblemCode
  readonly kafkaError: string | undefined
  readonly errors: readonly { path: string; message: string }[] | undefined
  readonly retryAfterMs: number | undefined

  constructor(code: ProblemCode, message: string, options: ServiceErrorOptions = {}) {
    super(message, { cause: options.cause })
    this.name = 'ServiceError'
    this.code = code
    this.kafkaError = options.kafkaError
    this.errors = options.errors
    this.retryAfterMs = options.retryAfterMs
  }
}

export const problemStatus: Readonly<Record<ProblemCode, number>> = {
  'bad-request': 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  unsupported: 422,
  'too-many-requests': 429,
  'kafka-error': 422,
  'cluster-unreachable': 503,
  timeout: 504,
  internal: 500,
}

const NOT_FOUND = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'GROUP_ID_NOT_FOUND', 'UNKNOWN_TOPIC_ID'])
const CONFLICT = new Set([
  'TOPIC_ALREADY_EXISTS',
  'NON_EMPTY_GROUP',
  'UNKNOWN_MEMBER_ID',
  'REBALANCE_IN_PROGRESS',
])
const BAD_REQUEST = new Set([
  'INVALID_TOPIC_EXCEPTION',
  'INVALID_PARTITIONS',
  'INVALID_REPLICATION_FACTOR',
  'INVALID_REPLICA_ASSIGNMENT',
  'INVALID_CONFIG',
  'INVALID_REQUEST',
  'OFFSET_OUT_OF_RANGE',
  'INVALID_GROUP_ID',
])

/** `name`: Kafka's error name; `message`: the broker's own, if it sent one. */
export function kafkaServiceError(name: string, message: string | null): ServiceError {
  const code = NOT_FOUND.has(name)
    ? 'not-found'
    : CONFLICT.has(name)
      ? 'conflict'
      : BAD_REQUEST.has(name)
        ? 'bad-request'
        : name === 'REQUEST_TIMED_OUT'
          ? 'timeout'
          : 'kafka-error'
  return new ServiceError(code, message ?? name, { kafkaError: name })
}
