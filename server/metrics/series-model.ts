/**
 * What a stream of integers is expected to do next, by what it did: the coder of adaptive-codec.ts writes how far each
 * value is from that. Both sides feed it the same values, so it must give the same on every machine: only + − × ÷,
 * floor and round of doubles.
 */
export class SeriesModel {
  /** Mean of the differences' codes: how many bits the next one takes. */
  mean = 0
  #previous = 0
  #previousDelta = 0
  #meanDelta = 0
  #level = 0
  /** Mean errors of the four guesses. */
  #hold = 0
  #trend = 0
  #again = 0
  #back = 0
  #count = 0

  /** Begins at a value that nothing foretold. */
  restart(value: number): void {
    this.#previous = value
    this.#level = value
  }

  /** The guess that was nearest lately: as before, on the mean slope, on the last slope, back to the level. */
  predict(): number {
    const previous = this.#previous
    let best = this.#hold
    let guess = previous
    if (this.#trend < best) {
      best = this.#trend
      guess = previous + Math.round(this.#meanDelta)
    }
    if (this.#again < best) {
      best = this.#again
      guess = previous + this.#previousDelta
    }
    return this.#back < best ? Math.round(this.#level) : guess
  }

  /** `isJump`: too far from what was expected to say how the stream goes on. */
  take(value: number, code: number, isJump: boolean): void {
    const previous = this.#previous
    const delta = value - previous
    this.#hold += (Math.abs(delta) - this.#hold) / 8
    this.#trend += (Math.abs(delta - Math.round(this.#meanDelta)) - this.#trend) / 8
    this.#again += (Math.abs(delta - this.#previousDelta) - this.#again) / 8
    this.#back += (Math.abs(value - Math.round(this.#level)) - this.#back) / 8
    this.#previous = value
    this.#previousDelta = delta
    if (this.#count < 16) this.#count++
    if (isJump) {
      this.#level = value
      this.mean += (Math.min(code, 64 * (this.mean + 1)) - this.mean) / this.#count
      return
    }
    this.#meanDelta += (delta - this.#meanDelta) / Math.min(this.#count, 8)
    this.#level += (value - this.#level) / 4
    this.mean += (code - this.mean) / this.#count
  }
}
