// AddRaftVoter, versions 0 to 1: a controller that follows the log becomes a voter. Answered by the leader of
// the quorum; a broker passes it on to it.
import { AddRaftVoter } from '../../protocol/schemas/80-add-raft-voter.ts'
import { askQuorumLeader } from './quorum-leader.ts'
import { defineHandler } from './types.ts'

export const addRaftVoter = defineHandler({
  api: AddRaftVoter,
  listeners: ['broker', 'controller'],
  handle: (services, context, request) =>
    askQuorumLeader(services, context, {
      api: AddRaftVoter,
      request,
      here: () => services.raft.handleAddRaftVoter(request),
    }),
})
