// Opens the directory of a partition log: sweeps what a crash left half done, finds where the log ends,
// and brings back indexes, producer state and epochs. After an unclean stop every batch from the recovery
// point on is checked, and the log is cut at the first byte that is not right. Used by PartitionLog.open.
import path from 'node:path'
import {
  batchBaseOffset,
  batchLastOffset,
  batchLeaderEpoch,
  batchMagic,
  batchNextOffset,
  CURRENT_MAGIC,
  verifyBatchCrc,
} from '../../protocol/records/batch.ts'
import type { FileHandle, Logger } from '../runtime/runtime.ts'
import { recordTimestampMs, walkBatches } from './batch-walker.ts'
import { CheckpointError, decodeEpochs, readTextFile } from './checkpoints.ts'
import { LeaderEpochCache } from './leader-epoch-cache.ts'
import {
  LEADER_EPOCH_FILE,
  LOG_SUFFIX,
  offsetName,
  offsetOfFile,
  TRANSACTION_INDEX_SUFFIX,
} from './names.ts'
import { encodeSnapshot } from './producer-snapshot-format.ts'
import { ProducerSnapshots } from './producer-snapshots.ts'
import { ProducerStates } from './producer-state.ts'
import { Segment, type SegmentContext } from './segment.ts'
import { SegmentList } from './segments.ts'
import { sweepDirectory } from './sweep.ts'
import type { TimeEntry } from './time-index.ts'
import type { AbortedEntry } from './transaction-index.ts'

export interface LoadOptions {
  context: SegmentContext
  logger: Logger
  directory: string
  /** As checkpointed; 0 when not known. */
  recoveryPoint: number
  logStartOffset: number
  hadCleanShutdown: boolean
  /** With hadCleanShutdown: it was not a clean stop but recover-task.ts, so what is checked need not be synced. */
  isRecovered?: boolean | undefined
  indexIntervalBytes: number
  /** One more segment has been checked, of so many bytes. */
  onSegment?: (sizeBytes: number) => void
}

export interface LoadedLog {
  segments: SegmentList
  logStartOffset: number
  logEndOffset: number
  recoveryPoint: number
  producers: ProducerStates
  snapshots: ProducerSnapshots
  epochs: LeaderEpochCache
}

export async function loadLog(options: LoadOptions): Promise<LoadedLog> {
  const names = await sweepDirectory(options.context, options.directory, options.logger)
  const state: LoadState = {
    options,
    segments: await openSegments(options, names),
    producers: new ProducerStates(),
    snapshots: new ProducerSnapshots(options.context.disk, options.directory, names),
    epochs: await readEpochs(options),
  }
  if (state.segments.length === 0) {
    return startAt(state, options.logStartOffset)
  }
  const firstBase = state.segments[0]?.baseOffset ?? 0
  const tail = options.hadCleanShutdown ? await scanCleanTail(state) : null
  const logEndOffset = tail === null ? await recover(state) : await loadClean(state, tail)
  const logStartOffset = Math.max(options.logStartOffset, firstBase)
  if (logStartOffset > logEndOffset) {
    // The log start was checkpointed, what it pointed into was lost: nothing below it may come back.
    for (const segment of state.segments.reverse()) await segment.unlink()
    await options.context.disk.syncDirectory(options.directory)
    return startAt(state, logStartOffset)
  }
  state.epochs.truncateFromEnd(logEndOffset)
  state.epochs.truncateFromStart(logStartOffset)
  await state.snapshots.deleteAbove(logEndOffset)
  await state.snapshots.deleteStray(new Set(state.segments.map((segment) => segment.baseOffset)))
  const segments = new SegmentList()
  for (const segment of state.segments) segments.add(segment)
  for (const segment of state.segments.slice(0, -1)) segment.dropIndexes()
  await segments.active.readFirstTimestamp()
  const isSynced = tail !== null && options.isRecovered !== true
  const recoveryPoint = isSynced ? logEndOffset : Math.min(options.recoveryPoint, logEndOffset)
  return { ...state, segments, logStartOffset, logEndOffset, recoveryPoint }
}

interface LoadState {
  options: LoadOptions
  segments: Segment[]
  producers: ProducerStates
  snapshots: ProducerSnapshots
  epochs: LeaderEpochCache
}

