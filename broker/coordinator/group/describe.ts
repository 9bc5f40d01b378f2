// DescribeGroups: a group as an administrator sees it.
import { ErrorCode } from '../../../protocol/errors.ts'
import type { ClassicGroup } from './classic-group.ts'
import { metadataFor } from './member.ts'

/** From version 6 on an unknown group is an error of its own; before it is shown as Dead. */
const NOT_FOUND_SINCE = 6

export function describeGroup(groupId: string, group: ClassicGroup | null, apiVersion: number) {
  if (group === null || group.isIn('Dead')) {
    const isError = apiVersion >= NOT_FOUND_SINCE
    return {
      groupId,
      groupState: 'Dead',
      errorCode: isError ? ErrorCode.GROUP_ID_NOT_FOUND : ErrorCode.NONE,
      errorMessage: isError ? `Group ${groupId} not found.` : null,
    }
  }
  const isStable = group.isIn('Stable')
  const none = Buffer.alloc(0)
  return {
    groupId,
    groupState: group.state,
    protocolType: group.protocolType ?? '',
    protocolData: isStable ? (group.protocolName ?? '') : '',
    members: [...group.members.values()].map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      memberMetadata: isStable ? metadataFor(member, group.protocolName) : none,
      memberAssignment: isStable ? member.assignment : none,
    })),
  }
}
