/** How much traffic there is and how fast it is read, as functions of time alone. */

const WAVE_MS = 240_000
const SLOW_SHARE = 0.6

/** Records a second to write; swells and ebbs a little, over minutes. */
export function writeRate(base: number, nowMs: number): number {
  return base * (1 + 0.25 * Math.sin((2 * Math.PI * nowMs) / 420_000))
}

/**
 * The slow group's reading, as a share of what is written: for 60 % of each four minutes it falls
 * behind, then it catches up again.
 */
export function readShare(nowMs: number): number {
  const phase = (nowMs % WAVE_MS) / WAVE_MS
  return phase < SLOW_SHARE ? 0.45 : 2.6
}

/** Whole records for a span at a rate; the fraction is carried on, so that no record is lost. */
export class Pacer {
  #carried = 0

  take(perSecond: number, spanMs: number): number {
    // After a pause there is no flood: at most two seconds are made up for.
    this.#carried += (perSecond * Math.min(spanMs, 2_000)) / 1_000
    const whole = Math.floor(this.#carried)
    this.#carried -= whole
    return whole
  }
}
