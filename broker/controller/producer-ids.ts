// Blocks of producer ids for brokers: each id is given once in the life of the cluster. Pure.
import type { Encodable } from '../../protocol/api.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import type {
  AllocateProducerIdsRequest,
  AllocateProducerIdsResponse,
} from '../../protocol/schemas/67-allocate-producer-ids.ts'
import { createRecord } from '../metadata/records.ts'
import { checkBrokerEpoch } from './brokers.ts'
import type { ControllerResult, ControllerState } from './controller-state.ts'
import { failure } from './errors.ts'

const BLOCK_SIZE = 1000

export function allocateProducerIds(
  state: ControllerState,
  request: AllocateProducerIdsRequest,
): ControllerResult<Encodable<AllocateProducerIdsResponse>> {
  const { brokerId, brokerEpoch } = request
  checkBrokerEpoch(state.image, brokerId, brokerEpoch)
  const start = state.image.nextProducerId
  if (start > Number.MAX_SAFE_INTEGER - BLOCK_SIZE) {
    throw failure(ErrorCode.UNKNOWN_SERVER_ERROR, 'There are no producer ids left.')
  }
  const nextProducerId = start + BLOCK_SIZE
  return {
    records: [createRecord('producerIds', { brokerId, brokerEpoch, nextProducerId })],
    reply: { errorCode: ErrorCode.NONE, producerIdStart: start, producerIdLen: BLOCK_SIZE },
  }
}
