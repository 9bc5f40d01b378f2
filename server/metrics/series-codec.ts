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

function gaugeAt(place: number): number {
  if (Number.isNaN(place)) return place
  const bits = Math.abs(place) * 2 ** DROPPED_MANTISSA_BITS
  return gaugeOfBits(place < 0 ? bits + SIGN : bits)
}

/** What a gauge reads back as after storing. */
export function roundGauge(value: number): number {
  return gaugeAt(gaugePlace(value))
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
  return kind === 'counter' ? values : values.map(gaugeAt)
}
