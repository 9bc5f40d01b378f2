import { FIELDS, type FieldName, fieldName } from './fields.ts'
import { decodeFirstFormat } from './first-codec.ts'
import { decodeSeries, SeriesEncoder, type SeriesKind } from './series-codec.ts'
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
  /** Of its field and stat. */
  readonly id: number
  readonly sub: number
  readonly encoder: SeriesEncoder
  /** A counter's falls while there are none. */
  isNothing: boolean
}

/** A series' id on disk: its field's plus this times the place of its stat in STATS. */
const STAT_STEP = 1000
const ID_BELOW = STAT_STEP * STATS.length

function idOf(field: FieldName, stat: Stat): number {
  return FIELDS[field].id + (stat === 'last' ? 0 : STAT_STEP * STATS.indexOf(stat))
}

function kindOf(field: FieldName, stat: Stat): SeriesKind {
  if (stat === 'last') return FIELDS[field].kind
  return stat === 'dropped' || stat === 'count' ? 'counter' : 'gauge'
}

/**
 * A chunk that still takes points. Values are packed as they come, so memory is what disk will be.
 */
export class OpenChunk {
  readonly #times = new SeriesEncoder('counter')
  readonly #timeUnitMs: number
  readonly #series = new Map<number, OpenSeries>()
  #startMs = 0
  #endMs = 0

