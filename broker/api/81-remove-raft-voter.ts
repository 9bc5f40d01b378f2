// RemoveRaftVoter, version 0: a voter becomes an observer. Answered by the leader of
// the quorum; a broker passes it on to it.
import { RemoveRaftVoter } from '../../protocol/schemas/81-remove-raft-voter.ts'
import { askQuorumLeader } from './quorum-leader.ts'
import { defineHandler } from './types.ts'

export const removeRaftVoter = defineHandler({
  api: RemoveRaftVoter,
  listeners: ['broker', 'controller'],
  handle: (services, context, request) =>
    askQuorumLeader(services, context, {
      api: RemoveRaftVoter,
      request,
      here: () => services.raft.handleRemoveRaftVoter(request),
    }),
})
