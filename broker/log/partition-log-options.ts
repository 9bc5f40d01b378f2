// How one partition's log is opened: where it lies, what is remembered of it, whom it tells of trouble.
import type { LogShared } from './log-shared.ts'
import type { LogConfig } from './types.ts'

export interface PartitionLogOptions {
  shared: LogShared
  directory: string
  topic: string
  partition: number
  topicId: string
  config: LogConfig
  /** As checkpointed; 0 when not known. */
  recoveryPoint: number
  logStartOffset: number
  highWatermark: number
  /** Everything below was compacted; left out where that is not known. */
  firstDirtyOffset?: number | null
  hadCleanShutdown: boolean
  /** With hadCleanShutdown: a recovery, not a stop, left it as it is; it is not synced. */
  isRecovered?: boolean
  /** Keep what a leader sent in the tail ring too (small logs read right back, as the metadata log). */
  cacheReplicaAppends?: boolean
  /** The log failed and takes nothing any more. */
  onFailure?: (error: unknown) => void
  /** A truncation went below what is checkpointed: resolves once the checkpoint says so. */
  onRecoveryPointLowered?: () => Promise<void>
}
