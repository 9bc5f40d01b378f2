// Holds appends back while a batch is looked into asynchronously or the log is changed otherwise, so that
// call order is offset order. Used by PartitionLog only.

export class AppendGate {
  #closed: Promise<void> | null = null

  /** null when open; else resolves (never rejects) when to ask again. */
  get closed(): Promise<void> | null {
    return this.#closed
  }

  /** Closed until `work` is through, however it ends; gives `work`. */
  closeFor(work: Promise<void>): Promise<void> {
    const closed: Promise<void> = work
      .catch(() => undefined)
      .then(() => {
        if (this.#closed === closed) this.#closed = null
      })
    this.#closed = closed
    return work
  }

  /** Runs `step` when whatever closed the gate before is through. */
  closeForTurn(step: () => Promise<void>): Promise<void> {
    return this.closeFor((this.#closed ?? Promise.resolve()).then(step))
  }
}
