import { FIELDS, type FieldName, fieldName } from './fields.ts'
import {
  CounterEncoder,
  createSeriesEncoder,
  decodeSeries,
  type SeriesEncoder,
} from './series-codec.ts'
import { VarintReader, VarintWriter } from './varint.ts'

/** Points a chunk may hold: 20 minutes at 10 s. */
export const CHUNK_POINTS_MAX = 120

export interface Sample {
  readonly field: FieldName
  /** Partition or broker id; WHOLE (−1) for the entity itself. */
  readonly sub: number
  readonly value: number
}

export interface Series {
  readonly field: FieldName
  readonly sub: number
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
  readonly encoder: SeriesEncoder
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
    for (const { field, sub, value } of samples) {
      const key = `${field}:${sub}`
      let series = this.#series.get(key)
      if (series === undefined) {
        series = { field, sub, encoder: createSeriesEncoder(FIELDS[field].kind) }
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
    for (const { field, sub, encoder } of this.#series.values()) {
      const body = encoder.bytes()
      header.uvarint(FIELDS[field].id)
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
      for (const { field, sub, values } of content.series) {
        const value = values[index]
        if (value !== undefined && !Number.isNaN(value)) samples.push({ field, sub, value })
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
 *   per series: field id | sub + 1 | values | bytes
 *   times as a counter stream | each series' stream, in the same order
 * A series may end before the last point (the rest are gaps). `wanted` skips what is not needed;
 * a field that this version does not know is skipped too.
 */
export function decodeChunk(
  data: Uint8Array,
  wanted: (field: FieldName, sub: number) => boolean = () => true,
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
    const field = fieldName(entry.id)
    if (field === null || !wanted(field, entry.sub)) continue
    const decoded = decodeSeries(FIELDS[field].kind, body, entry.count)
    series.push({ field, sub: entry.sub, values: padded(decoded, pointCount) })
  }
  return { times, series }
}

function padded(values: Float64Array, count: number): Float64Array {
  if (values.length === count) return values
  const result = new Float64Array(count).fill(Number.NaN)
  result.set(values)
  return result
}
