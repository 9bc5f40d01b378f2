// InitProducerId, versions 0 to 5. Ids for idempotent producers. A transactional id is answered NOT_COORDINATOR,
// as by a Kafka broker that leads no partition of __transaction_state: no broker here does yet.
import { ErrorCode } from '../../protocol/errors.ts'
import {
  InitProducerId,
  type InitProducerIdRequest,
} from '../../protocol/schemas/22-init-producer-id.ts'
import { ProducerIds } from '../replication/producer-ids.ts'
import { type BrokerServices, defineHandler } from './types.ts'

const NO_PRODUCER_ID = -1
const NO_PRODUCER_EPOCH = -1

const producerIdsOf = new WeakMap<BrokerServices, ProducerIds>()

export const initProducerId = defineHandler({
  api: InitProducerId,
  listeners: ['broker'],
  async handle(services, context, request) {
    const errorCode = refusal(request)
    if (errorCode !== ErrorCode.NONE) return refused(errorCode)
    if (!services.authorize(context, 'IDEMPOTENT_WRITE', 'CLUSTER', 'kafka-cluster')) {
      return refused(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
    }
    const producerId = await idsFor(services).next()
    return { errorCode: ErrorCode.NONE, producerId, producerEpoch: 0 }
  },
})

function refused(errorCode: number) {
  return { errorCode, producerId: NO_PRODUCER_ID, producerEpoch: NO_PRODUCER_EPOCH }
}

function refusal(request: InitProducerIdRequest): number {
  const hasId = request.producerId !== NO_PRODUCER_ID
  const hasEpoch = request.producerEpoch !== NO_PRODUCER_EPOCH
  if (hasId !== hasEpoch) return ErrorCode.INVALID_REQUEST
  if (request.transactionalId === null) return ErrorCode.NONE
  if (request.transactionalId === '') return ErrorCode.INVALID_REQUEST
  if (request.transactionTimeoutMs <= 0) return ErrorCode.INVALID_TRANSACTION_TIMEOUT
  return ErrorCode.NOT_COORDINATOR
}

function idsFor(services: BrokerServices): ProducerIds {
  let ids = producerIdsOf.get(services)
  if (ids === undefined) {
    const { replicas, controller } = services
    ids = new ProducerIds({
      brokerId: replicas.localBrokerId,
      localBrokerEpoch: () => replicas.localBrokerEpoch,
      controller,
    })
    producerIdsOf.set(services, ids)
  }
  return ids
}
