// Events of a simulation in virtual time: earliest first, and in the order of planning at the same time.

interface Entry {
  atMs: number
  order: number
  run: () => void
}

export class EventHeap {
  readonly #entries: Entry[] = []
  #order = 0

  /** When the next event is due; null when there is none. */
  get nextMs(): number | null {
    return this.#entries[0]?.atMs ?? null
  }

  add(atMs: number, run: () => void): void {
    const entries = this.#entries
    this.#order += 1
    entries.push({ atMs, order: this.#order, run })
    let index = entries.length - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!isBefore(entries[index]!, entries[parent]!)) break
      swap(entries, index, parent)
      index = parent
    }
  }

  /** Takes the next event out. */
  pop(): (() => void) | null {
    const entries = this.#entries
    const first = entries[0]
    if (first === undefined) return null
    swap(entries, 0, entries.length - 1)
    entries.pop()
    let index = 0
    for (;;) {
      const left = index * 2 + 1
      if (left >= entries.length) return first.run
      const right = left + 1
      const isRight = right < entries.length && isBefore(entries[right]!, entries[left]!)
      const child = isRight ? right : left
      if (!isBefore(entries[child]!, entries[index]!)) return first.run
      swap(entries, index, child)
      index = child
    }
  }
}

function isBefore(left: Entry, right: Entry): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order)
}

function swap(entries: Entry[], left: number, right: number): void {
  const held = entries[left]!
  entries[left] = entries[right]!
  entries[right] = held
}
