import { errorName, KafkaError } from '../../protocol/errors.ts'
import { kafkaServiceError, ServiceError } from '../errors.ts'
import { sentenceOf } from './error-sentences.ts'
import { WireError } from './wire-error.ts'

/** What people are told of a failure of the wire or a refusal by a broker; other errors stay. */
export function toServiceError(error: unknown): unknown {
  if (error instanceof KafkaError) {
    const name = errorName(error.code)
    return kafkaServiceError(name, error.message === name ? sentenceOf(name) : error.message)
  }
  if (error instanceof WireError) {
    const code =
      error.failure === 'timeout'
        ? 'timeout'
        : error.failure === 'unsupported'
          ? 'unsupported'
          : 'cluster-unreachable'
    return new ServiceError(code, error.message, { cause: error })
  }
  return error
}

/** Runs a live conversation with a cluster; throws ServiceError for what the cluster did. */
export async function onCluster<T>(talk: () => Promise<T>): Promise<T> {
  try {
    return await talk()
  } catch (error) {
    throw toServiceError(error)
  }
}

/** Kafka's outcome for one part of a request; null when it went well. */
export function partErrorOf(
  errorCode: number | undefined,
  message: string | null = null,
): { code: string; message: string } | null {
  if (errorCode === 0) return null
  const name = errorName(errorCode ?? -1)
  return { code: name, message: message ?? sentenceOf(name) ?? name }
}

/** For a broker that gave no answer. */
export function brokerPartError(error: Error | undefined): { code: string; message: string } {
  const isTimeout = error instanceof WireError && error.failure === 'timeout'
  return {
    code: isTimeout ? 'REQUEST_TIMED_OUT' : 'BROKER_NOT_AVAILABLE',
    message: error?.message ?? 'the broker gave no answer',
  }
}
