import { AdaptiveEncoder, decodeAdaptive } from './adaptive-codec.ts'

/**
 * Streams of samples, one value per cycle, NaN where a cycle has none. A counter reads back exactly. A gauge is a
 * float32 of 11 significant bits (0.05 %), which keeps integers to 2,048 exact; what is packed is its place among
 * those, so that what is near is a small difference.
 */
export type SeriesKind = 'counter' | 'gauge'

const wordView = new DataView(new ArrayBuffer(4))
const DROPPED_MANTISSA_BITS = 13
const SIGN = 2 ** 31
/** One of the bit patterns of NaN. */
const NOT_A_NUMBER = 0x7fc00000

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

/** All at once, as the bit patterns of float32s: charts unpack hundreds of thousands. */
function gaugesAt(places: Float64Array): Float64Array {
  const bits = new Uint32Array(places.length)
  for (let i = 0; i < places.length; i++) {
    const place = places[i] ?? Number.NaN
    const size = Math.abs(place) * 2 ** DROPPED_MANTISSA_BITS
    bits[i] = Number.isNaN(place) ? NOT_A_NUMBER : place < 0 ? size + SIGN : size
  }
  return new Float64Array(new Float32Array(bits.buffer))
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
