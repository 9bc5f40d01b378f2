// The one writer of a partition log: appends in call order, everything queued while a write is under way
// goes out together with the next, and steps that need the log to themselves (roll, truncate, close) take
// their turn between. Used by PartitionLog only.

/** A group this large is written before more is added. */
const GROUP_BYTES_MAX = 8 * 1024 * 1024
const GROUP_BUFFERS_MAX = 1024

interface AppendWork {
  records: Buffer
  /** Offset after its last record. */
  endOffset: number
  resolve: () => void
  reject: (error: unknown) => void
}

interface StepWork {
  step: () => Promise<void>
  resolve: () => void
  reject: (error: unknown) => void
}

export interface WorkQueueOptions {
  /** Writes and publishes a group; its end offset is that of the last append. */
  write: (buffers: Buffer[], endOffset: number) => Promise<void>
  /** A write failed: everything queued fails with `error`. */
  onFailure: (error: unknown) => void
}

export class WorkQueue {
  readonly #options: WorkQueueOptions
  #queue: (AppendWork | StepWork)[] = []
  #isRunning = false
  #failure: { error: unknown } | null = null

  constructor(options: WorkQueueOptions) {
    this.#options = options
  }

  get isIdle(): boolean {
    return !this.#isRunning && this.#queue.length === 0
  }

  append(records: Buffer, endOffset: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ records, endOffset, resolve, reject })
      if (!this.#isRunning) void this.#run()
    })
  }

  /** Runs `step` alone, after all that was queued before it. */
  exclusively(step: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ step, resolve, reject })
      if (!this.#isRunning) void this.#run()
    })
  }

  /** Resolves once all that was queued before it is through. */
  drained(): Promise<void> {
    return this.isIdle && this.#failure === null
      ? Promise.resolve()
      : this.exclusively(async () => undefined)
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    this.#isRunning = true
    // What one read of a socket brought is appended in this turn, and goes out in one write.
    await Promise.resolve()
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      if (this.#failure !== null) {
        const { error } = this.#failure
        for (const work of this.#queue.splice(0)) work.reject(error)
        break
      }
      if ('step' in next) {
        this.#queue.shift()
        await this.#runStep(next)
      } else await this.#writeGroup()
    }
    this.#isRunning = false
  }

  async #runStep(work: StepWork): Promise<void> {
    try {
      await work.step()
      work.resolve()
    } catch (error) {
      this.#fail(error)
      work.reject(error)
    }
  }

  async #writeGroup(): Promise<void> {
    const group: AppendWork[] = []
    let bytes = 0
    for (const work of this.#queue) {
      if ('step' in work || group.length === GROUP_BUFFERS_MAX) break
      bytes += work.records.length
      if (group.length > 0 && bytes > GROUP_BYTES_MAX) break
      group.push(work)
    }
    this.#queue = this.#queue.slice(group.length)
    const endOffset = group.at(-1)?.endOffset ?? 0
    try {
      await this.#options.write(
        group.map((work) => work.records),
        endOffset,
      )
    } catch (error) {
      this.#fail(error)
      for (const work of group) work.reject(error)
      return
    }
    for (const work of group) work.resolve()
  }

  #fail(error: unknown): void {
    this.#failure ??= { error }
    this.#options.onFailure(error)
  }
}
