// Puts a cleaned segment in the place of those it was made from. Runs alone in the log's queue. Each step is durable
// before the next begins: whatever a crash leaves, sweep.ts goes back to the old segments or on to the new one.
import path from 'node:path'
import type { LogState } from '../log-state.ts'
import {
  CLEANED_SUFFIX,
  LOG_SUFFIX,
  OFFSET_INDEX_SUFFIX,
  offsetName,
  SEGMENT_SUFFIXES,
  SWAP_SUFFIX,
  TIME_INDEX_SUFFIX,
  TRANSACTION_INDEX_SUFFIX,
} from '../names.ts'
import { Segment } from '../segment.ts'
import type { CleanedGroup } from './clean-plan.ts'

/** False when the log has changed under the cleaning: nothing was done. */
export async function swapIn(
  state: LogState,
  group: CleanedGroup,
  sources: readonly Segment[],
): Promise<boolean> {
  const { directory, segments, shared } = state
  const { disk } = shared.runtime
  const first = segments.all().indexOf(sources[0] ?? segments.active)
  const isUnchanged = sources.every((source, index) => segments.all()[first + index] === source)
  if (first < 0 || !isUnchanged || sources.includes(segments.active)) return false
  const stem = path.join(directory, offsetName(group.baseOffset))
  const rename = (suffix: string, from: string, to: string) =>
    disk.rename(`${stem}${suffix}${from}`, `${stem}${suffix}${to}`)
  const indexes = [
    OFFSET_INDEX_SUFFIX,
    TIME_INDEX_SUFFIX,
    ...(group.hasAborted ? [TRANSACTION_INDEX_SUFFIX] : []),
  ]
  // While one `.cleaned` file is left, the old segments count.
  for (const suffix of [...indexes, LOG_SUFFIX]) await rename(suffix, CLEANED_SUFFIX, SWAP_SUFFIX)
  await disk.syncDirectory(directory)
  const createdMs = sources.at(-1)?.createdMs ?? shared.runtime.clock.nowMs()
  // They stay in the list, and reads go on in them, until the new one stands.
  for (const source of sources) await source.indexes()
  for (const source of sources) await state.retirer.putOutOfSight(source)
  await disk.syncDirectory(directory)
  await rename(LOG_SUFFIX, SWAP_SUFFIX, '')
  await disk.syncDirectory(directory)
  for (const suffix of indexes) await rename(suffix, SWAP_SUFFIX, '')
  await disk.syncDirectory(directory)
  const { baseOffset, sizeBytes } = group
  const cleaned = new Segment(shared.segments, { directory, baseOffset, sizeBytes, createdMs })
  segments.replace(sources, cleaned)
  // What the cleaning dropped may be in memory still; its aborted transactions are told of no more.
  state.tail.clear()
  state.unsyncedSealed = state.unsyncedSealed.filter((segment) => !sources.includes(segment))
  for (const source of sources) state.retirer.unlinkLater(source, state.config.fileDeleteDelayMs)
  await state.snapshots.deleteStray(new Set(segments.all().map((segment) => segment.baseOffset)))
  return true
}

/** Removes what a cleaning that was given up left behind. */
export async function removeCleaned(state: LogState, baseOffsets: Iterable<number>): Promise<void> {
  for (const baseOffset of baseOffsets) {
    const stem = path.join(state.directory, offsetName(baseOffset))
    for (const suffix of SEGMENT_SUFFIXES) {
      await state.shared.runtime.disk.remove(`${stem}${suffix}${CLEANED_SUFFIX}`)
    }
  }
}