async function openSegments(options: LoadOptions, names: readonly string[]): Promise<Segment[]> {
  const { context, directory } = options
  const bases = names.map((name) => offsetOfFile(name, LOG_SUFFIX)).filter((base) => base !== null)
  bases.sort((a, b) => a - b)
  return Promise.all(
    bases.map(async (baseOffset) => {
      const probe = new Segment(context, { directory, baseOffset, sizeBytes: 0, createdMs: 0 })
      const info = await context.disk.stat(probe.logPath)
      const createdMs = info?.modifiedMs ?? context.nowMs()
      const sizeBytes = info?.sizeBytes ?? 0
      const segment = new Segment(context, { directory, baseOffset, sizeBytes, createdMs })
      const indexName = `${offsetName(baseOffset)}${TRANSACTION_INDEX_SUFFIX}`
      if (!names.includes(indexName)) segment.aborted.setEmpty()
      return segment
    }),
  )
}

async function startAt(state: LoadState, offset: number): Promise<LoadedLog> {
  const { context, directory } = state.options
  const segments = new SegmentList()
  segments.add(await Segment.create(context, { directory, baseOffset: offset }))
  state.producers.clear()
  await state.snapshots.deleteAll()
  state.epochs.truncateFromEnd(offset)
  const ends = { logStartOffset: offset, logEndOffset: offset, recoveryPoint: offset }
  return { ...state, segments, ...ends }
}

async function readEpochs(options: LoadOptions): Promise<LeaderEpochCache> {
  const text = await readTextFile(
    options.context.disk,
    path.join(options.directory, LEADER_EPOCH_FILE),
  )
  if (text === null) return new LeaderEpochCache()
  try {
    return new LeaderEpochCache(decodeEpochs(text))
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error
    options.logger.log('warn', 'Epochs are read from the log again', { reason: error.message })
    // Without the file, only a walk over the whole log brings the epochs back.
    options.recoveryPoint = 0
    options.hadCleanShutdown = false
    return new LeaderEpochCache()
  }
}

/** null unless the last segment is whole batches to its end, as a clean stop leaves it. */
async function scanCleanTail(state: LoadState): Promise<Tail | null> {
  const active = state.segments.at(-1)
  if (active === undefined) return null
  const tail = await scanTail(active)
  if (tail.endBytes === active.sizeBytes) return tail
  state.options.logger.log('warn', 'The log does not end with a whole batch: recovering', {
    segment: active.baseOffset,
    validBytes: tail.endBytes,
    sizeBytes: active.sizeBytes,
  })
  state.options.recoveryPoint = Math.min(state.options.recoveryPoint, active.baseOffset)
  return null
}

interface Tail {
  endBytes: number
  endOffset: number
  largest: TimeEntry | null
  /** Where the last index entry points, 0 without one. */
  indexedBytes: number
}

/** From the last index entry to the end, headers only. */
async function scanTail(segment: Segment): Promise<Tail> {
  const { offset, time } = await segment.indexes()
  // Thousands of partitions hold nothing: their logs need not be opened to see that.
  if (segment.sizeBytes === 0) {
    return { endBytes: 0, endOffset: segment.baseOffset, largest: null, indexedBytes: 0 }
  }
  const indexedBytes = offset.last()?.position ?? 0
  let endOffset = segment.baseOffset
  let largest: TimeEntry | null = time.last()
  const endBytes = await segment.withFile((handle) =>
    walkBatches(
      handle,
      { fromBytes: indexedBytes, toBytes: segment.sizeBytes },
      ({ buffer, at }) => {
        if (batchMagic(buffer, at) !== CURRENT_MAGIC || batchBaseOffset(buffer, at) < endOffset) {
          return false
        }
        endOffset = batchNextOffset(buffer, at)
        const timestampMs = recordTimestampMs(buffer, at)
        if (largest === null || timestampMs > largest.timestampMs) {
          largest = { timestampMs, offset: endOffset - 1 }
        }
        return true
      },
    ),
  )
  return { endBytes, endOffset, largest, indexedBytes }
}

