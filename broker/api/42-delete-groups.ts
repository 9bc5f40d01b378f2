// DeleteGroups, versions 0 to 2: empty groups with their offsets; NON_EMPTY_GROUP and GROUP_ID_NOT_FOUND else.
import { DeleteGroups } from '../../protocol/schemas/42-delete-groups.ts'
import { defineHandler } from './types.ts'

export const deleteGroups = defineHandler({
  api: DeleteGroups,
  listeners: ['broker'],
  handle: (services, context, request) => services.groups.delete(context, request),
})
