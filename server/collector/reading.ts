import type { QuorumState } from '../kafka/describe-cluster.ts'
import type { CommittedOffset } from '../kafka/group-offsets.ts'
import type { GroupDescription } from '../kafka/groups.ts'
import type { LogDirState } from '../kafka/log-dirs.ts'
import type { BrokerNode, ByPartition, ClusterState } from '../kafka/types.ts'
import type { BrokerMetrics } from './broker-metrics.ts'

export interface GroupReading {
  readonly description: GroupDescription
  readonly coordinator: number
  /** Null: the coordinator did not answer with offsets. */
  readonly offsets: ByPartition<CommittedOffset> | null
}

export interface TopicSettings {
  readonly isCompacted: boolean
  readonly minInsyncReplicas: number | null
}

/** Everything that one cycle learned of a cluster. What is missing was not answered in time. */
export interface Reading {
  /** When the cycle began: nothing in it is older. */
  readonly startedMs: number
  /** When end offsets were asked for: the time of the samples. */
  readonly tMs: number
  readonly state: ClusterState
  /** Null: a ZooKeeper cluster; undefined: no answer. */
  readonly quorum: QuorumState | null | undefined
  readonly controllerId: number | null
  readonly fenced: readonly BrokerNode[]
  readonly logStarts: ByPartition<number>
  readonly ends: ByPartition<number>
  readonly logDirs: ReadonlyMap<number, readonly LogDirState[]>
  readonly metrics: ReadonlyMap<number, BrokerMetrics>
  readonly groups: readonly GroupReading[]
  /** Every coordinator answered: a group that is not in `groups` is gone. */
  readonly isGroupListComplete: boolean
  readonly topicSettings: ReadonlyMap<string, TopicSettings>
  /** Why a broker did not answer. */
  readonly brokerErrors: ReadonlyMap<number, string>
}
