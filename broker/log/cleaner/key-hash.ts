// 128 bits of a record's key: SipHash-2-4 under a secret of this run. Used by the offset map, which takes two keys
// with the same hash for one; nobody who writes records can make them so without the secret. Pure.

export const HASH_WORDS = 4
/** Bytes of the secret. */
export const SECRET_BYTES = 16

export class KeyHash {
  /** v0 … v3, low word first. */
  readonly #state = new Int32Array(8)
  readonly #start = new Int32Array(8)

  constructor(secret: Uint8Array) {
    const words = new DataView(secret.buffer, secret.byteOffset, SECRET_BYTES)
    const [k0, k1, k2, k3] = [0, 4, 8, 12].map((at) => words.getInt32(at, true)) as [
      number,
      number,
      number,
      number,
    ]
    this.#start.set([
      k0 ^ 0x70736575,
      k1 ^ 0x736f6d65,
      k2 ^ 0x6e646f6d ^ 0xee,
      k3 ^ 0x646f7261,
      k0 ^ 0x6e657261,
      k1 ^ 0x6c796765,
      k2 ^ 0x79746573,
      k3 ^ 0x74656462,
    ])
  }

  /** Writes the four words of the hash of `bytes` from `start` to `end` into `out`. */
  digest(bytes: Uint8Array, start: number, end: number, out: Int32Array): void {
    const v = this.#state
    v.set(this.#start)
    const length = end - start
    const whole = start + (length & ~7)
    let at = start
    for (; at < whole; at += 8) this.#absorb(word(bytes, at), word(bytes, at + 4))
    let low = 0
    let high = length << 24
    for (let i = 0; at + i < end; i++) {
      const byte = (bytes[at + i] ?? 0) << ((i & 3) * 8)
      if (i < 4) low |= byte
      else high |= byte
    }
    this.#absorb(low, high)
    v[4] = (v[4] ?? 0) ^ 0xee
    this.#rounds(4)
    this.#emit(out, 0)
    v[2] = (v[2] ?? 0) ^ 0xdd
    this.#rounds(4)
    this.#emit(out, 2)
  }

  #absorb(low: number, high: number): void {
    const v = this.#state
    v[6] = (v[6] ?? 0) ^ low
    v[7] = (v[7] ?? 0) ^ high
    this.#rounds(2)
    v[0] = (v[0] ?? 0) ^ low
    v[1] = (v[1] ?? 0) ^ high
  }

  #emit(out: Int32Array, at: number): void {
    const v = this.#state
    out[at] = (v[0] as number) ^ (v[2] as number) ^ (v[4] as number) ^ (v[6] as number)
    out[at + 1] = (v[1] as number) ^ (v[3] as number) ^ (v[5] as number) ^ (v[7] as number)
  }

  /** 64-bit arithmetic in halves: x is the low one, y the high one. */
  #rounds(count: number): void {
    const v = this.#state
    // One by one: taking an array apart goes through its iterator, which costs more than the rounds.
    let x0 = v[0] as number
    let y0 = v[1] as number
    let x1 = v[2] as number
    let y1 = v[3] as number
    let x2 = v[4] as number
    let y2 = v[5] as number
    let x3 = v[6] as number
    let y3 = v[7] as number
    for (let i = 0; i < count; i++) {
      x0 = (x0 + x1) | 0
      y0 = (y0 + y1 + (x0 >>> 0 < x1 >>> 0 ? 1 : 0)) | 0
      let held = x1
      x1 = ((x1 << 13) | (y1 >>> 19)) ^ x0
      y1 = ((y1 << 13) | (held >>> 19)) ^ y0
      held = x0
      x0 = y0
      y0 = held
      x2 = (x2 + x3) | 0
      y2 = (y2 + y3 + (x2 >>> 0 < x3 >>> 0 ? 1 : 0)) | 0
      held = x3
      x3 = ((x3 << 16) | (y3 >>> 16)) ^ x2
      y3 = ((y3 << 16) | (held >>> 16)) ^ y2
      x0 = (x0 + x3) | 0
      y0 = (y0 + y3 + (x0 >>> 0 < x3 >>> 0 ? 1 : 0)) | 0
      held = x3
      x3 = ((x3 << 21) | (y3 >>> 11)) ^ x0
      y3 = ((y3 << 21) | (held >>> 11)) ^ y0
      x2 = (x2 + x1) | 0
      y2 = (y2 + y1 + (x2 >>> 0 < x1 >>> 0 ? 1 : 0)) | 0
      held = x1
      x1 = ((x1 << 17) | (y1 >>> 15)) ^ x2
      y1 = ((y1 << 17) | (held >>> 15)) ^ y2
      held = x2
      x2 = y2
      y2 = held
    }
    v[0] = x0
    v[1] = y0
    v[2] = x1
    v[3] = y1
    v[4] = x2
    v[5] = y2
    v[6] = x3
    v[7] = y3
  }
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)
  )
}
