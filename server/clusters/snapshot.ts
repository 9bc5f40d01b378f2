import type { BrokerDetail, BrokerItem } from '../../contracts/brokers.ts'
import type { VerdictLevel } from '../../contracts/common.ts'
import type { GroupItem, GroupMember } from '../../contracts/groups.ts'
import type { PartitionVerdict } from '../../contracts/lag.ts'
import type { IsrHealth, TopicItem } from '../../contracts/topics.ts'

/** What the collector writes and the pages read, as JSON in the inventory tables. */
export interface ClusterSnapshot {
  readonly kafkaClusterId: string | null
  readonly mode: 'kraft' | 'zookeeper' | 'unknown'
  readonly controllerId: number | null
  /** When this controller was first seen. */
  readonly controllerSinceMs: number | null
  readonly brokersOnline: number
  readonly brokersTotal: number
  readonly topics: number
  readonly partitions: number
  readonly groups: number
  readonly partitionsUnderReplicated: number
  readonly partitionsUnderMinIsr: number
  readonly partitionsOffline: number
  readonly partitionsNotPreferred: number
  readonly partitionsOneCopyLeft: number
  readonly messagesInRate: number | null
  readonly version: string | null
  readonly hasJmx: boolean
  readonly intervalMs: number
  readonly quorum: SnapshotQuorum | null
}

export interface SnapshotQuorum {
  readonly leaderId: number | null
  readonly leaderEpoch: number
  readonly highWatermark: number
  readonly voters: readonly SnapshotReplica[]
  readonly observers: readonly SnapshotReplica[]
  readonly nodes: readonly (readonly [number, { host: string; port: number }])[]
}

export interface SnapshotReplica {
  readonly id: number
  readonly directoryId: string | null
  readonly logEndOffset: number | null
  readonly lastFetchTimestampMs: number | null
  readonly lastCaughtUpTimestampMs: number | null
}

export type { GroupItem, IsrHealth, TopicItem, VerdictLevel }

/** Packed, since tens of thousands of them are written: see `topicPartitionsOf`. */
export interface TopicDetailRow {
  readonly minInsyncReplicas: number | null
  readonly partitions: readonly PackedPartition[]
}

/**
 * partition, leader (−1 none), epoch, replicas, isr, offline, log start, high watermark, leader's
 * bytes, lag per replica
 */
export type PackedPartition = readonly [
  partition: number,
  leader: number,
  leaderEpoch: number | null,
  replicas: readonly number[],
  isr: readonly number[],
  offline: readonly number[],
  logStart: number | null,
  highWatermark: number | null,
  sizeBytes: number | null,
  replicaLags: readonly (number | null)[],
]

export interface GroupDetailRow {
  readonly memberDetails: readonly GroupMember[]
  /** Topic → key of its samples, the deleted ones included. */
  readonly topicKeys: Readonly<Record<string, string>>
  readonly partitions: readonly PackedGroupPartition[]
  /** In the order of `partitions`; 0: it has read everything, null: no commit. Left out by older versions. */
  readonly lags?: readonly (PackedPartitionLag | 0 | null)[]
}

/** lag time (null: not known), verdict, reason, since, lag, lag then, from, commits */
export type PackedPartitionLag = readonly [
  lagTime: readonly [estimateMs: number | null, atLeastMs: number, atMostMs: number | null] | null,
  verdict: PartitionVerdict['verdict'],
  reason: PartitionVerdict['reason'],
  sinceMs: number | null,
  lag: number | null,
  lagThen: number | null,
  from: number | null,
  commits: number,
]

/** topic, partition, committed, log start, end, index in memberDetails (−1 nobody), metadata */
export type PackedGroupPartition = readonly [
  topic: string,
  partition: number,
  committed: number | null,
  logStart: number | null,
  end: number | null,
  member: number,
  metadata: string | null,
]

export type BrokerItemRow = Omit<BrokerItem, 'process'> & {
  readonly logDirs: BrokerDetail['logDirs']
}

/** For sorting by health; a topic that only waits for an election stands between. */
export function isrRankOf(isr: IsrHealth): number {
  if (isr.level === 'critical') return 3
  if (isr.level === 'attention') return 2
  return isr.partitionsNotPreferred > 0 ? 1 : 0
}