async function loadClean(state: LoadState, tail: Tail): Promise<number> {
  const bytesSinceIndexEntry = tail.endBytes - tail.indexedBytes
  state.segments.at(-1)?.setTail({ largest: tail.largest, bytesSinceIndexEntry })
  await state.snapshots.restore(state.producers, state.segments, tail.endOffset)
  return tail.endOffset
}

/** Index of the segment that holds the recovery point: it and all later ones are checked. */
export function firstToRecover(baseOffsets: readonly number[], recoveryPoint: number): number {
  const later = baseOffsets.findIndex((baseOffset) => baseOffset > recoveryPoint)
  return Math.max(0, (later === -1 ? baseOffsets.length : later) - 1)
}

/** Checks everything from the recovery point on; gives the log end offset. */
async function recover(state: LoadState): Promise<number> {
  const { recoveryPoint, logger } = state.options
  const bases = state.segments.map((segment) => segment.baseOffset)
  const first = firstToRecover(bases, recoveryPoint)
  await state.snapshots.restore(
    state.producers,
    state.segments,
    state.segments[first]?.baseOffset ?? 0,
  )
  let endOffset = 0
  for (let index = first; index < state.segments.length; index++) {
    const segment = state.segments[index]
    if (segment === undefined) break
    const sizeBytes = segment.sizeBytes
    if (index > first) {
      await state.snapshots.write(segment.baseOffset, encodeSnapshot(state.producers.all()))
    }
    const found = await recoverSegment(state, segment)
    state.options.onSegment?.(sizeBytes)
    endOffset = found.endOffset
    const next = state.segments[index + 1]
    const isHole = next !== undefined && !found.hasGaps && found.endOffset < next.baseOffset
    if (segment.sizeBytes === sizeBytes && !isHole) continue
    logger.log('warn', 'Truncated the log while recovering', {
      logEndOffset: endOffset,
      droppedBytes: sizeBytes - segment.sizeBytes,
      droppedSegments: state.segments.length - index - 1,
    })
    for (const dropped of state.segments.splice(index + 1).reverse()) await dropped.unlink()
    // Before anything is appended: else a loss of power could put it back behind what was written since.
    await segment.syncLog()
    await state.options.context.disk.syncDirectory(state.options.directory)
  }
  return endOffset
}

/**
 * Walks one segment: cuts it at the first bad byte, makes its indexes anew, and takes producers and
 * epochs in. `hasGaps`: offsets are missing inside, as compaction leaves them.
 */
async function recoverSegment(
  state: LoadState,
  segment: Segment,
): Promise<{ endOffset: number; hasGaps: boolean }> {
  const indexes = segment.beginIndexes()
  const aborted: AbortedEntry[] = []
  let endOffset = segment.baseOffset
  let hasGaps = false
  const { indexIntervalBytes } = state.options
  const walk = (handle: FileHandle) =>
    walkBatches(handle, { fromBytes: 0, toBytes: segment.sizeBytes }, (batch) => {
      const { buffer, at, positionBytes } = batch
      if (batchMagic(buffer, at) !== CURRENT_MAGIC || !verifyBatchCrc(buffer, at)) return false
      const baseOffset = batchBaseOffset(buffer, at)
      const lastOffset = batchLastOffset(buffer, at)
      if (baseOffset < endOffset || lastOffset < baseOffset) return false
      if (lastOffset - segment.baseOffset > 0x7fff_ffff) return false
      hasGaps ||= baseOffset > endOffset
      endOffset = lastOffset + 1
      segment.observe(buffer, at, indexIntervalBytes, { indexes, positionBytes })
      segment.accountIndexed(batch.sizeBytes)
      const epoch = batchLeaderEpoch(buffer, at)
      // The file may tell of an epoch without a record that this batch has refuted since.
      if (epoch < state.epochs.epochOf(baseOffset)) state.epochs.truncateFromEnd(baseOffset)
      if (epoch > state.epochs.latestEpoch) state.epochs.assign(epoch, baseOffset)
      const ended = state.producers.update(buffer, at)
      if (ended !== null) aborted.push(ended)
      return true
    })
  if (segment.sizeBytes > 0) await segment.cut(await segment.withFile(walk))
  await segment.finishIndexes()
  await segment.aborted.replace(aborted)
  return { endOffset, hasGaps }
}
