// An immutable map that shares what did not change with the one it came from: the metadata image is built
// of these. A change copies one bucket, not all entries. Used by image.ts alone; iteration order is
// the same for the same history of edits, and otherwise means nothing.

const TARGET_BUCKET_SIZE = 16
const MIN_BUCKETS = 8

type Bucket<K, V> = ReadonlyMap<K, V>

function hashOf(key: string | number): number {
  if (typeof key === 'number') return Math.imul(key, 0x9e3779b1) >>> 16
  let hash = 0
  for (let i = 0; i < key.length; i++) hash = (Math.imul(hash, 31) + key.charCodeAt(i)) | 0
  return (Math.imul(hash, 0x9e3779b1) >>> 8) & 0xffffff
}

export class PersistentMap<K extends string | number, V> implements ReadonlyMap<K, V> {
  readonly #buckets: readonly Bucket<K, V>[]
  readonly size: number

  private constructor(buckets: readonly Bucket<K, V>[], size: number) {
    this.#buckets = buckets
    this.size = size
  }

  static empty<K extends string | number, V>(): PersistentMap<K, V> {
    return new PersistentMap<K, V>(
      Array.from({ length: MIN_BUCKETS }, () => new Map<K, V>()),
      0,
    )
  }

  /** `map` itself when it is one already. */
  static from<K extends string | number, V>(map: ReadonlyMap<K, V>): PersistentMap<K, V> {
    if (map instanceof PersistentMap) return map
    const editor = PersistentMap.empty<K, V>().edit()
    for (const [key, value] of map) editor.set(key, value)
    return editor.finish()
  }

  edit(): MapEditor<K, V> {
    return new MapEditor<K, V>(this.#buckets, this.size, (buckets, size) =>
      size === this.size && buckets === this.#buckets ? this : new PersistentMap(buckets, size),
    )
  }

  #bucket(key: K): Bucket<K, V> | undefined {
    return this.#buckets[hashOf(key) & (this.#buckets.length - 1)]
  }

  get(key: K): V | undefined {
    return this.#bucket(key)?.get(key)
  }

  has(key: K): boolean {
    return this.#bucket(key)?.has(key) ?? false
  }

  *entries(): MapIterator<[K, V]> {
    for (const bucket of this.#buckets) yield* bucket
  }

  *keys(): MapIterator<K> {
    for (const bucket of this.#buckets) yield* bucket.keys()
  }

  *values(): MapIterator<V> {
    for (const bucket of this.#buckets) yield* bucket.values()
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries()
  }

  forEach(callback: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this.entries()) callback(value, key, this)
  }
}

/** Gathers changes; `finish` gives the new map, the one edited stays as it was. */
export class MapEditor<K extends string | number, V> {
  #buckets: Map<K, V>[]
  readonly #original: readonly Bucket<K, V>[]
  readonly #build: (buckets: readonly Bucket<K, V>[], size: number) => PersistentMap<K, V>
  /** Buckets copied here, which may therefore be changed in place. */
  #owned = new Set<Map<K, V>>()
  #size: number
  #isChanged = false

  constructor(
    buckets: readonly Bucket<K, V>[],
    size: number,
    build: (buckets: readonly Bucket<K, V>[], size: number) => PersistentMap<K, V>,
  ) {
    this.#original = buckets
    // Safe because neither array nor bucket is written to before #ownBucket has copied it.
    this.#buckets = buckets as Map<K, V>[]
    this.#size = size
    this.#build = build
  }

  get(key: K): V | undefined {
    return this.#buckets[this.#index(key)]?.get(key)
  }

  set(key: K, value: V): void {
    const bucket = this.#ownBucket(key)
    if (!bucket.has(key)) this.#size += 1
    bucket.set(key, value)
    if (this.#size > this.#buckets.length * TARGET_BUCKET_SIZE * 2) this.#grow()
  }

  delete(key: K): void {
    if (this.get(key) === undefined) return
    if (this.#ownBucket(key).delete(key)) this.#size -= 1
  }

  /** The editor must not be used afterwards. */
  finish(): PersistentMap<K, V> {
    return this.#build(this.#isChanged ? this.#buckets : this.#original, this.#size)
  }

  #index(key: K): number {
    return hashOf(key) & (this.#buckets.length - 1)
  }

  #ownBucket(key: K): Map<K, V> {
    if (!this.#isChanged) this.#buckets = [...this.#buckets]
    this.#isChanged = true
    const index = this.#index(key)
    const bucket = this.#buckets[index] ?? new Map<K, V>()
    if (this.#owned.has(bucket)) return bucket
    const copy = new Map(bucket)
    this.#owned.add(copy)
    this.#buckets[index] = copy
    return copy
  }

  #grow(): void {
    const grown = Array.from({ length: this.#buckets.length * 4 }, () => new Map<K, V>())
    for (const bucket of this.#buckets) {
      for (const [key, value] of bucket) grown[hashOf(key) & (grown.length - 1)]?.set(key, value)
    }
    this.#buckets = grown
    this.#owned = new Set(grown)
  }
}
