// EndQuorumEpoch, versions 0 to 1, on the controller listener: a voter hears that its leader
// resigns.
import { EndQuorumEpoch } from '../../protocol/schemas/54-end-quorum-epoch.ts'
import { demandOnCluster } from './forward.ts'
import { defineHandler } from './types.ts'

export const endQuorumEpoch = defineHandler({
  api: EndQuorumEpoch,
  listeners: ['controller'],
  handle(services, context, request) {
    demandOnCluster(services, context, 'CLUSTER_ACTION')
    return services.raft.handleEndQuorumEpoch(request)
  },
})
