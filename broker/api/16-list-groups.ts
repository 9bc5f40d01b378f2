// ListGroups, versions 0 to 5: the groups of this broker's partitions, filtered by state (4) and type (5).
import { ListGroups } from '../../protocol/schemas/16-list-groups.ts'
import { defineHandler } from './types.ts'

export const listGroups = defineHandler({
  api: ListGroups,
  listeners: ['broker'],
  handle: (services, context, request) => services.groups.list(context, request),
})
