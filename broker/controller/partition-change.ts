// How a partition gets a new ISR or leader, and what that makes of its epochs. Any change bumps the partition
// epoch; the leader epoch goes up when the leader is set (also to itself, where a replica leaves for good).
// Replicas that leave an ISR below min ISR are kept as eligible leader replicas (ELR): below it the high watermark
// stands still, so that they go on holding all that is committed. Pure.

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
  /** min.insync.replicas of the topic; null where no ELR is kept. */
  minIsr: number | null
  /** A replica that may have lost what it had: neither in sync nor eligible. */
  uncleanReplica?: number | undefined
  election?: ElectionKind
  targetIsr?: readonly number[]
  targetLeaderRecoveryState?: number
  /** Of a reassignment that begins or is reverted; each is left as it is where not given. */
  targetReplicas?: readonly number[]
  targetRemoving?: readonly number[]
  targetAdding?: readonly number[]
  /** Replicas whose directory becomes known. */
  directories?: ReadonlyMap<number, string>
}

/** null when nothing would change. */
export function changePartition(options: PartitionChangeOptions): MetadataRecord | null {
  const { topicId, partition } = options
  const target = completeReassignment(targetOf(options))
  const eligible = eligibleReplicas(options, target)
  const elected = electLeader(options, target, eligible)
  const { isUnclean } = elected
  const comesFromElr = target.isr.length === 0 && elected.leader !== NO_LEADER
  const isLeaderNew = elected.leader !== partition.leader || isUnclean || comesFromElr
  const leavesReplica = !partition.replicas.every((replica) => target.replicas.includes(replica))
  const isr = isUnclean || comesFromElr ? [elected.leader] : target.isr
  const endsElr = isUnclean || (options.minIsr === null && isr.length > 0)
  const elr = endsElr ? [] : eligible.filter((replica) => !isr.includes(replica))
  const lastKnownElr = lastKnownLeader(options, { isr, leader: elected.leader })
  const directories = directoriesFor(partition, target.replicas, options.directories)
  const recoveryState = recoveryStateFor(options, isUnclean)
  const change: Change = { topicId, partitionId: partition.partition }
  // Without an ELR the last member stays in the ISR, so that it is known who holds the data.
  const mayBeEmpty = options.minIsr !== null
  if ((isr.length > 0 || mayBeEmpty) && !isEqual(isr, partition.isr)) change.isr = isr
  if (!isEqual(elr, partition.elr)) change.eligibleLeaderReplicas = elr
  if (!isEqual(lastKnownElr, partition.lastKnownElr)) change.lastKnownElr = lastKnownElr
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
  eligibleLeaderReplicas?: readonly number[]
  lastKnownElr?: readonly number[]
}

interface Target {
  isr: readonly number[]
  replicas: readonly number[]
  removing: readonly number[]
  adding: readonly number[]
}

function targetOf(options: PartitionChangeOptions): Target {
  const { partition } = options
  return {
    isr: options.targetIsr ?? partition.isr,
    replicas: options.targetReplicas ?? partition.replicas,
    removing: options.targetRemoving ?? partition.removingReplicas,
    adding: options.targetAdding ?? partition.addingReplicas,
  }
}

/** A reassignment is done once everyone who stays is in sync and somebody stays. */
function completeReassignment(asIs: Target): Target {
  const { isr, replicas, removing, adding } = asIs
  if (removing.length === 0 && adding.length === 0) return asIs
  const stays = (replica: number) => !removing.includes(replica)
  const newIsr = isr.filter(stays)
  const newReplicas = replicas.filter(stays)
  if (newIsr.length === 0 || newReplicas.length === 0) return asIs
  if (!newReplicas.every((replica) => newIsr.includes(replica))) return asIs
  return { isr: newIsr, replicas: newReplicas, removing: [], adding: [] }
}

/** Who holds all that is committed without being in the ISR, in ascending order. */
function eligibleReplicas(options: PartitionChangeOptions, target: Target): readonly number[] {
  const { partition, minIsr, uncleanReplica } = options
  const isHere = (replica: number) => target.replicas.includes(replica)
  if (minIsr === null) {
    // They stay who they were as long as nobody leads: nothing was committed since.
    if (target.isr.length > 0) return []
    return partition.elr.filter((replica) => replica !== uncleanReplica && isHere(replica))
  }
  if (target.isr.length >= Math.min(minIsr, target.replicas.length)) return []
  const held = new Set([...partition.elr, ...partition.isr])
  return [...held]
    .filter((replica) => replica !== uncleanReplica && !target.isr.includes(replica))
    .filter(isHere)
    .sort((a, b) => a - b)
}

/** Remembered from when the ISR becomes empty until the partition is led again. */
function lastKnownLeader(
  options: PartitionChangeOptions,
  next: { isr: readonly number[]; leader: number },
): readonly number[] {
  const { partition, minIsr } = options
  if (minIsr === null || next.leader !== NO_LEADER) return []
  const becomesEmpty = next.isr.length === 0 && partition.isr.length > 0
  if (!becomesEmpty) return partition.lastKnownElr
  const last = partition.leader === NO_LEADER ? partition.isr[0] : partition.leader
  return last === undefined ? [] : [last]
}

function electLeader(
  options: PartitionChangeOptions,
  target: Target,
  eligible: readonly number[],
): { leader: number; isUnclean: boolean } {
  const { partition, isAcceptableLeader, election = 'online' } = options
  const candidates = target.isr.length > 0 ? target.isr : eligible
  const isGood = (replica: number) => candidates.includes(replica) && isAcceptableLeader(replica)
  const [preferred] = target.replicas
  if (election === 'preferred' && preferred !== undefined && isGood(preferred)) {
    return { leader: preferred, isUnclean: false }
  }
  if (isGood(partition.leader)) return { leader: partition.leader, isUnclean: false }
  const online = target.replicas.find(isGood)
  if (online !== undefined) return { leader: online, isUnclean: false }
  // Nobody is known to hold everything: the last leader is the best guess there is.
  const [last, ...others] = partition.lastKnownElr
  const isLastResort = options.minIsr !== null && candidates.length === 0 && others.length === 0
  if (isLastResort && last !== undefined && isAcceptableLeader(last)) {
    return { leader: last, isUnclean: true }
  }
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
