import type { DeleteGroupInput } from '../../contracts/groups.ts'
import { collectNow } from '../clusters/collect-now.ts'
import { clusterOf } from '../clusters/registry.ts'
import type { ServiceContext } from '../context.ts'
import { fetchClusterState } from '../kafka/describe-cluster.ts'
import { deleteGroup as deleteGroupOnWire, onCoordinator } from '../kafka/group-offsets.ts'
import { onCluster } from '../kafka/service-error.ts'

const TIMEOUT_MS = 5_000

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
    const { group } = input
    const remove = (coordinator: number) => deleteGroupOnWire(client, coordinator, group)
    await onCoordinator(client, group, remove, { timeoutMs: TIMEOUT_MS })
  })
  await collectNow(id)
  return { ok: true }
}
