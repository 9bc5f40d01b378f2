// SyncGroup, versions 0 to 5: the leader's assignment is committed before any member gets its part.
import { SyncGroup } from '../../protocol/schemas/14-sync-group.ts'
import { demandOnGroup } from './group-access.ts'
import { defineHandler } from './types.ts'

export const syncGroup = defineHandler({
  api: SyncGroup,
  listeners: ['broker'],
  handle(services, context, request) {
    demandOnGroup(services, context, 'READ', request.groupId)
    return services.groups.sync(context, request)
  },
})
