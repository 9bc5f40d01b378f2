// What the log cleaner tells of its last rounds, for Kafka's beans of LogCleaner and LogCleanerManager. In memory
// only. Each thread's last cleaning counts, as there.
import type { CleanStats } from './clean-plan.ts'

export interface CleanerReport extends CleanStats {
  tookMs: number
}

/** Last cleanings kept: more than threads that anybody asks for. */
const REPORTS_MAX = 16

export class CleanerStatistics {
  /** Wall clock, when it last looked for a log to clean. */
  lastLookMs: number
  maxDirtyRatio = 0
  maxCompactionDelayMs = 0
  #reports: CleanerReport[] = []

  constructor(nowMs: number) {
    this.lastLookMs = nowMs
  }

  looked(look: { nowMs: number; maxDirtyRatio: number; maxCompactionDelayMs: number }): void {
    this.lastLookMs = look.nowMs
    this.maxDirtyRatio = look.maxDirtyRatio
    this.maxCompactionDelayMs = look.maxCompactionDelayMs
  }

  cleaned(report: CleanerReport): void {
    this.#reports = [report, ...this.#reports].slice(0, REPORTS_MAX)
  }

  #last(threads: number): CleanerReport[] {
    return this.#reports.slice(0, Math.max(1, threads))
  }

  /** Fullest offset map of the last cleanings, in percent. */
  maxBufferUtilizationPercent(threads: number): number {
    return Math.floor(100 * Math.max(0, ...this.#last(threads).map((r) => r.mapUtilization)))
  }

  /** Bytes written of bytes read in the last cleanings, in percent. */
  recopyPercent(threads: number): number {
    let read = 0
    let written = 0
    for (const report of this.#last(threads)) {
      read += report.bytesRead
      written += report.bytesWritten
    }
    return Math.floor((100 * written) / Math.max(1, read))
  }

  maxCleanTimeSeconds(threads: number): number {
    return Math.floor(Math.max(0, ...this.#last(threads).map((r) => r.tookMs)) / 1000)
  }
}
