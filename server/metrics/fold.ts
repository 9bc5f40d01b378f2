import { type ChunkContent, OpenChunk, type Sample, type Stat } from './chunk.ts'
import { FIELDS, type FieldName } from './fields.ts'
import { chunkPointsMax, maxSpanMs, type TierMs, timeUnitMs } from './tiers.ts'

/** One point of a coarse tier: what all samples of a bucket (t − tier, t] come to. */
interface FoldedPoint {
  /** Time of the last sample, by which it is known what was folded already. */
  readonly tMs: number
  readonly samples: Sample[]
}

/** The chunks of one entity in a coarse tier, from its newest one on. Points are final once they are in. */
export class FoldedChunks {
  readonly #tierMs: TierMs
  readonly #chunks: { readonly chunk: OpenChunk; isNew: boolean }[] = []
  /** Where each counter stood at the last point. */
  readonly #known = new Map<string, number>()
  #foldedToMs = Number.NEGATIVE_INFINITY

  /** `newest`: the stored chunk that may be continued. */
  constructor(tierMs: TierMs, newest: ChunkContent | null) {
    this.#tierMs = tierMs
    if (newest === null) return
    const unitMs = timeUnitMs(tierMs)
    this.#foldedToMs = newest.times.at(-1) ?? this.#foldedToMs
    // Times of an older version are as they were.
    if (newest.times.every((tMs) => tMs % unitMs === 0))
      this.#chunks.push({ chunk: OpenChunk.reopen(newest, unitMs), isNew: false })
    for (const { field, sub, stat, values } of newest.series) {
      const last = values.findLast((value) => !Number.isNaN(value))
      if (stat === 'last' && last !== undefined) this.#known.set(`${field}:${sub}`, last)
    }
  }

  /** Time of the newest sample that is in. */
  get foldedToMs(): number {
    return this.#foldedToMs
  }

  /** Chunks that got a point. */
  get changed(): OpenChunk[] {
    return this.#chunks.filter(({ isNew }) => isNew).map(({ chunk }) => chunk)
  }

  /**
   * Takes the samples later than what is in, in the order of time, up to the last bucket that ends by `completeToMs`:
   * no sample up to then is missing.
   */
  fold(contents: readonly ChunkContent[], completeToMs: number): void {
    const cells = contents.flatMap(cellsOf).filter(({ tMs }) => tMs > this.foldedToMs)
    for (let first = 0; first < cells.length; ) {
      const bucketEndMs = this.#bucketEndMs(cells[first]?.tMs ?? 0)
      if (bucketEndMs > completeToMs) return
      let end = first + 1
      while (end < cells.length && (cells[end]?.tMs ?? 0) <= bucketEndMs) end++
      this.#append(this.#pointOf(cells.slice(first, end)))
      first = end
    }
  }

  #bucketEndMs(tMs: number): number {
    return Math.ceil(tMs / this.#tierMs) * this.#tierMs
  }

  #append({ tMs: lastMs, samples }: FoldedPoint): void {
    const unitMs = timeUnitMs(this.#tierMs)
    // Up, so that it is not before what it holds; the bucket ends at a multiple.
    const tMs = Math.ceil(lastMs / unitMs) * unitMs
    this.#foldedToMs = tMs
    let open = this.#chunks.at(-1)
    const isFull =
      open === undefined ||
      open.chunk.count >= chunkPointsMax(this.#tierMs) ||
      tMs - open.chunk.startMs > maxSpanMs(this.#tierMs)
    if (open === undefined || isFull) {
      open = { chunk: new OpenChunk(unitMs), isNew: true }
      this.#chunks.push(open)
    }
    open.chunk.append(tMs, samples)
    open.isNew = true
  }

  #pointOf(cells: readonly Cell[]): FoldedPoint {
    const series = new Map<string, SeriesFold>()
    for (const { values } of cells) {
      for (const [key, { field, sub, stats }] of values) {
        let fold = series.get(key)
        if (fold === undefined) {
          const isCounter = FIELDS[field].kind === 'counter'
          const known = this.#known.get(key) ?? Number.NaN
          fold = { field, sub, into: isCounter ? new CounterFold(known) : new GaugeFold() }
          series.set(key, fold)
        }
        fold.into.take(stats)
      }
    }
    const samples: Sample[] = []
    for (const [key, { field, sub, into }] of series) {
      this.#known.set(key, into.last)
      for (const [stat, value] of into.result()) samples.push({ field, sub, stat, value })
    }
    return { tMs: cells.at(-1)?.tMs ?? 0, samples }
  }
}

type Stats = ReadonlyMap<Stat, number>

interface SeriesFold {
  readonly field: FieldName
  readonly sub: number
  readonly into: CounterFold | GaugeFold
}

class CounterFold {
  last: number
  #dropped = 0

  constructor(known: number) {
    this.last = known
  }

  take(stats: Stats): void {
    const last = stats.get('last') ?? Number.NaN
    const fall = stats.get('dropped') ?? Math.max(0, this.last - last)
    if (!Number.isNaN(fall)) this.#dropped += fall
    this.last = last
  }

  result(): [Stat, number][] {
    return [
      ['last', this.last],
      ['dropped', this.#dropped],
    ]
  }
}

class GaugeFold {
  last = Number.NaN
  #min = Number.POSITIVE_INFINITY
  #max = Number.NEGATIVE_INFINITY
  #sum = 0
  #count = 0

  take(stats: Stats): void {
    const last = stats.get('last') ?? Number.NaN
    const count = stats.get('count') ?? 1
    this.#min = Math.min(this.#min, stats.get('min') ?? last)
    this.#max = Math.max(this.#max, stats.get('max') ?? last)
    this.#sum += (stats.get('mean') ?? last) * count
    this.#count += count
    this.last = last
  }

  result(): [Stat, number][] {
    return [
      ['last', this.last],
      ['min', this.#min],
      ['max', this.#max],
      ['mean', this.#sum / this.#count],
      ['count', this.#count],
    ]
  }
}

/** All that one time of a finer tier's chunk holds. */
interface Cell {
  readonly tMs: number
  readonly values: ReadonlyMap<string, { field: FieldName; sub: number; stats: Stats }>
}

function cellsOf(content: ChunkContent): Cell[] {
  return Array.from(content.times, (tMs, index) => {
    const values = new Map<string, { field: FieldName; sub: number; stats: Map<Stat, number> }>()
    for (const { field, sub, stat, values: column } of content.series) {
      const value = column[index] ?? Number.NaN
      if (Number.isNaN(value)) continue
      const key = `${field}:${sub}`
      let entry = values.get(key)
      if (entry === undefined) {
        entry = { field, sub, stats: new Map() }
        values.set(key, entry)
      }
      entry.stats.set(stat, value)
    }
    return { tMs, values }
  })
}
