// What a member of the quorum measures of itself: rates of records, how long commits and elections take. Told by
// RaftNode about its steps; read by the broker's beans.
import { Sensor } from '../metrics/sensor.ts'
import type { Clock } from '../runtime/runtime.ts'
import type { RoleName } from './roles.ts'

/** Appends whose commit is waited for; further ones are not measured. */
const PENDING_MAX = 10_000

export class RaftFigures {
  readonly #clock: Clock
  readonly #appended: Sensor
  readonly #fetched: Sensor
  readonly #commitMs: Sensor
  readonly #electionMs: Sensor
  /** Of this node as leader: where appends end, and when they were made. */
  #pending: { endOffset: number; appendedMs: number }[] = []
  #role: RoleName | null = null
  #electionStartedMs: number | null = null
  #fetchedTo = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#appended = new Sensor(clock)
    this.#fetched = new Sensor(clock)
    this.#commitMs = new Sensor(clock)
    this.#electionMs = new Sensor(clock)
  }

  appended(recordCount: number, endOffset: number): void {
    const nowMs = this.#clock.monotonicMs()
    this.#appended.record(recordCount, nowMs)
    if (this.#pending.length >= PENDING_MAX) return
    this.#pending.push({ endOffset, appendedMs: nowMs })
  }

  /** A response brought records up to `endOffset`; what is in the log ends at `writtenOffset`. */
  fetched(writtenOffset: number, endOffset: number): void {
    const isAhead = this.#fetchedTo <= endOffset
    const fromOffset = isAhead ? Math.max(writtenOffset, this.#fetchedTo) : writtenOffset
    this.#fetchedTo = endOffset
    if (endOffset > fromOffset) this.#fetched.record(endOffset - fromOffset)
  }

  committed(highWatermark: number): void {
    const nowMs = this.#clock.monotonicMs()
    let count = 0
    for (const { endOffset, appendedMs } of this.#pending) {
      if (endOffset > highWatermark) break
      this.#commitMs.record(nowMs - appendedMs, nowMs)
      count += 1
    }
    this.#pending.splice(0, count)
  }

  /** An election takes from standing for the first time to somebody's victory. */
  inRole(role: RoleName): void {
    if (role === this.#role) return
    this.#role = role
    if (role !== 'leader') this.#pending = []
    if (role === 'prospective' || role === 'candidate') {
      this.#electionStartedMs ??= this.#clock.monotonicMs()
    } else if (role === 'leader' || role === 'follower') {
      if (this.#electionStartedMs !== null) {
        this.#electionMs.record(this.#clock.monotonicMs() - this.#electionStartedMs)
      }
      this.#electionStartedMs = null
    }
  }

  attributes(): Readonly<Record<string, number>> {
    return {
      'append-records-rate': this.#appended.rate(),
      'fetch-records-rate': this.#fetched.rate(),
      'commit-latency-avg': this.#commitMs.average(),
      'commit-latency-max': this.#commitMs.max(),
      'election-latency-avg': this.#electionMs.average(),
      'election-latency-max': this.#electionMs.max(),
    }
  }
}
