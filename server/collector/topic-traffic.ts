import { topicKeyOf } from '../metrics/fields.ts'
import type { BrokerMetrics } from './broker-metrics.ts'
import type { Reading } from './reading.ts'

export interface Traffic {
  readonly bytesIn: number | null
  readonly bytesOut: number | null
}

/** One counter of one topic over all brokers. */
interface Total {
  grown: number
  isKnown: boolean
  /** What each broker said in the cycle before; one that did not answer is not in it. */
  before: ReadonlyMap<number, number>
}

interface Totals {
  readonly bytesIn: Total
  readonly bytesOut: Total
}

/**
 * Each topic's bytes over all brokers as one counter each, which begins at 0 with this process: every broker counts
 * for itself and begins anew with it, and the sum of their increases is all that charts show. What a broker counted
 * while it did not answer, or before it began anew, is not known to belong to this cycle and is left out.
 */
export class TopicTraffic {
  #totals = new Map<string, Totals>()

  /** By topic name; null while no broker ever moved a byte of it, or none answers. */
  observe(reading: Reading): Map<string, Traffic> {
    const totals = new Map<string, Totals>()
    const traffic = new Map<string, Traffic>()
    for (const topic of reading.state.topics) {
      const key = topicKeyOf(topic)
      const total = this.#totals.get(key) ?? { bytesIn: newTotal(), bytesOut: newTotal() }
      totals.set(key, total)
      const grownBy = (field: keyof Totals): number | null =>
        grow(total[field], reading, (metrics) => metrics.topics.get(topic.name)?.[field])
      traffic.set(topic.name, { bytesIn: grownBy('bytesIn'), bytesOut: grownBy('bytesOut') })
    }
    this.#totals = totals
    return traffic
  }
}

function newTotal(): Total {
  return { grown: 0, isKnown: false, before: new Map() }
}

function grow(
  total: Total,
  reading: Reading,
  counted: (metrics: BrokerMetrics) => number | null | undefined,
): number | null {
  const now = new Map<number, number>()
  for (const [brokerId, metrics] of reading.metrics) {
    const known = counted(metrics) ?? null
    if (known !== null) total.isKnown = true
    // A broker that never moved a byte of it has no MBean for it: that is a zero.
    const value = known ?? 0
    const before = total.before.get(brokerId)
    if (before !== undefined && value > before) total.grown += value - before
    now.set(brokerId, value)
  }
  total.before = now
  return total.isKnown && now.size > 0 ? total.grown : null
}
