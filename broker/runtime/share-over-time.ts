// Shares of time that something was busy, for the metrics; owned by NodeProcess.
/** Both grow; in whatever unit. */
export interface BusyTime {
  readonly busy: number
  readonly all: number
}

/** A window as long as this says something; two readings right after each other would tell of the reader alone. */
const WINDOW_MIN_MS = 1_000

/**
 * Which share of time something was busy, 0 to 1: over the time since the window before ended, a second at least. However
 * many ask, and however often, all are told of the same windows.
 */
export class ShareOverTime {
  readonly #read: () => BusyTime | null
  readonly #nowMs: () => number
  #from: BusyTime
  #fromMs: number
  #share: number | null = null

  /** `read` gives null where the system does not say. */
  constructor(read: () => BusyTime | null, nowMs: () => number) {
    this.#read = read
    this.#nowMs = nowMs
    this.#from = read() ?? { busy: 0, all: 0 }
    this.#fromMs = nowMs()
  }

  /** Before the first window has ended, of the time since the start; null where the system does not say. */
  share(): number | null {
    const nowMs = this.#nowMs()
    const isOver = nowMs - this.#fromMs >= WINDOW_MIN_MS
    if (!isOver && this.#share !== null) return this.#share
    const now = this.#read()
    if (now === null) return null
    const share = shareOf(this.#from, now)
    if (!isOver) return share ?? 0
    this.#from = now
    this.#fromMs = nowMs
    this.#share = share ?? this.#share ?? 0
    return this.#share
  }
}

/** Null where no time has passed. */
function shareOf(from: BusyTime, to: BusyTime): number | null {
  const all = to.all - from.all
  // Linux takes back waiting for disks now and then: https://docs.kernel.org/filesystems/proc.html (iowait).
  return all <= 0 ? null : Math.min(1, Math.max(0, (to.busy - from.busy) / all))
}
