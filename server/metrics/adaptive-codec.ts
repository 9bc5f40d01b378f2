import { BitReader, BitWriter } from './bits.ts'
import { SeriesModel } from './series-model.ts'

/**
 * A stream of numbers, NaN where there is none, in about the bits that its noise has: each integer is written as its
 * distance from what SeriesModel expects, zigzag, in Rice codes whose parameter follows the mean. Each symbol:
 *   while hardly anything differs: how many values are as expected, plus 1; the stream may end there
 *   q ones, 0, k bits      the distance is q × 2^k + the k bits; after such a count it is one more than that
 *   16 ones, 2 bits        0 no value, so many times; 1 a float64; 2 an integer: sign, 6 bits of length, itself
 * Counts are Elias gamma codes. Up to the first value there are the 2 bits alone.
 */
const ESCAPE = 16
const MISSING = 0
const FLOAT = 1
const INTEGER = 2
const RUN_BELOW = 0.3
const DISTANCE_BELOW = 2 ** 46

export class AdaptiveEncoder {
  #bits = new BitWriter()
  readonly #model = new SeriesModel()
  #count = 0
  #isFresh = true
  /** Values as expected that are not written yet; null outside of such a run. */
  #expected: number | null = null
  #missing = 0

  get count(): number {
    return this.#count
  }

  append(value: number): void {
    this.#count++
    if (Number.isNaN(value)) {
      if (this.#missing++ === 0) this.#endRun()
      return
    }
    this.#endMissing()
    if (this.#isFresh) {
      this.#writeAbsolute(value)
      this.#model.restart(Number.isSafeInteger(value) ? value : 0)
      this.#isFresh = false
      return
    }
    const expected = this.#model.predict()
    if (this.#isRun() && value === expected) {
      this.#expected = (this.#expected ?? 0) + 1
      this.#model.take(value, 0, false)
      return
    }
    this.#writeDistance(value, expected, this.#endRun())
  }

  /** A copy of what was appended so far. */
  bytes(): Uint8Array {
    const [bits, expected, missing] = [this.#bits, this.#expected, this.#missing]
    if (expected === null && missing === 0) return bits.bytes()
    this.#bits = bits.copy()
    if (expected !== null) this.#endRun()
    this.#endMissing()
    const bytes = this.#bits.bytes()
    this.#bits = bits
    this.#expected = expected
    this.#missing = missing
    return bytes
  }

  #isRun(): boolean {
    return this.#expected !== null || (!this.#isFresh && this.#model.mean < RUN_BELOW)
  }

  /** Whether there was one, of no value maybe. */
  #endRun(): boolean {
    const isRun = this.#isRun()
    if (isRun) this.#writeGamma((this.#expected ?? 0) + 1)
    this.#expected = null
    return isRun
  }

  #endMissing(): void {
    if (this.#missing === 0) return
    if (!this.#isFresh) this.#bits.write(2 ** ESCAPE - 1, ESCAPE)
    this.#bits.write(MISSING, 2)
    this.#writeGamma(this.#missing)
    this.#missing = 0
  }

  #writeDistance(value: number, expected: number, isAfterRun: boolean): void {
    const distance = value - expected
    const code = codeOf(distance)
    const shown = isAfterRun ? code - 1 : code
    const k = parameterOf(this.#model.mean)
    const power = powerOf(k)
    const quotient = Math.floor(shown / power)
    const isNear =
      quotient < ESCAPE && shown >= 0 && code < DISTANCE_BELOW && expected + distance === value
    if (isNear && Number.isSafeInteger(value)) {
      this.#bits.write(2 ** (quotient + 1) - 2, quotient + 1)
      this.#bits.write(shown - quotient * power, k)
      this.#model.take(value, code, false)
      return
    }
    this.#bits.write(2 ** ESCAPE - 1, ESCAPE)
    this.#writeAbsolute(value)
    if (Number.isSafeInteger(value)) this.#model.take(value, code, true)
    else this.#model.restart(0)
  }

  #writeAbsolute(value: number): void {
    if (!Number.isSafeInteger(value)) {
      this.#bits.write(FLOAT, 2)
      this.#bits.writeFloat64(value)
      return
    }
    const size = Math.abs(value)
    const length = bitLength(size)
    this.#bits.write(INTEGER, 2)
    this.#bits.write(value < 0 ? 1 : 0, 1)
    this.#bits.write(length, 6)
    this.#bits.write(size, length)
  }

