// UpdateRaftVoter, version 0, on the controller listener: a voter tells the leader where it listens now and which
// versions of the quorum's protocol it knows.
import { ErrorCode } from '../../protocol/errors.ts'
import { UpdateRaftVoter } from '../../protocol/schemas/82-update-raft-voter.ts'
import { mayOnCluster } from './forward.ts'
import { defineHandler } from './types.ts'

export const updateRaftVoter = defineHandler({
  api: UpdateRaftVoter,
  listeners: ['controller'],
  handle(services, context, request) {
    if (!mayOnCluster(services, context, 'CLUSTER_ACTION')) {
      return { errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED }
    }
    return services.raft.handleUpdateRaftVoter(request)
  },
})
