// Errors of single items (a topic, a partition, a resource) as values, with the messages that Kafka's own tools
// print. Used by the controller's concerns.
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'

export interface ApiError {
  readonly code: number
  readonly message: string | null
}

export const NO_ERROR: ApiError = { code: ErrorCode.NONE, message: null }

/** What Kafka says where nothing more special is known. */
const messages: ReadonlyMap<number, string> = new Map([
  [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, 'This server does not host this topic-partition.'],
  [ErrorCode.TOPIC_AUTHORIZATION_FAILED, 'Topic authorization failed.'],
  [ErrorCode.CLUSTER_AUTHORIZATION_FAILED, 'Cluster authorization failed.'],
  [ErrorCode.NOT_CONTROLLER, 'This is not the correct controller for this cluster.'],
  [ErrorCode.TOPIC_DELETION_DISABLED, 'Topic deletion is disabled.'],
  [ErrorCode.STALE_BROKER_EPOCH, 'Broker epoch has changed.'],
  [ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE, 'The preferred leader was not available.'],
  [ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE, 'Eligible topic partition leaders are not available.'],
  [ErrorCode.ELECTION_NOT_NEEDED, 'Leader election not needed for topic partition.'],
  [ErrorCode.NO_REASSIGNMENT_IN_PROGRESS, 'No partition reassignment is in progress.'],
  [ErrorCode.UNKNOWN_TOPIC_ID, 'This server does not host this topic ID.'],
])

export function apiError(code: number, message: string | null = null): ApiError {
  return { code, message: message ?? messages.get(code) ?? null }
}

export function failure(code: number, message?: string): KafkaError {
  return new KafkaError(code, message ?? messages.get(code))
}

/** The error of one item, where `attempt` throws KafkaError; anything else goes on up. */
export function errorOf(attempt: () => void): ApiError {
  try {
    attempt()
    return NO_ERROR
  } catch (error) {
    if (error instanceof KafkaError) return { code: error.code, message: error.message }
    throw error
  }
}

/** As Kafka limits them; what takes more would hold memory and the controller for everybody. */
const REQUEST_PARTITIONS_MAX = 10_000

/** Throws KafkaError POLICY_VIOLATION before anything is laid out for so many. */
export function checkPartitionsOfRequest(counts: readonly number[]): void {
  const total = counts.reduce((sum, count) => sum + Math.max(0, count), 0)
  if (total <= REQUEST_PARTITIONS_MAX) return
  const message = 'Excessively large number of partitions per request.'
  throw failure(ErrorCode.POLICY_VIOLATION, message)
}
