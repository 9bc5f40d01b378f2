// JoinGroup, versions 0 to 9: parks until the rebalance is through; from 4 on an unknown member first gets its id.
import { JoinGroup } from '../../protocol/schemas/11-join-group.ts'
import { demandOnGroup } from './group-access.ts'
import { defineHandler } from './types.ts'

export const joinGroup = defineHandler({
  api: JoinGroup,
  listeners: ['broker'],
  handle(services, context, request) {
    demandOnGroup(services, context, 'READ', request.groupId)
    return services.groups.join(context, request)
  },
})
