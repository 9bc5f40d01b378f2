import type { DeleteGroupInput } from '../../contracts/groups.ts'
import { collectNow } from '../clusters/collect-now.ts'
import { clusterOf } from '../clusters/registry.ts'
import type { ServiceContext } from '../context.ts'
import { fetchClusterState } from '../kafka/describe-cluster.ts'
import { deleteGroup as deleteGroupOnWire, findCoordinator } from '../kafka/group-offsets.ts'
import { onCluster } from '../kafka/service-error.ts'

/** Refused by the cluster while the group has members. Its samples stay. */
export async function deleteGroup({
  input,
}: {
  ctx: ServiceContext
  input: DeleteGroupInput
}): Promise<{ ok: true }> {
  const { client, id } = clusterOf(input.cluster)
  await onCluster(async () => {
    await fetchClusterState(client, [])
    const coordinator = await findCoordinator(client, input.group)
    await deleteGroupOnWire(client, coordinator, input.group)
  })
  await collectNow(id)
  return { ok: true }
}
