// SyncGroup, versions 0 to 5: the leader's assignment is committed before any member gets its part.
import { SyncGroup } from '../../protocol/schemas/14-sync-group.ts'
import { defineHandler } from './types.ts'

export const syncGroup = defineHandler({
  api: SyncGroup,
  listeners: ['broker'],
  handle: (services, context, request) => services.groups.sync(context, request),
})
