import { setTimeout as sleep } from 'node:timers/promises'
import type { PatchConfigsOutput } from '../../contracts/configs.ts'
import { recordConfigChanges } from '../audit/config-changes.ts'
import { type Cluster, clusterOf } from '../clusters/registry.ts'
import type { ServiceContext } from '../context.ts'
import { refusal } from '../errors.ts'
import { alterConfigs, type ConfigResource } from '../kafka/configs.ts'
import { onCluster } from '../kafka/service-error.ts'
import { type ConfigPatch, diffOf, ownSourceOf } from './config-entry.ts'
import { readConfigs } from './read-configs.ts'

/** A controller answers before the brokers have applied what it wrote. */
const APPLIED_TRIES = 20
const APPLIED_EVERY_MS = 100

/** The cluster validates in either case; with `dryRun` nothing changes and nothing is recorded. */
export async function patchConfigs(
  ctx: ServiceContext,
  patch: ConfigPatch & { cluster: string; resource: ConfigResource; dryRun: boolean },
): Promise<PatchConfigsOutput> {
  const cluster = clusterOf(patch.cluster)
  const { resource, dryRun } = patch
  const both = patch.delete.find((name) => name in patch.set)
  if (both !== undefined) throw refusal('config-set-and-deleted', { name: both })
  const before = await readConfigs(cluster, resource)
  const changes = diffOf(before, patch, ownSourceOf(resource))
  if (changes.length === 0) return { dryRun, changes }
  // Only what differs is sent: deleting an override that is not there would be refused by some.
  const names = new Set(changes.map((change) => change.name))
  const set = Object.fromEntries(Object.entries(patch.set).filter(([name]) => names.has(name)))
  const wanted = { set, delete: patch.delete.filter((name) => names.has(name)) }
  await onCluster(() => alterConfigs(cluster.client, resource, wanted, dryRun))
  ctx.note({ changes })
  if (!dryRun) {
    await untilTold(cluster, resource, wanted)
    const entity = resource.type === 'topic' ? resource.name : String(resource.id ?? '')
    const entityType =
      resource.type === 'topic' ? 'topic' : resource.id === null ? 'broker-default' : 'broker'
    const input = { clusterId: cluster.id, entityType, entity, changes } as const
    await recordConfigChanges({ ctx, input })
  }
  return { dryRun, changes }
}

/** Resolves once a broker tells the new values, so that whoever reads next sees them; after some two seconds anyway. */
async function untilTold(cluster: Cluster, resource: ConfigResource, wanted: ConfigPatch) {
  for (let tries = 0; tries < APPLIED_TRIES; tries++) {
    const configs = await readConfigs(cluster, resource).catch(() => null)
    // That a secret has its new value is not told.
    const secrets = new Set(configs?.filter((one) => one.isSensitive).map(({ name }) => name))
    const left = diffOf(configs ?? [], wanted, ownSourceOf(resource))
    if (configs === null || left.every(({ name }) => secrets.has(name))) return
    await sleep(APPLIED_EVERY_MS)
  }
}
