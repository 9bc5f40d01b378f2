import { BitReader, BitWriter } from './bits.ts'

/**
 * Streams of samples, one value per cycle, NaN where a cycle has none.
 *
 * Counter: delta of deltas, zigzag, behind a unary prefix. An idle or steady counter costs 1 bit.
 *   0            same delta as before
 *   10   +  6    |dod| small      110   +  9      1110  + 14
 *   11110 + 20                    111110 + 32
 *   1111110 + 64 the value itself as float64 (first value, jumps, non-integers)
 *   1111111      no value this cycle
 *
 * Gauge: XOR against the previous value as float32, rounded to 11 significant bits (0.05 %),
 * which keeps integers to 2,048 exact and makes noisy gauges short.
 *   0            same value
 *   10   + window of the previous difference
 *   110  + 5 leading zeros + 5 length−1 + the difference
 *   111          no value this cycle
 */
export type SeriesKind = 'counter' | 'gauge'

export interface SeriesEncoder {
  readonly count: number
  append(value: number): void
  bytes(): Uint8Array
}

const COUNTER_WIDTHS = [6, 9, 14, 20, 32] as const

export class CounterEncoder implements SeriesEncoder {
  readonly #bits = new BitWriter()
  #count = 0
  #previous = Number.NaN
  #previousDelta = 0

  get count(): number {
    return this.#count
  }

  append(value: number): void {
    this.#count++
    if (Number.isNaN(value)) {
      this.#bits.write(0b1111111, 7)
      return
    }
    const delta = value - this.#previous
    const dod = delta - this.#previousDelta
    if (Number.isInteger(dod) && Number.isInteger(value) && this.#writeDod(dod)) {
      this.#previousDelta = delta
    } else {
      this.#bits.write(0b1111110, 7)
      this.#bits.writeFloat64(value)
      this.#previousDelta = 0
    }
    this.#previous = value
  }

  bytes(): Uint8Array {
    return this.#bits.bytes()
  }

  #writeDod(dod: number): boolean {
    if (dod === 0) {
      this.#bits.write(0, 1)
      return true
    }
    const zigzag = dod > 0 ? dod * 2 : -dod * 2 - 1
    for (const [index, width] of COUNTER_WIDTHS.entries()) {
      if (zigzag >= 2 ** width) continue
      this.#bits.write((1 << (index + 2)) - 2, index + 2)
      this.#bits.write(zigzag, width)
      return true
    }
    return false
  }
}

function decodeCounter(bytes: Uint8Array, count: number): Float64Array {
  const reader = new BitReader(bytes)
  const values = new Float64Array(count)
  let previous = 0
  let previousDelta = 0
  for (let i = 0; i < count; i++) {
    const ones = reader.readUnary(7)
    if (ones === 7) {
      values[i] = Number.NaN
      continue
    }
    if (ones === 6) {
      previous = reader.readFloat64()
      previousDelta = 0
    } else {
      if (ones > 0) {
        const zigzag = reader.read(COUNTER_WIDTHS[ones - 1] ?? 0)
        previousDelta += zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2
      }
      previous += previousDelta
    }
    values[i] = previous
  }
  return values
}

const wordView = new DataView(new ArrayBuffer(4))
const DROPPED_MANTISSA_BITS = 13

/** The float32 with 11 significant bits nearest to `value`, as its bit pattern. */
function gaugeBits(value: number): number {
  wordView.setFloat32(0, value)
  const bits = wordView.getUint32(0)
  const half = 2 ** (DROPPED_MANTISSA_BITS - 1)
  const rounded = Math.floor((bits + half) / 2 ** DROPPED_MANTISSA_BITS)
  return (rounded * 2 ** DROPPED_MANTISSA_BITS) % 2 ** 32
}

function gaugeFromBits(bits: number): number {
  wordView.setUint32(0, bits)
  return wordView.getFloat32(0)
}

/** What a gauge reads back as after storing. */
export function roundGauge(value: number): number {
  return gaugeFromBits(gaugeBits(value))
}

export class GaugeEncoder implements SeriesEncoder {
  readonly #bits = new BitWriter()
  #count = 0
  #previous = 0
  #leading = 32
  #length = 0

  get count(): number {
    return this.#count
  }

  append(value: number): void {
    this.#count++
    if (!Number.isFinite(value)) {
      this.#bits.write(0b111, 3)
      return
    }
    const bits = gaugeBits(value)
    const xor = (bits ^ this.#previous) >>> 0
    this.#previous = bits
    if (xor === 0) {
      this.#bits.write(0, 1)
      return
    }
    const leading = Math.clz32(xor)
    const trailing = 31 - Math.clz32(xor & -xor)
    const fits =
      this.#length > 0 && leading >= this.#leading && trailing >= 32 - this.#leading - this.#length
    if (fits) {
      this.#bits.write(0b10, 2)
    } else {
      this.#leading = leading
      this.#length = 32 - leading - trailing
      this.#bits.write(0b110, 3)
      this.#bits.write(leading, 5)
      this.#bits.write(this.#length - 1, 5)
    }
    this.#bits.write(xor >>> (32 - this.#leading - this.#length), this.#length)
  }

  bytes(): Uint8Array {
    return this.#bits.bytes()
  }
}

function decodeGauge(bytes: Uint8Array, count: number): Float64Array {
  const reader = new BitReader(bytes)
  const values = new Float64Array(count)
  let previous = 0
  let leading = 32
  let length = 0
  for (let i = 0; i < count; i++) {
    const ones = reader.readUnary(3)
    if (ones === 3) {
      values[i] = Number.NaN
      continue
    }
    if (ones === 2) {
      leading = reader.read(5)
      length = reader.read(5) + 1
    }
    if (ones > 0) previous = (previous ^ (reader.read(length) << (32 - leading - length))) >>> 0
    values[i] = gaugeFromBits(previous)
  }
  return values
}

export function createSeriesEncoder(kind: SeriesKind): SeriesEncoder {
  return kind === 'counter' ? new CounterEncoder() : new GaugeEncoder()
}

/** `count` values; throws RangeError when the bytes end early. */
export function decodeSeries(kind: SeriesKind, bytes: Uint8Array, count: number): Float64Array {
  return kind === 'counter' ? decodeCounter(bytes, count) : decodeGauge(bytes, count)
}
