// The table of what a broker serves, by listener. Adding an API is adding its file and a line here; ApiVersions
// advertises exactly this.
import { produce } from './00-produce.ts'
import { fetch } from './01-fetch.ts'
import { listOffsets } from './02-list-offsets.ts'
import { metadata } from './03-metadata.ts'
import { offsetCommit } from './08-offset-commit.ts'
import { offsetFetch } from './09-offset-fetch.ts'
import { findCoordinator } from './10-find-coordinator.ts'
import { joinGroup } from './11-join-group.ts'
import { heartbeat } from './12-heartbeat.ts'
import { leaveGroup } from './13-leave-group.ts'
import { syncGroup } from './14-sync-group.ts'
import { describeGroups } from './15-describe-groups.ts'
import { listGroups } from './16-list-groups.ts'
import { apiVersionsHandler } from './18-api-versions.ts'
import { deleteRecords } from './21-delete-records.ts'
import { initProducerId } from './22-init-producer-id.ts'
import { offsetForLeaderEpoch } from './23-offset-for-leader-epoch.ts'
import { describeConfigs } from './32-describe-configs.ts'
import { describeLogDirs } from './35-describe-log-dirs.ts'
import { deleteGroups } from './42-delete-groups.ts'
import { describeCluster } from './60-describe-cluster.ts'
import { describeTopicPartitions } from './75-describe-topic-partitions.ts'
import type { AnyHandler } from './types.ts'

export type ListenerKind = 'broker' | 'controller'

const handlers = [
  produce,
  fetch,
  listOffsets,
  metadata,
  offsetCommit,
  offsetFetch,
  findCoordinator,
  joinGroup,
  heartbeat,
  leaveGroup,
  syncGroup,
  describeGroups,
  listGroups,
  deleteRecords,
  initProducerId,
  offsetForLeaderEpoch,
  describeConfigs,
  describeLogDirs,
  deleteGroups,
  describeCluster,
  describeTopicPartitions,
] as unknown as readonly AnyHandler[]

/** What one kind of listener serves, in order of key, ApiVersions included. */
export function handlersFor(kind: ListenerKind): readonly AnyHandler[] {
  const served: AnyHandler[] = handlers.filter(({ listeners }) => listeners.includes(kind))
  served.push(apiVersionsHandler([kind], () => served) as unknown as AnyHandler)
  return served.sort((left, right) => left.api.key - right.api.key)
}
