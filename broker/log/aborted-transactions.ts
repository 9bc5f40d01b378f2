// Aborted transactions of one log by range, for read_committed fetches and the cleaner: from the transaction
// indexes of its segments. A damaged index is made anew from the segment's batches. Used by PartitionLog.
import { walkBatches } from './batch-walker.ts'
import type { LogState } from './log-state.ts'
import { ProducerStates } from './producer-state.ts'
import type { Segment } from './segment.ts'
import type { AbortedEntry, TransactionIndex } from './transaction-index.ts'
import { DamagedTransactionIndex } from './transaction-index-file.ts'
import type { AbortedTransaction } from './types.ts'

interface Range {
  startOffset: number
  endOffsetExclusive: number
}

/** In the order of their markers; a promise only where an index must be read from its file. */
export function abortedTransactionsIn(
  state: LogState,
  range: Range,
): AbortedTransaction[] | Promise<AbortedTransaction[]> {
  const found: AbortedTransaction[] = []
  let segment = state.segments.floor(range.startOffset)
  // A marker may lie in a later segment than what it aborts.
  while (segment !== null) {
    const index = segment.aborted.load()
    if (index instanceof Promise) return readOn(state, segment, range, found)
    if (index.collect(range.startOffset, range.endOffsetExclusive, found)) break
    segment = state.segments.after(segment)
  }
  return found
}

async function readOn(
  state: LogState,
  from: Segment,
  range: Range,
  found: AbortedTransaction[],
): Promise<AbortedTransaction[]> {
  for (let segment: Segment | null = from; segment !== null; ) {
    const index = await loadAborted(state, segment)
    if (index.collect(range.startOffset, range.endOffsetExclusive, found)) break
    if (segment !== state.segments.active) state.shared.indexCache.touch(segment)
    segment = state.segments.after(segment)
  }
  return found
}

/** The segment's transaction index, repaired where its file is damaged. */
export async function loadAborted(state: LogState, segment: Segment): Promise<TransactionIndex> {
  try {
    return await segment.aborted.load()
  } catch (error) {
    if (!(error instanceof DamagedTransactionIndex)) throw error
    state.logger.log('warn', 'A transaction index is made anew from its segment', {
      segment: segment.baseOffset,
    })
    const producers = new ProducerStates()
    await state.snapshots.restore(producers, state.segments.all(), segment.baseOffset)
    await segment.aborted.replace(await findAborts(segment, producers))
    return segment.aborted.load()
  }
}

/** `producers`: as they were at the segment's base. */
async function findAborts(segment: Segment, producers: ProducerStates): Promise<AbortedEntry[]> {
  const aborts: AbortedEntry[] = []
  await segment.withFile((handle) =>
    walkBatches(handle, { fromBytes: 0, toBytes: segment.sizeBytes }, ({ buffer, at }) => {
      const aborted = producers.update(buffer, at)
      if (aborted !== null) aborts.push(aborted)
      return true
    }),
  )
  return aborts
}
