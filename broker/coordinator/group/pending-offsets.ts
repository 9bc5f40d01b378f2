// Offsets committed inside transactions of one partition of `__consumer_offsets`, until each transaction's
// marker makes them count or drops them. Rebuilt from the log at load; owned by the shard.
import type { CommittedOffset, OffsetStore } from './offset-store.ts'

export interface OffsetKey {
  group: string
  topic: string
  partition: number
}

interface PendingOffset {
  key: OffsetKey
  value: CommittedOffset
}

/** Offsets on their way into the log. Their partitions are unstable from now on: they may be in it already. */
export interface HeldWrite {
  readonly producerId: number
  readonly keys: readonly OffsetKey[]
  /** Ends of this producer's transactions heard meanwhile, in log order. */
  readonly markers: { offset: number; isCommitted: boolean }[]
}

const partitionName = (key: OffsetKey): string => `${key.partition}\0${key.topic}`
const fullName = (key: OffsetKey): string => `${partitionName(key)}\0${key.group}`

export class PendingOffsets {
  readonly #committed: OffsetStore
  readonly #byProducer = new Map<number, Map<string, PendingOffset>>()
  readonly #held = new Set<HeldWrite>()
  /** group → partition → how many producers and writes hold it open. */
  readonly #open = new Map<string, Map<string, { key: OffsetKey; count: number }>>()

  constructor(committed: OffsetStore) {
    this.#committed = committed
  }

  // ---- what a transaction does

  hold(producerId: number, keys: readonly OffsetKey[]): HeldWrite {
    const write: HeldWrite = { producerId, keys, markers: [] }
    this.#held.add(write)
    for (const key of keys) this.#retain(key)
    return write
  }

  /** `values`, in the order of the keys: committed to the log from `firstOffset` on; null: not known to be. */
  settle(write: HeldWrite, values: readonly CommittedOffset[] | null): void {
    if (!this.#held.delete(write)) return
    write.keys.forEach((key, i) => {
      this.#release(key)
      const value = values?.[i]
      if (value === undefined) return
      const end = write.markers.find((marker) => marker.offset > value.logOffset)
      if (end === undefined) this.replay(write.producerId, key, value)
      else if (end.isCommitted) this.#committed.replay(key, value, value.logOffset)
    })
  }

  replay(producerId: number, key: OffsetKey, value: CommittedOffset): void {
    let offsets = this.#byProducer.get(producerId)
    if (offsets === undefined) {
      offsets = new Map()
      this.#byProducer.set(producerId, offsets)
    }
    const name = fullName(key)
    const current = offsets.get(name)
    if (current === undefined) this.#retain(key)
    else if (current.value.logOffset > value.logOffset) return
    offsets.set(name, { key, value })
  }

  /** The marker at `markerOffset` ends what this producer wrote in front of it. */
  complete(producerId: number, isCommitted: boolean, markerOffset: number): void {
    for (const write of this.#held) {
      if (write.producerId === producerId) write.markers.push({ offset: markerOffset, isCommitted })
    }
    const offsets = this.#byProducer.get(producerId)
    if (offsets === undefined) return
    for (const [name, { key, value }] of offsets) {
      if (value.logOffset > markerOffset) continue
      offsets.delete(name)
      this.#release(key)
      if (isCommitted) this.#committed.replay(key, value, value.logOffset)
    }
    if (offsets.size === 0) this.#byProducer.delete(producerId)
  }

  /** A tombstone at `logOffset` takes pending offsets with it, as in Kafka. */
  drop(key: OffsetKey, logOffset: number): void {
    const name = fullName(key)
    for (const [producerId, offsets] of this.#byProducer) {
      const pending = offsets.get(name)
      if (pending === undefined || pending.value.logOffset > logOffset) continue
      offsets.delete(name)
      this.#release(key)
      if (offsets.size === 0) this.#byProducer.delete(producerId)
    }
  }

  // ---- questions

  isOpen(key: OffsetKey): boolean {
    return this.#open.get(key.group)?.has(partitionName(key)) ?? false
  }

  has(group: string): boolean {
    return this.#open.has(group)
  }

  groups(): IterableIterator<string> {
    return this.#open.keys()
  }

  keys(group: string): OffsetKey[] {
    return [...(this.#open.get(group)?.values() ?? [])].map(({ key }) => key)
  }

  #retain(key: OffsetKey): void {
    let partitions = this.#open.get(key.group)
    if (partitions === undefined) {
      partitions = new Map()
      this.#open.set(key.group, partitions)
    }
    const name = partitionName(key)
    const entry = partitions.get(name)
    if (entry === undefined) partitions.set(name, { key, count: 1 })
    else entry.count += 1
  }

  #release(key: OffsetKey): void {
    const partitions = this.#open.get(key.group)
    const name = partitionName(key)
    const entry = partitions?.get(name)
    if (partitions === undefined || entry === undefined) return
    entry.count -= 1
    if (entry.count > 0) return
    partitions.delete(name)
    if (partitions.size === 0) this.#open.delete(key.group)
  }
}
