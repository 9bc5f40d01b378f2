import type { WatchClusterInput } from '../../contracts/clusters.ts'
import type { ServiceContext } from '../context.ts'
import { database } from '../db/client.ts'
import { clusterOf } from './registry.ts'

const WATCH_MS = 30_000

/** Somebody looks at the cluster: the collector reads it twice as often for the next 30 s. */
export async function watchCluster({
  ctx,
  input,
}: {
  ctx: ServiceContext
  input: WatchClusterInput
}): Promise<{ ok: true }> {
  const clusterId = clusterOf(input.cluster).id
  const untilMs = BigInt(ctx.nowMs() + WATCH_MS)
  await (await database()).watch.upsert({
    where: { clusterId },
    create: { clusterId, untilMs },
    update: { untilMs },
  })
  return { ok: true }
}
