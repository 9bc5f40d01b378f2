// Heartbeat, versions 0 to 4: renews a member's session; REBALANCE_IN_PROGRESS asks it to join again.
import { Heartbeat } from '../../protocol/schemas/12-heartbeat.ts'
import { demandOnGroup } from './group-access.ts'
import { defineHandler } from './types.ts'

export const heartbeat = defineHandler({
  api: Heartbeat,
  listeners: ['broker'],
  handle(services, context, request) {
    demandOnGroup(services, context, 'READ', request.groupId)
    return services.groups.heartbeat(context, request)
  },
})
