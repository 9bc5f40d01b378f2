// ListGroups, versions 0 to 5: the groups of this broker's partitions, filtered by state (4) and type (5); those
// that may be described.
import { ListGroups } from '../../protocol/schemas/16-list-groups.ts'
import { mayOnCluster } from './forward.ts'
import { mayOnGroup } from './group-access.ts'
import { defineHandler } from './types.ts'

export const listGroups = defineHandler({
  api: ListGroups,
  listeners: ['broker'],
  async handle(services, context, request) {
    const answer = await services.groups.list(context, request)
    if (mayOnCluster(services, context, 'DESCRIBE')) return answer
    const groups = (answer.groups ?? []).filter(({ groupId }) =>
      mayOnGroup(services, context, 'DESCRIBE', groupId ?? ''),
    )
    return { ...answer, groups }
  },
})
