// DeleteGroups, versions 0 to 2: empty groups with their offsets; NON_EMPTY_GROUP and GROUP_ID_NOT_FOUND else.

import { ErrorCode } from '../../protocol/errors.ts'
import { DeleteGroups } from '../../protocol/schemas/42-delete-groups.ts'
import { mayOnGroup } from './group-access.ts'
import { defineHandler } from './types.ts'

export const deleteGroups = defineHandler({
  api: DeleteGroups,
  listeners: ['broker'],
  async handle(services, context, request) {
    const groupsNames = request.groupsNames.filter((groupId) =>
      mayOnGroup(services, context, 'DELETE', groupId),
    )
    const answer = await services.groups.delete(context, { ...request, groupsNames })
    const refused = request.groupsNames
      .filter((groupId) => !groupsNames.includes(groupId))
      .map((groupId) => ({ groupId, errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED }))
    return { ...answer, results: [...(answer.results ?? []), ...refused] }
  },
})
