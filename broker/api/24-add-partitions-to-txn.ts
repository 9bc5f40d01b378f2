// AddPartitionsToTxn, versions 0 to 5: one transaction of a client up to version 3; from 4 on many, from brokers
// that ask (verifyOnly, KIP-890) or, in version 5, add what a producer writes to. One partition that cannot be
// added leaves its whole transaction as it was.
import { ErrorCode } from '../../protocol/errors.ts'
import {
  AddPartitionsToTxn,
  type AddPartitionsToTxnRequest,
} from '../../protocol/schemas/24-add-partitions-to-txn.ts'
import type { RequestContext } from '../network/types.ts'
import { type BrokerServices, defineHandler } from './types.ts'

const BATCHED_SINCE = 4

type Asked = AddPartitionsToTxnRequest['transactions'][number]

export const addPartitionsToTxn = defineHandler({
  api: AddPartitionsToTxn,
  listeners: ['broker'],
  async handle(services, context, request) {
    const isBatched = context.apiVersion >= BATCHED_SINCE
    if (isBatched && !services.authorize(context, 'CLUSTER_ACTION', 'CLUSTER', 'kafka-cluster')) {
      return { errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED }
    }
    const transactions = isBatched ? request.transactions : [onlyTransaction(request)]
    const refusals = transactions.map((asked) => refusalOf(services, context, asked, isBatched))
    const asked = transactions.filter((_, i) => refusals[i] === null)
    const answer = await services.transactions.addPartitions(context, {
      ...request,
      transactions: asked,
    })
    const answered = [...(answer.resultsByTransaction ?? [])]
    const results = refusals.map((refusal) => refusal ?? answered.shift())
    const resultsByTransaction = results.filter((result) => result !== undefined)
    return isBatched
      ? { errorCode: ErrorCode.NONE, resultsByTransaction }
      : { resultsByTopicV3AndBelow: resultsByTransaction[0]?.topicResults ?? [] }
  },
})

function onlyTransaction(request: AddPartitionsToTxnRequest): Asked {
  return {
    transactionalId: request.v3AndBelowTransactionalId,
    producerId: request.v3AndBelowProducerId,
    producerEpoch: request.v3AndBelowProducerEpoch,
    verifyOnly: false,
    topics: request.v3AndBelowTopics,
  }
}

/** null: to be handed to the coordinator. */
function refusalOf(
  services: BrokerServices,
  context: RequestContext,
  asked: Asked,
  isFromBroker: boolean,
) {
  const { transactionalId } = asked
  const may = (operation: string, type: string, name: string) =>
    isFromBroker || services.authorize(context, operation, type, name)
  if (!may('WRITE', 'TRANSACTIONAL_ID', transactionalId)) {
    return refused(asked, () => ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
  }
  const { image } = services.metadata
  const errorOf = (topic: string, partition: number): number => {
    if (!may('WRITE', 'TOPIC', topic)) return ErrorCode.TOPIC_AUTHORIZATION_FAILED
    return image.topicsByName.get(topic)?.partitions[partition] === undefined
      ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      : ErrorCode.NONE
  }
  const isRefused = asked.topics.some(({ name, partitions }) =>
    partitions.some((partition) => errorOf(name, partition) !== ErrorCode.NONE),
  )
  if (!isRefused) return null
  return refused(
    asked,
    (topic, partition) => errorOf(topic, partition) || ErrorCode.OPERATION_NOT_ATTEMPTED,
  )
}

function refused(asked: Asked, errorOf: (topic: string, partition: number) => number) {
  return {
    transactionalId: asked.transactionalId,
    topicResults: asked.topics.map(({ name, partitions }) => ({
      name,
      resultsByPartition: partitions.map((partitionIndex) => ({
        partitionIndex,
        partitionErrorCode: errorOf(name, partitionIndex),
      })),
    })),
  }
}
