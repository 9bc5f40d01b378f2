// BeginQuorumEpoch, versions 0 to 1, on the controller listener: a voter hears who leads.
import { BeginQuorumEpoch } from '../../protocol/schemas/53-begin-quorum-epoch.ts'
import { defineHandler } from './types.ts'

export const beginQuorumEpoch = defineHandler({
  api: BeginQuorumEpoch,
  listeners: ['controller'],
  handle: (services, _context, request) => services.raft.handleBeginQuorumEpoch(request),
})
