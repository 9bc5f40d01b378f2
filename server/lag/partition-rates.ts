import type { Database } from '../db/client.ts'
import { readGroupSamples } from '../metrics/group-samples.ts'
import type { SampleTable } from '../metrics/read.ts'
import { FLOW_WINDOW_MS } from './forecast.ts'

export interface PartitionRates {
  /** Records per second; null: not known, or the offset went back. */
  readonly producerRate: number | null
  readonly consumerRate: number | null
}

/** Over the last minutes of samples, by topic and partition: `topic/0`. */
export async function readPartitionRates(
  db: Database,
  query: {
    clusterId: string
    groupId: string
    topicKeys: Readonly<Record<string, string>>
    nowMs: number
  },
): Promise<Map<string, PartitionRates>> {
  const { clusterId, groupId, nowMs } = query
  const range = { clusterId, fromMs: nowMs - FLOW_WINDOW_MS, toMs: nowMs }
  const group = { groupId, topicKeys: Object.values(query.topicKeys) }
  const samples = await readGroupSamples(db, [group], range)
  const rates = new Map<string, PartitionRates>()
  for (const [topic, key] of Object.entries(query.topicKeys)) {
    const read = ratesOf(samples.committedIn(groupId, key))
    const written = ratesOf(samples.endsOf(key))
    for (const [partition, consumerRate] of read) {
      const producerRate = written.get(partition) ?? null
      rates.set(`${topic}/${partition}`, { producerRate, consumerRate })
    }
  }
  return rates
}

function ratesOf(table: SampleTable | undefined): Map<number, number | null> {
  const rates = new Map<number, number | null>()
  for (const { sub, values } of table?.series ?? []) {
    rates.set(sub, rateOf(table?.times ?? new Float64Array(0), values))
  }
  return rates
}

/** Null with fewer than two values, and where one is smaller than the one before it. */
export function rateOf(times: ArrayLike<number>, values: ArrayLike<number>): number | null {
  let first: number | null = null
  let last: number | null = null
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? Number.NaN
    if (Number.isNaN(value)) continue
    if (last !== null && value < (values[last] ?? 0)) return null
    first ??= i
    last = i
  }
  const spanMs = (times[last ?? 0] ?? 0) - (times[first ?? 0] ?? 0)
  if (first === null || last === null || spanMs <= 0) return null
  return (((values[last] ?? 0) - (values[first] ?? 0)) * 1_000) / spanMs
}
