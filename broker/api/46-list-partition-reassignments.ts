// ListPartitionReassignments, version 0. Forwarded to the active controller, which alone knows them all as they
// are now.
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { ListPartitionReassignments } from '../../protocol/schemas/46-list-partition-reassignments.ts'
import { forwardToController, mayOnCluster } from './forward.ts'
import { defineHandler } from './types.ts'

export const listPartitionReassignments = defineHandler({
  api: ListPartitionReassignments,
  listeners: ['broker', 'controller'],
  handle(services, context, request) {
    if (!mayOnCluster(services, context, 'DESCRIBE')) {
      throw new KafkaError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
    }
    return forwardToController(services, context, ListPartitionReassignments, request)
  },
})
