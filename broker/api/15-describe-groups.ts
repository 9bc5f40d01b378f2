// DescribeGroups, versions 0 to 6: state, protocol, members with subscription and assignment (while Stable). An
// unknown group is Dead up to version 5, GROUP_ID_NOT_FOUND in 6.

import { ErrorCode } from '../../protocol/errors.ts'
import { DescribeGroups } from '../../protocol/schemas/15-describe-groups.ts'
import { mayOnGroup } from './group-access.ts'
import { AuthorizedOperations } from './topic-metadata.ts'
import { defineHandler } from './types.ts'

export const describeGroups = defineHandler({
  api: DescribeGroups,
  listeners: ['broker'],
  async handle(services, context, request) {
    const isOpen = (groupId: string): boolean => mayOnGroup(services, context, 'DESCRIBE', groupId)
    const groups = request.groups.filter(isOpen)
    const answer = await services.groups.describe(context, { ...request, groups })
    const refused = request.groups
      .filter((groupId) => !groups.includes(groupId))
      .map((groupId) => ({ groupId, errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED }))
    const authorizedOperations = request.includeAuthorizedOperations
      ? AuthorizedOperations.GROUP
      : AuthorizedOperations.NOT_ASKED
    const described = (answer.groups ?? []).map((group) => ({ ...group, authorizedOperations }))
    return { groups: [...described, ...refused] }
  },
})
