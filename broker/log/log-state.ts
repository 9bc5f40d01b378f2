// The mutable heart of one partition log, shared by the files that act on it (partition-log, truncation,
// log-retention, log-syncer). Owned by PartitionLog, whose queue lets one of them act at a time.
import type { Logger } from '../runtime/runtime.ts'
import { EpochFile } from './epoch-file.ts'
import type { LeaderEpochCache } from './leader-epoch-cache.ts'
import { LogReader } from './log-reader.ts'
import type { LogShared } from './log-shared.ts'
import type { ProducerSnapshots } from './producer-snapshots.ts'
import type { ProducerStates } from './producer-state.ts'
import type { LoadedLog } from './recovery.ts'
import { RollPlan } from './roll-plan.ts'
import { Segment } from './segment.ts'
import { SegmentRetirer } from './segment-retirer.ts'
import type { SegmentList } from './segments.ts'
import { type TailCache, TailRing } from './tail-ring.ts'
import type { LogConfig } from './types.ts'

export interface LogState {
  readonly shared: LogShared
  readonly logger: Logger
  readonly directory: string
  readonly segments: SegmentList
  readonly producers: ProducerStates
  readonly snapshots: ProducerSnapshots
  readonly epochs: LeaderEpochCache
  readonly epochFile: EpochFile
  readonly retirer: SegmentRetirer
  readonly reader: LogReader
  readonly tail: TailCache
  readonly plan: RollPlan
  config: LogConfig
  logStartOffset: number
  /** Everything below is held by the operating system. */
  logEndOffset: number
  /** Offset the next append gets: ahead of logEndOffset while writes are under way. */
  nextOffset: number
  recoveryPoint: number
  highWatermark: number
  /** Rolled and not yet wholly synced. */
  unsyncedSealed: Segment[]
  /** Something was written since the log was opened. */
  isDirty: boolean
  /** Compaction has seen everything below; null where it never ran. Checkpointed by LogDirectory. */
  firstDirtyOffset: number | null
  /** Counts truncations: a sync that began before one says nothing about what came after. */
  truncations: number
}

export function createLogState(
  options: {
    shared: LogShared
    logger: Logger
    directory: string
    config: LogConfig
    highWatermark: number
    firstDirtyOffset?: number | null
    onFailure: (error: unknown) => void
  },
  loaded: LoadedLog,
): LogState {
  const { shared, logger, directory, config, onFailure } = options
  const { segments, producers, snapshots, epochs, logStartOffset, logEndOffset } = loaded
  const highWatermark = Math.min(Math.max(options.highWatermark, logStartOffset), logEndOffset)
  producers.onHighWatermark(highWatermark)
  return {
    shared,
    logger,
    directory,
    segments,
    producers,
    snapshots,
    epochs,
    epochFile: new EpochFile({ disk: shared.runtime.disk, directory, cache: epochs, onFailure }),
    retirer: new SegmentRetirer(shared, logger),
    reader: new LogReader(segments, shared),
    tail: (shared.ring ?? new TailRing(0)).openCache(),
    plan: new RollPlan(segments.active, () => shared.runtime.random.next()),
    config,
    logStartOffset,
    logEndOffset,
    nextOffset: logEndOffset,
    recoveryPoint: loaded.recoveryPoint,
    highWatermark,
    unsyncedSealed: sealedAbove(segments, loaded.recoveryPoint),
    isDirty: false,
    firstDirtyOffset: options.firstDirtyOffset ?? null,
    truncations: 0,
  }
}

/** What recovery found above the recovery point may be nowhere but in the page cache. */
function sealedAbove(segments: SegmentList, recoveryPoint: number): Segment[] {
  const sealed = segments.all().slice(0, -1)
  return sealed.filter((segment) => (segments.after(segment)?.baseOffset ?? 0) > recoveryPoint)
}

export function moveLogStart(state: LogState, offset: number): void {
  state.logStartOffset = offset
  state.highWatermark = Math.max(state.highWatermark, offset)
  state.producers.onHighWatermark(state.highWatermark)
  state.epochs.truncateFromStart(offset)
  state.epochFile.save()
}

/** Takes a segment out and renames its files; they are unlinked after file.delete.delay.ms. */
export async function retireSegment(state: LogState, segment: Segment): Promise<void> {
  state.segments.remove(segment)
  state.unsyncedSealed = state.unsyncedSealed.filter((other) => other !== segment)
  await state.retirer.retire(segment, state.config.fileDeleteDelayMs)
}

/** Seals the active segment and opens the one at `baseOffset`; `snapshot` is the producer state there. */
export async function rollSegment(
  state: LogState,
  baseOffset: number,
  snapshot: Buffer,
): Promise<void> {
  const old = state.segments.active
  await old.seal()
  state.unsyncedSealed.push(old)
  // Flushed to its end as the active one, it has no synced indexes; what lies below the recovery point must have.
  if (state.recoveryPoint >= baseOffset) await old.sync()
  await state.snapshots.write(baseOffset, snapshot)
  const { directory, shared } = state
  state.segments.add(await Segment.create(shared.segments, { directory, baseOffset }))
  shared.indexCache.touch(old)
  state.logger.log('debug', 'Rolled a new segment', { baseOffset })
}
