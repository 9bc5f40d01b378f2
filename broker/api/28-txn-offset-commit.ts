// TxnOffsetCommit, versions 0 to 5: a group's offsets as part of a transaction. Partitions that do not exist are
// refused one by one; from version 5 on the group's partition joins the transaction by this request itself.
import { ErrorCode } from '../../protocol/errors.ts'
import {
  TxnOffsetCommit,
  type TxnOffsetCommitRequest,
} from '../../protocol/schemas/28-txn-offset-commit.ts'
import type { RequestContext } from '../network/types.ts'
import { type BrokerServices, defineHandler } from './types.ts'

/** Producers before it do not expect to hear that the coordinator is loading (KAFKA-7296). */
const KNOWS_LOADING_SINCE = 2

export const txnOffsetCommit = defineHandler({
  api: TxnOffsetCommit,
  listeners: ['broker'],
  async handle(services, context, request) {
    const refusal = refusalOf(services, context, request)
    const errorOf = (topic: string, partition: number): number =>
      refusal || partitionError(services, context, topic, partition)
    const topics = request.topics
      .map((topic) => ({
        ...topic,
        partitions: topic.partitions.filter((p) => !errorOf(topic.name, p.partitionIndex)),
      }))
      .filter(({ partitions }) => partitions.length > 0)
    const answer =
      topics.length === 0
        ? { topics: [] }
        : await services.groups.commitTxnOffsets(context, { ...request, topics })
    const codes = new Map<string, number>()
    for (const { name, partitions } of answer.topics ?? []) {
      for (const { partitionIndex, errorCode } of partitions ?? []) {
        codes.set(`${name} ${partitionIndex}`, forClient(errorCode ?? 0, context.apiVersion))
      }
    }
    return {
      topics: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({
          partitionIndex,
          errorCode: errorOf(name, partitionIndex) || (codes.get(`${name} ${partitionIndex}`) ?? 0),
        })),
      })),
    }
  },
})

function refusalOf(
  services: BrokerServices,
  context: RequestContext,
  { transactionalId, groupId }: TxnOffsetCommitRequest,
): number {
  if (!services.authorize(context, 'WRITE', 'TRANSACTIONAL_ID', transactionalId)) {
    return ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
  }
  return services.authorize(context, 'READ', 'GROUP', groupId)
    ? ErrorCode.NONE
    : ErrorCode.GROUP_AUTHORIZATION_FAILED
}

function partitionError(
  services: BrokerServices,
  context: RequestContext,
  topic: string,
  partition: number,
): number {
  if (!services.authorize(context, 'READ', 'TOPIC', topic)) {
    return ErrorCode.TOPIC_AUTHORIZATION_FAILED
  }
  return services.metadata.image.topicsByName.get(topic)?.partitions[partition] === undefined
    ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    : ErrorCode.NONE
}

function forClient(errorCode: number, apiVersion: number): number {
  const isLoading = errorCode === ErrorCode.COORDINATOR_LOAD_IN_PROGRESS
  return isLoading && apiVersion < KNOWS_LOADING_SINCE
    ? ErrorCode.COORDINATOR_NOT_AVAILABLE
    : errorCode
}
