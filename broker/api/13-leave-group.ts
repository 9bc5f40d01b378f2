// LeaveGroup, versions 0 to 5: one member up to 2, several (static ones by instance id) from 3.
import { LeaveGroup } from '../../protocol/schemas/13-leave-group.ts'
import { defineHandler } from './types.ts'

export const leaveGroup = defineHandler({
  api: LeaveGroup,
  listeners: ['broker'],
  handle: (services, context, request) => services.groups.leave(context, request),
})
