import { AdaptiveEncoder, decodeAdaptive } from './adaptive-codec.ts'

/**
 * Streams of samples, one value per cycle, NaN where a cycle has none. A counter reads back exactly. A gauge is a
 * float32 of 11 significant bits (0.05 %), which keeps integers to 2,048 exact; what is packed is its place among
 * those, so that what is near is a small difference.
 */
export type SeriesKind = 'counter' | 'gauge'

const wordView = new DataView(new ArrayBuffer(4))
const DROPPED_MANTISSA_BITS = 13
const KEPT_MANTISSA_BITS = 23 - DROPPED_MANTISSA_BITS
const HIDDEN_BIT = 2 ** KEPT_MANTISSA_BITS
/** From one number to the next, by float32's exponent; the last says infinity, the first is as small as the second. */
const STEPS = Float64Array.from({ length: 256 }, (_, exponent) =>
  exponent === 255
    ? Number.POSITIVE_INFINITY
    : 2 ** (Math.max(1, exponent) - 127 - KEPT_MANTISSA_BITS),
)

/** The float32 of a bit pattern. */
export function gaugeOfBits(bits: number): number {
  wordView.setUint32(0, bits)
  return wordView.getFloat32(0)
}

/** Which of the numbers with 11 significant bits is nearest: 0 for zero, growing with the value. */
function gaugePlace(value: number): number {
  wordView.setFloat32(0, Math.abs(value))
  const half = 2 ** (DROPPED_MANTISSA_BITS - 1)
  const place = (wordView.getUint32(0) + half) >>> DROPPED_MANTISSA_BITS
  return value < 0 ? -place : place
}

/** In place of a column of places: by arithmetic, since charts unpack hundreds of thousands. */
function gaugesAt(places: Float64Array): Float64Array {
  for (let i = 0; i < places.length; i++) {
    const place = places[i] ?? Number.NaN
    if (Number.isNaN(place)) continue
    const size = Math.abs(place)
    const exponent = size >>> KEPT_MANTISSA_BITS
    const mantissa = size & (HIDDEN_BIT - 1)
    const value =
      (exponent === 0 ? mantissa : mantissa + HIDDEN_BIT) * (STEPS[exponent] ?? Number.NaN)
    places[i] = place < 0 ? -value : value
  }
  return places
}

/** What a gauge reads back as after storing. */
export function roundGauge(value: number): number {
  return gaugesAt(Float64Array.of(gaugePlace(value)))[0] ?? Number.NaN
}

export class SeriesEncoder {
  readonly #encoder = new AdaptiveEncoder()
  readonly #kind: SeriesKind

  constructor(kind: SeriesKind) {
    this.#kind = kind
  }

  get count(): number {
    return this.#encoder.count
  }

  append(value: number): void {
    if (this.#kind === 'counter') this.#encoder.append(value)
    else this.#encoder.append(Number.isFinite(value) ? gaugePlace(value) : Number.NaN)
  }

  bytes(): Uint8Array {
    return this.#encoder.bytes()
  }
}

/** `count` values; throws RangeError when the bytes are damaged. */
export function decodeSeries(kind: SeriesKind, bytes: Uint8Array, count: number): Float64Array {
  const values = decodeAdaptive(bytes, count)
  return kind === 'counter' ? values : gaugesAt(values)
}
