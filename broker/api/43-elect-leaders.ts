// ElectLeaders, versions 0 to 2 (unclean ones from v1). Forwarded to the active controller. Asked for all partitions,
// the reply leaves out those that needed no election.
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { ElectLeaders } from '../../protocol/schemas/43-elect-leaders.ts'
import { forwardToController, mayOnCluster } from './forward.ts'
import { defineHandler } from './types.ts'

export const electLeaders = defineHandler({
  api: ElectLeaders,
  listeners: ['broker', 'controller'],
  handle(services, context, request) {
    if (!mayOnCluster(services, context, 'ALTER')) {
      throw new KafkaError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
    }
    return forwardToController(services, context, ElectLeaders, request)
  },
})
