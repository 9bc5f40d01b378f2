import { FIELDS, type FieldName, fieldName } from './fields.ts'
import {
  CounterEncoder,
  createSeriesEncoder,
  decodeSeries,
  type SeriesEncoder,
  type SeriesKind,
} from './series-codec.ts'
import { VarintReader, VarintWriter } from './varint.ts'

/**
 * What a value says of the samples it stands for. Full resolution has `last` alone. Rolled-up counters add `dropped`:
 * how far the counter fell in all, so that the increase is exact across a restart (last − last before + dropped).
 * Rolled-up gauges add `min`, `max`, `mean` and `count`; their sum is mean × count.
 */
export const STATS = ['last', 'dropped', 'min', 'max', 'mean', 'count'] as const
export type Stat = (typeof STATS)[number]

export interface Sample {
  readonly field: FieldName
  /** Partition or broker id; WHOLE (−1) for the entity itself. */
  readonly sub: number
  readonly value: number
  /** `last` when left out. */
  readonly stat?: Stat
}

export interface Series {
  readonly field: FieldName
  readonly sub: number
  readonly stat: Stat
  /** One value per time; NaN where that cycle has none. */
  readonly values: Float64Array
}

export interface ChunkContent {
  readonly times: Float64Array
  readonly series: Series[]
}

interface OpenSeries {
  readonly field: FieldName
  readonly sub: number
  readonly stat: Stat
  readonly encoder: SeriesEncoder
}

/** A series' id on disk: its field's plus this times the place of its stat in STATS. */
const STAT_STEP = 1000

function kindOf(field: FieldName, stat: Stat): SeriesKind {
  if (stat === 'last') return FIELDS[field].kind
  return stat === 'dropped' || stat === 'count' ? 'counter' : 'gauge'
}

/**
 * A chunk that still takes points. Values are packed as they come, so memory is what disk will be.
 */
export class OpenChunk {
  readonly #times = new CounterEncoder()
  readonly #series = new Map<string, OpenSeries>()
  #startMs = 0
  #endMs = 0

  get count(): number {
    return this.#times.count
  }

  get startMs(): number {
    return this.#startMs
  }

  /** Time of the last point, inclusive. */
  get endMs(): number {
    return this.#endMs
  }

  append(tMs: number, samples: readonly Sample[]): void {
    const index = this.#times.count
    if (index === 0) this.#startMs = tMs
    this.#endMs = tMs
    this.#times.append(tMs)
    for (const { field, sub, value, stat = 'last' } of samples) {
      const key = stat === 'last' ? `${field}:${sub}` : `${field}:${sub}:${stat}`
      let series = this.#series.get(key)
      if (series === undefined) {
        series = { field, sub, stat, encoder: createSeriesEncoder(kindOf(field, stat)) }
        this.#series.set(key, series)
      }
      if (series.encoder.count > index) continue
      while (series.encoder.count < index) series.encoder.append(Number.NaN)
      series.encoder.append(value)
    }
  }

  /** See `decodeChunk` for the layout. */
  encode(): Buffer {
    const header = new VarintWriter()
    const times = this.#times.bytes()
    header.byte(FORMAT_VERSION)
    header.uvarint(this.count)
    header.uvarint(times.length)
    header.uvarint(this.#series.size)
    const bodies: Uint8Array[] = [times]
    for (const { field, sub, stat, encoder } of this.#series.values()) {
      const body = encoder.bytes()
      header.uvarint(FIELDS[field].id + STAT_STEP * STATS.indexOf(stat))
      header.uvarint(sub + 1)
      header.uvarint(encoder.count)
      header.uvarint(body.length)
      bodies.push(body)
    }
    return Buffer.concat([header.bytes(), ...bodies])
  }

  /** Continues a stored chunk after a restart. */
  static reopen(content: ChunkContent): OpenChunk {
    const chunk = new OpenChunk()
    for (const [index, tMs] of content.times.entries()) {
      const samples: Sample[] = []
      for (const { field, sub, stat, values } of content.series) {
        const value = values[index]
        if (value !== undefined && !Number.isNaN(value)) samples.push({ field, sub, stat, value })
      }
      chunk.append(tMs, samples)
    }
    return chunk
  }
}

const FORMAT_VERSION = 1

/**
 * Layout, integers as unsigned LEB128:
 *   version u8 | points | bytes of times | series
 *   per series: field id + 1000 × stat | sub + 1 | values | bytes
 *   times as a counter stream | each series' stream, in the same order
 * A series may end before the last point (the rest are gaps). `wanted` skips what is not needed;
 * a field that this version does not know is skipped too.
 */
export function decodeChunk(
  data: Uint8Array,
  wanted: (field: FieldName, sub: number, stat: Stat) => boolean = () => true,
): ChunkContent {
  const reader = new VarintReader(data)
  const version = reader.byte()
  if (version !== FORMAT_VERSION) throw new RangeError(`unknown chunk format ${version}`)
  const pointCount = reader.uvarint()
  const timesBytes = reader.uvarint()
  const seriesCount = reader.uvarint()
  const directory: { id: number; sub: number; count: number; bytes: number }[] = []
  for (let i = 0; i < seriesCount; i++) {
    const id = reader.uvarint()
    const sub = reader.uvarint() - 1
    const count = reader.uvarint()
    directory.push({ id, sub, count, bytes: reader.uvarint() })
  }
  const times = decodeSeries('counter', reader.slice(timesBytes), pointCount)
  const series: Series[] = []
  for (const entry of directory) {
    const body = reader.slice(entry.bytes)
    const field = fieldName(entry.id % STAT_STEP)
    const stat = STATS[Math.floor(entry.id / STAT_STEP)]
    if (field === null || stat === undefined || !wanted(field, entry.sub, stat)) continue
    const decoded = decodeSeries(kindOf(field, stat), body, entry.count)
    series.push({ field, sub: entry.sub, stat, values: padded(decoded, pointCount) })
  }
  return { times, series }
}

function padded(values: Float64Array, count: number): Float64Array {
  if (values.length === count) return values
  const result = new Float64Array(count).fill(Number.NaN)
  result.set(values)
  return result
}