  #writeGamma(value: number): void {
    const length = bitLength(value)
    this.#bits.write(2 ** length - 2, length)
    this.#bits.write(value - 2 ** (length - 1), length - 1)
  }
}

/** `count` values; throws RangeError when the bytes end early or are none that the encoder writes. */
export function decodeAdaptive(bytes: Uint8Array, count: number): Float64Array {
  const reader = new BitReader(bytes)
  const model = new SeriesModel()
  const values = new Float64Array(count)
  let at = decodeFirst(reader, model, values)
  while (at < count) {
    const isAfterRun = model.mean < RUN_BELOW
    if (isAfterRun) {
      const end = at + readGamma(reader) - 1
      if (end > count) throw new RangeError('more values than there are')
      for (; at < end; at++) {
        const value = model.predict()
        values[at] = value
        model.take(value, 0, false)
      }
      if (at === count) break
    }
    const quotient = reader.readUnary(ESCAPE)
    if (quotient < ESCAPE) {
      const k = parameterOf(model.mean)
      const code = quotient * powerOf(k) + reader.read(k) + (isAfterRun ? 1 : 0)
      const half = Math.floor(code / 2)
      const value = model.predict() + (code === 2 * half ? half : -half - 1)
      values[at++] = value
      model.take(value, code, false)
    } else at = decodeEscaped(reader, model, { values, at })
  }
  return values
}

/** Up to the first value, which it includes; returns the index after it. */
function decodeFirst(reader: BitReader, model: SeriesModel, values: Float64Array): number {
  let at = 0
  while (at < values.length) {
    const kind = reader.read(2)
    if (kind === MISSING) {
      at = skipMissing(reader, values, at)
      continue
    }
    const value = readAbsolute(reader, kind)
    values[at] = value
    model.restart(kind === INTEGER ? value : 0)
    return at + 1
  }
  return at
}

function decodeEscaped(
  reader: BitReader,
  model: SeriesModel,
  { values, at }: { values: Float64Array; at: number },
): number {
  const kind = reader.read(2)
  if (kind === MISSING) return skipMissing(reader, values, at)
  const value = readAbsolute(reader, kind)
  values[at] = value
  if (kind === INTEGER) model.take(value, codeOf(value - model.predict()), true)
  else model.restart(0)
  return at + 1
}

function skipMissing(reader: BitReader, values: Float64Array, at: number): number {
  const end = at + readGamma(reader)
  if (end > values.length) throw new RangeError('more values than there are')
  values.fill(Number.NaN, at, end)
  return end
}

function readAbsolute(reader: BitReader, kind: number): number {
  if (kind === FLOAT) return reader.readFloat64()
  if (kind !== INTEGER) throw new RangeError(`unknown kind of value ${kind}`)
  const sign = reader.read(1) === 0 ? 1 : -1
  return sign * reader.read(reader.read(6))
}

function readGamma(reader: BitReader): number {
  const extra = reader.readUnary(31)
  return powerOf(extra) + reader.read(extra)
}

/** Zigzag: 0, −1, 1, −2, 2 … as 0, 1, 2, 3, 4 … */
function codeOf(distance: number): number {
  return distance >= 0 ? 2 * distance : -2 * distance - 1
}

/** 2 to the `exponent` of 0 to 52; the operator is many times slower. */
function powerOf(exponent: number): number {
  return exponent < 31 ? 1 << exponent : 0x40000000 * (1 << (exponent - 30))
}

/** Bits below the unary part: the floor of the mean's logarithm. */
function parameterOf(mean: number): number {
  if (mean < 2) return 0
  return mean < 2 ** 31 ? 31 - Math.clz32(mean) : 62 - Math.clz32(mean / 2 ** 31)
}

function bitLength(value: number): number {
  return value < 2 ** 31 ? 32 - Math.clz32(value) : 63 - Math.clz32(Math.floor(value / 2 ** 31))
}
