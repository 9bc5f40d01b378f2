// DescribeTransactions and ListTransactions: transactions as an administrator sees them.
import type { Encodable } from '../../../protocol/api.ts'
import { ErrorCode } from '../../../protocol/errors.ts'
import type { DescribeTransactionsResponse } from '../../../protocol/schemas/65-describe-transactions.ts'
import type {
  ListTransactionsRequest,
  ListTransactionsResponse,
} from '../../../protocol/schemas/66-list-transactions.ts'
import { compilePattern } from './linear-pattern.ts'
import { partitionsByTopic, type TransactionMetadata, transactionStates } from './metadata.ts'
import type { TransactionShard } from './shard.ts'

type DescribedTransaction = NonNullable<
  Encodable<DescribeTransactionsResponse>['transactionStates']
>[number]

export function describeTransaction(
  shard: TransactionShard,
  transactionalId: string,
): DescribedTransaction {
  const transaction = shard.get(transactionalId)
  if (transaction === null) {
    return { transactionalId, errorCode: ErrorCode.TRANSACTIONAL_ID_NOT_FOUND }
  }
  const { metadata } = transaction
  const topics = partitionsByTopic(shard.partitionsOf(transactionalId, transaction))
  return {
    errorCode: ErrorCode.NONE,
    transactionalId,
    transactionState: metadata.state,
    transactionTimeoutMs: metadata.timeoutMs,
    transactionStartTimeMs: metadata.startMs,
    producerId: metadata.producerId,
    producerEpoch: metadata.producerEpoch,
    topics: [...topics].map(([topic, partitions]) => ({ topic, partitions })),
  }
}

export function listTransactions(
  shards: Iterable<TransactionShard>,
  request: ListTransactionsRequest,
  nowMs: number,
): Encodable<ListTransactionsResponse> {
  const { stateFilters, producerIdFilters, durationFilter, transactionalIdPattern } = request
  const pattern = transactionalIdPattern ? compilePattern(transactionalIdPattern) : null
  if (pattern !== null && 'error' in pattern) {
    return { errorCode: ErrorCode.INVALID_REGULAR_EXPRESSION }
  }
  const states = new Set(stateFilters)
  const producerIds = new Set(producerIdFilters)
  const isWanted = (transactionalId: string, metadata: TransactionMetadata): boolean =>
    (producerIds.size === 0 || producerIds.has(metadata.producerId)) &&
    (states.size === 0 || states.has(metadata.state)) &&
    (durationFilter < 0 || nowMs - metadata.startMs > durationFilter) &&
    (pattern === null || pattern.matches(transactionalId))
  const found: { transactionalId: string; producerId: number; transactionState: string }[] = []
  for (const shard of shards) {
    for (const [transactionalId, { metadata }] of shard.transactions) {
      if (!isWanted(transactionalId, metadata)) continue
      const { producerId, state } = metadata
      found.push({ transactionalId, producerId, transactionState: state })
    }
  }
  const isKnown = (state: string) => transactionStates.some((known) => known === state)
  return {
    errorCode: ErrorCode.NONE,
    unknownStateFilters: stateFilters.filter((state) => !isKnown(state)),
    transactionStates: found,
  }
}
