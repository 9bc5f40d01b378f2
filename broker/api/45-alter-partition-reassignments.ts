// AlterPartitionReassignments, versions 0 and 1: begins, replaces and cancels moves of replicas. Forwarded to the
// active controller.
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { AlterPartitionReassignments } from '../../protocol/schemas/45-alter-partition-reassignments.ts'
import { forwardToController, mayOnCluster } from './forward.ts'
import { defineHandler } from './types.ts'

export const alterPartitionReassignments = defineHandler({
  api: AlterPartitionReassignments,
  listeners: ['broker', 'controller'],
  handle(services, context, request) {
    if (!mayOnCluster(services, context, 'ALTER')) {
      throw new KafkaError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
    }
    return forwardToController(services, context, AlterPartitionReassignments, request)
  },
})
