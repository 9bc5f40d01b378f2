import type { ProblemCode } from '../contracts/problem.ts'
import en from '../messages/en.json' with { type: 'json' }

interface ServiceErrorOptions {
  /** Kafka's error name, e.g. `TOPIC_ALREADY_EXISTS`. */
  kafkaError?: string | undefined
  cause?: unknown
  errors?: readonly { path: string; message: string }[]
  /** With `too-many-requests`. */
  retryAfterMs?: number
  reason?: ProblemReason
  values?: ProblemValues
}

export type ProblemReason = keyof typeof en.problem.reason
type ProblemValues = Readonly<Record<string, string | number>>

/** What a service refuses; `server/http.ts` alone turns it into a problem document. */
export class ServiceError extends Error {
  readonly code: ProblemCode
  readonly kafkaError: string | undefined
  readonly errors: readonly { path: string; message: string }[] | undefined
  readonly retryAfterMs: number | undefined
  /** Stable, for programs and translations; `message` is its English sentence. */
  readonly reason: ProblemReason | undefined
  readonly values: ProblemValues | undefined

  constructor(code: ProblemCode, message: string, options: ServiceErrorOptions = {}) {
    super(message, { cause: options.cause })
    this.name = 'ServiceError'
    this.code = code
    this.kafkaError = options.kafkaError
    this.errors = options.errors
    this.retryAfterMs = options.retryAfterMs
    this.reason = options.reason
    this.values = options.values
  }
}

const REASONS: Readonly<Record<ProblemReason, ProblemCode>> = {
  'topic-unknown': 'not-found',
  'partition-unknown': 'not-found',
  'group-unknown': 'not-found',
  'broker-unknown': 'not-found',
  'broker-offline': 'cluster-unreachable',
  'history-not-kept': 'not-found',
  'cluster-unknown': 'not-found',
  'cluster-read-only': 'unsupported',
  'cluster-name-taken': 'conflict',
  'certificate-unreadable': 'bad-request',
  'private-key-unreadable': 'bad-request',
  'private-key-foreign': 'bad-request',
  'passphrase-missing': 'bad-request',
  'passphrase-wrong': 'bad-request',
  'secret-missing': 'bad-request',
  'user-unknown': 'not-found',
  'user-exists': 'conflict',
  'last-administrator': 'conflict',
  'own-password': 'bad-request',
  'wrong-password': 'bad-request',
  'wrong-credentials': 'unauthenticated',
  'token-without-account': 'unsupported',
  'token-invalid': 'unauthenticated',
  'no-session': 'unauthenticated',
  'needs-administrator': 'forbidden',
  'too-many-attempts': 'too-many-requests',
  'set-up-already': 'conflict',
  'link-invalid': 'forbidden',
  'foreign-host': 'forbidden',
  'foreign-site': 'forbidden',
  'foreign-origin': 'forbidden',
  'endpoint-unknown': 'not-found',
  'body-not-json': 'bad-request',
  'body-too-large': 'bad-request',
  'range-empty': 'bad-request',
  'offset-missing': 'bad-request',
  'time-missing': 'bad-request',
  'not-base64': 'bad-request',
  'no-leader': 'cluster-unreachable',
  'assignments-or-counts': 'bad-request',
  'config-set-and-deleted': 'bad-request',
  'group-has-members': 'conflict',
  'broker-state': 'conflict',
  'not-embedded': 'unsupported',
  'no-supervisor': 'unsupported',
  'sample-not-here': 'unsupported',
  'chart-unknown': 'not-found',
  'pins-full': 'conflict',
  'pin-unknown': 'not-found',
  'layout-unknown': 'not-found',
  'layouts-full': 'conflict',
  'mbean-unknown': 'not-found',
  'gave-up': 'timeout',
  fault: 'internal',
}

/** A refusal that has a name of its own: its sentence stands in messages/, under problem.reason. */
export function refusal(
  reason: ProblemReason,
  values: ProblemValues = {},
  options: Omit<ServiceErrorOptions, 'reason' | 'values'> = {},
): ServiceError {
  const sentence = en.problem.reason[reason].replace(/\{(\w+)\}/g, (_, name: string) =>
    String(values[name] ?? ''),
  )
  return new ServiceError(REASONS[reason], sentence, { ...options, reason, values })
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
