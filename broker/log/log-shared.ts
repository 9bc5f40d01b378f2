// What all logs of a broker share: file handles, the tail ring, the cache of indexes. Made once by
// LogManager (or by the owner of a single log, as the metadata quorum). Nothing durable.
import type { Runtime } from '../runtime/runtime.ts'
import { FileHandles } from './file-handles.ts'
import { IndexCache } from './index-cache.ts'
import { ReadAheads } from './read-ahead.ts'
import { ReadBuffers } from './read-buffers.ts'
import type { SegmentContext } from './segment.ts'
import { TailRing } from './tail-ring.ts'

export interface LogShared {
  runtime: Runtime
  handles: FileHandles
  /** null: nothing is kept in memory. */
  ring: TailRing | null
  indexCache: IndexCache
  readBuffers: ReadBuffers
  readAheads: ReadAheads
  segments: SegmentContext
  /** transaction.partition.verification.enable: no producer opens a transaction that nobody vouched for. */
  mustVerifyTransactions: boolean
  /** Told how long each sync of a log took. */
  flushed?: (durationMs: number) => void
}

export interface LogSharedSettings {
  /** 0 turns the ring off. */
  tailRingBytes?: number
  openFilesMax?: number
  indexCacheBytes?: number
}

export function createLogShared(runtime: Runtime, settings: LogSharedSettings = {}): LogShared {
  const handles = new FileHandles(runtime.disk, settings.openFilesMax)
  const nowMs = runtime.clock.nowMs
  return {
    runtime,
    handles,
    ring: settings.tailRingBytes === 0 ? null : new TailRing(settings.tailRingBytes),
    indexCache: new IndexCache(settings.indexCacheBytes),
    readBuffers: new ReadBuffers(runtime.timers),
    readAheads: new ReadAheads(runtime.timers),
    segments: { disk: runtime.disk, handles, nowMs: () => nowMs() },
    mustVerifyTransactions: false,
  }
}
