// Vote, versions 0 to 2, on the controller listener: votes and, from v2, pre-votes of the metadata
// quorum.
import { Vote } from '../../protocol/schemas/52-vote.ts'
import { demandOnCluster } from './forward.ts'
import { defineHandler } from './types.ts'

export const vote = defineHandler({
  api: Vote,
  listeners: ['controller'],
  handle(services, context, request) {
    demandOnCluster(services, context, 'CLUSTER_ACTION')
    return services.raft.handleVote(request)
  },
})
