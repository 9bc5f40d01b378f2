// Judges whether a broker that was heard of no more is dead. Pure: told what happened, it says what to do. Belongs
// to one term of the active controller, which does the probing (controller-node.ts).
//
// A broker is suspected when its heartbeat connection ended, or when it did not reach a new controller in time.
// It is judged dead once two fresh connects in a row, some time apart, were refused and no heartbeat of that
// broker epoch came meanwhile. Everything else that a connect may end in says nothing, so it is tried again a few
// times: a dying process may close its listener a moment after its connections. A broker that turns out to be
// alive twice in a short time is left to its session for a while.

export interface FailureDetectorSettings {
  isEnabled: boolean
  refusalsNeeded: number
  probeIntervalMs: number
  /** Connects tried for one suspicion at most. */
  probesMax: number
  falseAlarmsMax: number
  falseAlarmWindowMs: number
  /** How long such a broker is judged by its session alone. */
  trustMs: number
}

export const defaultFailureDetectorSettings: FailureDetectorSettings = {
  isEnabled: true,
  refusalsNeeded: 2,
  probeIntervalMs: 100,
  probesMax: 6,
  falseAlarmsMax: 2,
  falseAlarmWindowMs: 60_000,
  trustMs: 600_000,
}

export type ProbeOutcome = 'refused' | 'other'

export type DetectorAction =
  | { type: 'probe'; brokerId: number; suspicion: number; delayMs: number }
  | { type: 'fence'; brokerId: number; brokerEpoch: number }

interface Suspicion {
  readonly number: number
  readonly brokerEpoch: number
  probes: number
  refusals: number
}

export class FailureDetector {
  readonly #settings: FailureDetectorSettings
  readonly #suspicions = new Map<number, Suspicion>()
  /** Brokers judged dead, with the epoch they had. */
  readonly #judged = new Map<number, number>()
  readonly #falseAlarmsMs = new Map<number, number[]>()
  readonly #trustedUntilMs = new Map<number, number>()
  #lastSuspicion = 0

  constructor(settings: FailureDetectorSettings) {
    this.#settings = settings
  }

  /** Null when there is nothing to do: turned off, trusted, or suspected already. */
  suspect(broker: { id: number; epoch: number }, nowMs: number): DetectorAction | null {
    if (!this.#settings.isEnabled || this.isTrusted(broker.id, nowMs)) return null
    if (this.#suspicions.get(broker.id)?.brokerEpoch === broker.epoch) return null
    this.#lastSuspicion += 1
    const number = this.#lastSuspicion
    const suspicion = { number, brokerEpoch: broker.epoch, probes: 0, refusals: 0 }
    this.#suspicions.set(broker.id, suspicion)
    return { type: 'probe', brokerId: broker.id, suspicion: number, delayMs: 0 }
  }

  /** A probe's result; one of a suspicion that is over changes nothing. */
  probed(probe: {
    brokerId: number
    suspicion: number
    outcome: ProbeOutcome
  }): DetectorAction | null {
    const suspicion = this.#suspicions.get(probe.brokerId)
    if (suspicion === undefined || suspicion.number !== probe.suspicion) return null
    suspicion.probes += 1
    suspicion.refusals = probe.outcome === 'refused' ? suspicion.refusals + 1 : 0
    const { brokerId } = probe
    if (suspicion.refusals >= this.#settings.refusalsNeeded) {
      this.#suspicions.delete(brokerId)
      this.#judged.set(brokerId, suspicion.brokerEpoch)
      return { type: 'fence', brokerId, brokerEpoch: suspicion.brokerEpoch }
    }
    if (suspicion.probes >= this.#settings.probesMax) {
      this.#suspicions.delete(brokerId)
      return null
    }
    const delayMs = this.#settings.probeIntervalMs
    return { type: 'probe', brokerId, suspicion: probe.suspicion, delayMs }
  }

  /** The broker lives: what was held against this epoch is void, and a judgement was wrong. */
  heartbeat(broker: { id: number; epoch: number }, nowMs: number): void {
    if (this.#suspicions.get(broker.id)?.brokerEpoch === broker.epoch) {
      this.#suspicions.delete(broker.id)
    }
    if (this.#judged.get(broker.id) !== broker.epoch) return
    this.#judged.delete(broker.id)
    const { falseAlarmWindowMs, falseAlarmsMax, trustMs } = this.#settings
    const alarms = (this.#falseAlarmsMs.get(broker.id) ?? []).filter(
      (atMs) => nowMs - atMs < falseAlarmWindowMs,
    )
    alarms.push(nowMs)
    this.#falseAlarmsMs.set(broker.id, alarms)
    if (alarms.length >= falseAlarmsMax) {
      this.#falseAlarmsMs.delete(broker.id)
      this.#trustedUntilMs.set(broker.id, nowMs + trustMs)
    }
  }

  /** Judged by its session alone. */
  isTrusted(brokerId: number, nowMs: number): boolean {
    return nowMs < (this.#trustedUntilMs.get(brokerId) ?? Number.NEGATIVE_INFINITY)
  }

  isSuspected(brokerId: number): boolean {
    return this.#suspicions.has(brokerId)
  }
}
