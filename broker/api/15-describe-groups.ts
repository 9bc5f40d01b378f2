// DescribeGroups, versions 0 to 6: state, protocol, members with subscription and assignment (while Stable). An
// unknown group is Dead up to version 5, GROUP_ID_NOT_FOUND in 6.
import { DescribeGroups } from '../../protocol/schemas/15-describe-groups.ts'
import { AuthorizedOperations } from './topic-metadata.ts'
import { defineHandler } from './types.ts'

export const describeGroups = defineHandler({
  api: DescribeGroups,
  listeners: ['broker'],
  async handle(services, context, request) {
    const answer = await services.groups.describe(context, request)
    const authorizedOperations = request.includeAuthorizedOperations
      ? AuthorizedOperations.GROUP
      : AuthorizedOperations.NOT_ASKED
    return { groups: (answer.groups ?? []).map((group) => ({ ...group, authorizedOperations })) }
  },
})
