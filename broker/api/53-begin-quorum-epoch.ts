// BeginQuorumEpoch, versions 0 to 1, on the controller listener: a voter hears who leads.
import { BeginQuorumEpoch } from '../../protocol/schemas/53-begin-quorum-epoch.ts'
import { demandOnCluster } from './forward.ts'
import { defineHandler } from './types.ts'

export const beginQuorumEpoch = defineHandler({
  api: BeginQuorumEpoch,
  listeners: ['controller'],
  handle(services, context, request) {
    demandOnCluster(services, context, 'CLUSTER_ACTION')
    return services.raft.handleBeginQuorumEpoch(request)
  },
})
