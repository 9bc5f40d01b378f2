// What every controller operation is given and gives. An operation is a pure function: it reads the image
// (with everything already on its way to commit) and the soft state, and returns the records to write with the
// reply to send once they are committed. Only records change the image; sessions are the one soft thing.
import type { ConfigOwner } from '../config/effective.ts'
import { isDirectoryOnline } from '../metadata/directories.ts'
import { MIGRATING_DIRECTORY, UNASSIGNED_DIRECTORY } from '../metadata/image.ts'
import type { BrokerImage, MetadataImage, PartitionImage } from '../metadata/image-types.ts'
import type { MetadataRecord } from '../metadata/records.ts'
import type { Random } from '../runtime/runtime.ts'
import type { BrokerSessions } from './broker-sessions.ts'

export interface ControllerSettings {
  nodeId: number
  clusterId: string
  /** This node's server.properties: where topic settings come from that nobody set dynamically. */
  configOwner: ConfigOwner
  defaultNumPartitions: number
  defaultReplicationFactor: number
  deleteTopicEnable: boolean
  /** By then every live broker has reached a new controller. */
  firstContactTimeoutMs: number
  /** Partitions that one turn of the event loop changes when a broker comes or goes, or leaders are elected. */
  changesPerTurnMax: number
}

export interface ControllerState {
  readonly image: MetadataImage
  readonly sessions: BrokerSessions
  readonly settings: ControllerSettings
  readonly random: Random
  readonly nowMs: number
  /** When this controller became the active one, on the clock of `nowMs`. */
  readonly activeSinceMs: number
  /** Where the next record will stand in the metadata log. */
  readonly nextOffset: number
  /** kraft.version, which the quorum keeps; left out where nobody asks. */
  readonly quorum?: {
    readonly kraftVersion: number
    /** Why it cannot become `level` now; null when it can. */
    check(level: number): string | null
  }
}

export interface ControllerResult<Reply> {
  readonly records: readonly MetadataRecord[]
  readonly reply: Reply
  /** Written as one batch or, when there are too many of them, not at all. */
  readonly isAtomic?: boolean
  /** One of several pieces: the operation is run again once these records are committed, and its last reply counts. */
  readonly isUnfinished?: boolean
  /** What kraft.version is to become before the reply leaves. */
  readonly kraftVersion?: number
}

/** May lead and be in sync: registered, not fenced, not on its way out. */
export function isActive(image: MetadataImage, brokerId: number): boolean {
  const broker = image.brokers.get(brokerId)
  return broker !== undefined && !broker.isFenced && !broker.inControlledShutdown
}

export function hasOnlineDirectory(broker: BrokerImage, directory: string): boolean {
  return isDirectoryOnline(broker.logDirs, directory)
}

/** Whether the replica's directory on that broker is there to lead from. */
export function isReplicaOnline(
  image: MetadataImage,
  partition: PartitionImage,
  replica: number,
): boolean {
  const broker = image.brokers.get(replica)
  const index = partition.replicas.indexOf(replica)
  if (broker === undefined || index < 0) return false
  return hasOnlineDirectory(broker, partition.directories[index] ?? UNASSIGNED_DIRECTORY)
}

/** Where a new replica will live: the broker's only directory, else the broker decides. */
export function defaultDirectory(image: MetadataImage, brokerId: number): string {
  const logDirs = image.brokers.get(brokerId)?.logDirs ?? []
  const [only] = logDirs
  if (logDirs.length === 0) return MIGRATING_DIRECTORY
  return logDirs.length === 1 && only !== undefined ? only : UNASSIGNED_DIRECTORY
}
