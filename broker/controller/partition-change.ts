// How a partition gets a new ISR or leader, and what that makes of its epochs. Any change bumps the partition
// epoch; the leader epoch goes up when the leader is set (also to itself, where a replica leaves for good). Pure.

import { NO_LEADER } from '../metadata/image.ts'
import type { PartitionImage } from '../metadata/image-types.ts'
import { createRecord, type MetadataRecord } from '../metadata/records.ts'

/**
 * online: keep a leader that is still good, else the first good member of the ISR in replica order.
 * preferred: the first replica where it is good, else as online.
 * unclean: as online, and when that finds nobody any live replica, at the price of data.
 */
export type ElectionKind = 'online' | 'preferred' | 'unclean'

export const RECOVERED = 0
export const RECOVERING = 1

export interface PartitionChangeOptions {
  topicId: string
  partition: PartitionImage
  isAcceptableLeader: (replica: number) => boolean
  election?: ElectionKind
  targetIsr?: readonly number[]
  targetLeaderRecoveryState?: number
  /** Replicas whose directory becomes known. */
  directories?: ReadonlyMap<number, string>
}

/** null when nothing would change. */
export function changePartition(options: PartitionChangeOptions): MetadataRecord | null {
  const { topicId, partition } = options
  const target = completeReassignment(partition, options.targetIsr ?? partition.isr)
  const elected = electLeader(options, target)
  const isLeaderNew = elected.leader !== partition.leader
  const isUnclean = isLeaderNew && elected.isUnclean
  const leavesReplica = !partition.replicas.every((replica) => target.replicas.includes(replica))
  const isr = isUnclean ? [elected.leader] : target.isr
  const directories = directoriesFor(partition, target.replicas, options.directories)
  const recoveryState = recoveryStateFor(options, isUnclean)
  const change: Change = { topicId, partitionId: partition.partition }
  // The last member stays in the ISR, so that it is known who holds the data.
  if (isr.length > 0 && !isEqual(isr, partition.isr)) change.isr = isr
  if (isLeaderNew || leavesReplica) change.leader = elected.leader
  if (!isEqual(target.replicas, partition.replicas)) change.replicas = target.replicas
  if (!isEqual(target.removing, partition.removingReplicas)) {
    change.removingReplicas = target.removing
  }
  if (!isEqual(target.adding, partition.addingReplicas)) change.addingReplicas = target.adding
  if (!isEqual(directories, partition.directories)) change.directories = directories
  if (recoveryState !== partition.leaderRecoveryState) change.leaderRecoveryState = recoveryState
  return Object.keys(change).length === 2 ? null : createRecord('partitionChange', change)
}

/** Written where it says more than which partition it is about. */
interface Change {
  topicId: string
  partitionId: number
  isr?: readonly number[]
  leader?: number
  replicas?: readonly number[]
  removingReplicas?: readonly number[]
  addingReplicas?: readonly number[]
  directories?: readonly string[]
  leaderRecoveryState?: number
}

interface Target {
  isr: readonly number[]
  replicas: readonly number[]
  removing: readonly number[]
  adding: readonly number[]
}

/** A reassignment is done once everyone who stays is in sync and somebody stays. */
function completeReassignment(partition: PartitionImage, isr: readonly number[]): Target {
  const { replicas, removingReplicas: removing, addingReplicas: adding } = partition
  const asIs = { isr, replicas, removing, adding }
  if (removing.length === 0 && adding.length === 0) return asIs
  const stays = (replica: number) => !removing.includes(replica)
  const newIsr = isr.filter(stays)
  const newReplicas = replicas.filter(stays)
  if (newIsr.length === 0 || newReplicas.length === 0) return asIs
  if (!newReplicas.every((replica) => newIsr.includes(replica))) return asIs
  return { isr: newIsr, replicas: newReplicas, removing: [], adding: [] }
}

function electLeader(
  options: PartitionChangeOptions,
  target: Target,
): { leader: number; isUnclean: boolean } {
  const { partition, isAcceptableLeader, election = 'online' } = options
  const isGood = (replica: number) => target.isr.includes(replica) && isAcceptableLeader(replica)
  const [preferred] = target.replicas
  if (election === 'preferred' && preferred !== undefined && isGood(preferred)) {
    return { leader: preferred, isUnclean: false }
  }
  if (isGood(partition.leader)) return { leader: partition.leader, isUnclean: false }
  const online = target.replicas.find(isGood)
  if (online !== undefined) return { leader: online, isUnclean: false }
  const any = election === 'unclean' ? target.replicas.find(isAcceptableLeader) : undefined
  return { leader: any ?? NO_LEADER, isUnclean: any !== undefined }
}

function recoveryStateFor(options: PartitionChangeOptions, isUnclean: boolean): number {
  if (isUnclean) return RECOVERING
  return options.targetLeaderRecoveryState ?? options.partition.leaderRecoveryState
}

function directoriesFor(
  partition: PartitionImage,
  replicas: readonly number[],
  known: ReadonlyMap<number, string> | undefined,
): readonly string[] {
  const isKept = isEqual(replicas, partition.replicas)
  if (known === undefined && isKept) return partition.directories
  return replicas.map((replica) => {
    const index = partition.replicas.indexOf(replica)
    return known?.get(replica) ?? partition.directories[index] ?? ''
  })
}

function isEqual<T>(a: readonly T[], b: readonly T[]): boolean {
  if (a === b) return true
  return a.length === b.length && a.every((entry, index) => entry === b[index])
}
