// First step of opening a partition directory: removes what a deletion or a compaction left unfinished,
// and completes a compaction that had reached its `.swap` files. Safe to run again after a crash.
import path from 'node:path'
import { batchLastOffset } from '../../protocol/records/batch.ts'
import type { Logger } from '../runtime/runtime.ts'
import { walkBatches } from './batch-walker.ts'
import {
  CLEANED_SUFFIX,
  DELETED_SUFFIX,
  LOG_SUFFIX,
  offsetOfFile,
  SEGMENT_SUFFIXES,
  SWAP_SUFFIX,
} from './names.ts'
import type { SegmentContext } from './segment.ts'

/** Gives the names left in the directory. */
export async function sweepDirectory(
  context: SegmentContext,
  directory: string,
  logger: Logger,
): Promise<string[]> {
  const names = new Set(await context.disk.readdir(directory))
  const drop = async (name: string) => {
    names.delete(name)
    await context.disk.remove(path.join(directory, name))
  }
  await dropUnfinished(names, drop)
  for (const name of [...names]) {
    if ([DELETED_SUFFIX, '.tmp'].some((suffix) => name.endsWith(suffix))) await drop(name)
  }
  await finishSwaps(context, { directory, names, drop })
  const bases = new Set([...names].map((name) => offsetOfFile(name, LOG_SUFFIX)))
  for (const name of [...names]) {
    for (const suffix of SEGMENT_SUFFIXES) {
      const base = offsetOfFile(name, suffix)
      if (base === null || bases.has(base)) continue
      logger.log('warn', 'Removed an index without its log', { file: name })
      await drop(name)
    }
  }
  return [...names]
}

type Drop = (name: string) => Promise<void>

/**
 * A swap beside a `.cleaned` file of its own or a lower offset was not complete. It goes first: without the
 * `.cleaned` file nobody could tell.
 */
async function dropUnfinished(names: ReadonlySet<string>, drop: Drop): Promise<void> {
  const baseOf = (name: string) => Number(name.slice(0, 20))
  const cleaned = [...names].filter((name) => name.endsWith(CLEANED_SUFFIX))
  const oldest = Math.min(...cleaned.map(baseOf), Number.POSITIVE_INFINITY)
  const swaps = [...names].filter((name) => name.endsWith(SWAP_SUFFIX))
  for (const name of swaps) if (baseOf(name) >= oldest) await drop(name)
  for (const name of cleaned) await drop(name)
}

/**
 * A complete swap takes the place of the segments that it covers: the log first, then what belongs to it, which is
 * left alone when a sweep before had come as far as the log.
 */
async function finishSwaps(
  context: SegmentContext,
  found: { directory: string; names: Set<string>; drop: Drop },
): Promise<void> {
  const { directory, names, drop } = found
  const swaps = [...names].filter((name) => name.endsWith(SWAP_SUFFIX))
  const put = async (name: string) => {
    const plain = name.slice(0, -SWAP_SUFFIX.length)
    await context.disk.rename(path.join(directory, name), path.join(directory, plain))
    names.delete(name)
    names.add(plain)
  }
  for (const name of swaps) {
    const base = offsetOfFile(name, `${LOG_SUFFIX}${SWAP_SUFFIX}`)
    if (base === null) continue
    const lastOffset = await lastOffsetOf(context, path.join(directory, name))
    for (const other of [...names]) {
      for (const suffix of SEGMENT_SUFFIXES) {
        const covered = offsetOfFile(other, suffix)
        if (covered !== null && covered >= base && covered <= lastOffset) await drop(other)
      }
    }
    await put(name)
  }
  if (swaps.length === 0) return
  await context.disk.syncDirectory(directory)
  for (const name of swaps) if (names.has(name)) await put(name)
}

async function lastOffsetOf(context: SegmentContext, file: string): Promise<number> {
  let lastOffset = -1
  await context.handles.use(file, async (handle) => {
    const toBytes = await handle.sizeBytes()
    await walkBatches(handle, { fromBytes: 0, toBytes }, ({ buffer, at }) => {
      lastOffset = batchLastOffset(buffer, at)
      return true
    })
  })
  await context.handles.forget(file)
  return lastOffset
}