  /** `timeUnitMs`: all times are multiples of it. */
  constructor(timeUnitMs = 1) {
    this.#timeUnitMs = timeUnitMs
  }

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
    this.#times.append(tMs / this.#timeUnitMs)
    for (const { field, sub, value, stat = 'last' } of samples) {
      const id = idOf(field, stat)
      const key = (sub + 1) * ID_BELOW + id
      let series = this.#series.get(key)
      if (series === undefined) {
        const encoder = new SeriesEncoder(kindOf(field, stat))
        series = { id, sub, encoder, isNothing: stat === 'dropped' }
        this.#series.set(key, series)
      }
      if (series.encoder.count > index) continue
      while (series.encoder.count < index) series.encoder.append(Number.NaN)
      series.encoder.append(value)
      if (value !== 0) series.isNothing = false
    }
  }

  /** See `decodeChunk` for the layout. */
  encode(): Buffer {
    const times = this.#times.bytes()
    const streams: Uint8Array[] = [times]
    const header = new VarintWriter()
    header.byte(FORMAT_VERSION)
    header.uvarint(this.count)
    header.uvarint(this.#timeUnitMs)
    header.uvarint(times.length)
    const groups = new Map<number, OpenSeries[]>()
    for (const series of this.#series.values()) {
      if (series.isNothing) continue
      const group = groups.get(series.id)
      if (group === undefined) groups.set(series.id, [series])
      else group.push(series)
    }
    header.uvarint(groups.size)
    for (const [id, series] of groups) {
      header.uvarint(id)
      header.uvarint(series.length)
      this.#encodeGroup(header, streams, series)
    }
    return Buffer.concat([header.bytes(), ...streams])
  }

  #encodeGroup(header: VarintWriter, streams: Uint8Array[], series: OpenSeries[]): void {
    series.sort((a, b) => a.sub - b.sub)
    let subBefore = FIRST_SUB
    let before: { stream: Uint8Array; count: number } = { stream: new Uint8Array(0), count: -1 }
    for (const { sub, encoder } of series) {
      const { count } = encoder
      const stream = encoder.bytes()
      const isSame = before.count === count && Buffer.compare(before.stream, stream) === 0
      const isShort = !isSame && count !== this.count
      header.uvarint((sub - subBefore - 1) * 4 + (isSame ? SAME : 0) + (isShort ? SHORT : 0))
      subBefore = sub
      if (isSame) continue
      if (isShort) header.uvarint(count)
      header.uvarint(stream.length)
      streams.push(stream)
      before = { stream, count }
    }
  }

  /** Continues a stored chunk after a restart. */
  static reopen(content: ChunkContent, timeUnitMs = 1): OpenChunk {
    const chunk = new OpenChunk(timeUnitMs)
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

const FIRST_FORMAT = 1
const FORMAT_VERSION = 2
const FIRST_SUB = -2
const SHORT = 1
const SAME = 2

type Wanted = (field: FieldName, sub: number, stat: Stat) => boolean

/**
 * Layout, integers as unsigned LEB128:
 *   version u8 | points | unit of times in ms | bytes of times | groups
 *   per group: field id + 1000 × stat | series, by their sub
 *   per series: steps of sub since the one before × 4 + flags | values, if 1 is set | bytes, unless 2 is set
 *   times as a counter stream | each series' stream, in the same order
 * Flag 1: the series ends before the last point, the rest are gaps. Flag 2: the same stream as the series before.
 * A `dropped` that is 0 throughout is left out. `wanted` skips what is not needed; a field that this version does not
 * know is skipped too. Chunks of format 1 are read as well.
 */
export function decodeChunk(data: Uint8Array, wanted: Wanted = () => true): ChunkContent {
  const reader = new VarintReader(data)
  const version = reader.byte()
  if (version === FIRST_FORMAT) return decodeFirstChunk(reader, wanted)
  if (version !== FORMAT_VERSION) throw new RangeError(`unknown chunk format ${version}`)
  const points = reader.uvarint()
  const unitMs = reader.uvarint()
  const timesBytes = reader.uvarint()
  const directory = readDirectory(reader, points)
  const times = decodeSeries('counter', reader.slice(timesBytes), points)
  if (unitMs !== 1) for (let i = 0; i < points; i++) times[i] = (times[i] ?? 0) * unitMs
  let body: Uint8Array = new Uint8Array(0)
  const series = directory.flatMap((entry): Series[] => {
    if (entry.bytes !== null) body = reader.slice(entry.bytes)
    const known = knownSeries(entry, wanted)
    if (known === null) return []
    const values = decodeSeries(known.kind, body, entry.count)
    return [{ ...known.series, values: padded(values, points) }]
  })
  return { times, series }
}

interface DirectoryEntry {
  readonly id: number
  readonly sub: number
  readonly count: number
  /** Null: the stream before. */
  readonly bytes: number | null
}

function readDirectory(reader: VarintReader, points: number): DirectoryEntry[] {
  const directory: DirectoryEntry[] = []
  const groups = reader.uvarint()
  for (let group = 0; group < groups; group++) {
    const id = reader.uvarint()
    const size = reader.uvarint()
    let sub = FIRST_SUB
    let count = points
    for (let i = 0; i < size; i++) {
      const steps = reader.uvarint()
      sub += Math.floor(steps / 4) + 1
      const isSame = (steps & SAME) !== 0
      if (!isSame) count = (steps & SHORT) !== 0 ? reader.uvarint() : points
      directory.push({ id, sub, count, bytes: isSame ? null : reader.uvarint() })
    }
  }
  return directory
}

function knownSeries(entry: { id: number; sub: number }, wanted: Wanted) {
  const field = fieldName(entry.id % STAT_STEP)
  const stat = STATS[Math.floor(entry.id / STAT_STEP)]
  if (field === null || stat === undefined || !wanted(field, entry.sub, stat)) return null
  return { series: { field, sub: entry.sub, stat }, kind: kindOf(field, stat) }
}

/**
 * Format 1:
 *   points | bytes of times | series
 *   per series: field id + 1000 × stat | sub + 1 | values | bytes
 *   times as a counter stream | each series' stream, in the same order
 */
function decodeFirstChunk(reader: VarintReader, wanted: Wanted): ChunkContent {
  const points = reader.uvarint()
  const timesBytes = reader.uvarint()
  const seriesCount = reader.uvarint()
  const directory: { id: number; sub: number; count: number; bytes: number }[] = []
  for (let i = 0; i < seriesCount; i++) {
    const id = reader.uvarint()
    const sub = reader.uvarint() - 1
    const count = reader.uvarint()
    directory.push({ id, sub, count, bytes: reader.uvarint() })
  }
  const times = decodeFirstFormat('counter', reader.slice(timesBytes), points)
  const series = directory.flatMap((entry): Series[] => {
    const body = reader.slice(entry.bytes)
    const known = knownSeries(entry, wanted)
    if (known === null) return []
    const values = decodeFirstFormat(known.kind, body, entry.count)
    return [{ ...known.series, values: padded(values, points) }]
  })
  return { times, series }
}

function padded(values: Float64Array, count: number): Float64Array {
  if (values.length === count) return values
  const result = new Float64Array(count).fill(Number.NaN)
  result.set(values)
  return result
}
