// LeaveGroup, versions 0 to 5: one member up to 2, several (static ones by instance id) from 3.
import { LeaveGroup } from '../../protocol/schemas/13-leave-group.ts'
import { demandOnGroup } from './group-access.ts'
import { defineHandler } from './types.ts'

export const leaveGroup = defineHandler({
  api: LeaveGroup,
  listeners: ['broker'],
  handle(services, context, request) {
    demandOnGroup(services, context, 'READ', request.groupId)
    return services.groups.leave(context, request)
  },
})
