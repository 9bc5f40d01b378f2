import { BitReader } from './bits.ts'
import { gaugeOfBits, type SeriesKind } from './series-codec.ts'

/**
 * The streams of chunks of format 1, which no longer are written but are kept for up to two years.
 *
 * Counter: delta of deltas, zigzag, behind a unary prefix.
 *   0            same delta as before
 *   10   +  6    |dod| small      110   +  9      1110  + 14
 *   11110 + 20                    111110 + 32
 *   1111110 + 64 the value itself as float64 (first value, jumps, non-integers)
 *   1111111      no value this cycle
 *
 * Gauge: XOR against the previous value as float32, rounded to 11 significant bits.
 *   0            same value
 *   10   + window of the previous difference
 *   110  + 5 leading zeros + 5 length−1 + the difference
 *   111          no value this cycle
 */
export function decodeFirstFormat(
  kind: SeriesKind,
  bytes: Uint8Array,
  count: number,
): Float64Array {
  return kind === 'counter' ? decodeCounter(bytes, count) : decodeGauge(bytes, count)
}

const COUNTER_WIDTHS = [6, 9, 14, 20, 32] as const

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
    values[i] = gaugeOfBits(previous)
  }
  return values
}
