import type { BrokerItem } from '../../contracts/brokers.ts'
import { entityOf, type FieldName } from '../metrics/fields.ts'
import type { BrokerFacts } from './facts.ts'
import { lastCycleMs, lastOf, ofCycle, type Past, rateOf, readPastSamples } from './past-samples.ts'

export type BrokerFigures = Pick<
  BrokerItem,
  | 'sizeBytes'
  | 'messagesInRate'
  | 'bytesInRate'
  | 'bytesOutRate'
  | 'produceP99Ms'
  | 'fetchP99Ms'
  | 'memoryUsedBytes'
>

const TRAFFIC: readonly FieldName[] = ['messagesIn', 'bytesIn', 'bytesOut']
const HEALTH: readonly FieldName[] = [
  'diskBytes',
  'produceP99Ms',
  'fetchP99Ms',
  'residentBytes',
  'heapUsedBytes',
]

/**
 * What the samples up to then say of each; null: the last cycle did not learn it, or the broker came or went after it.
 * Gauges are kept to 0.05 %.
 */
export async function brokerFiguresAt(
  past: Past,
  brokers: ReadonlyMap<number, BrokerFacts>,
): Promise<(id: number) => BrokerFigures> {
  const entities = Array.from(brokers.keys(), (id) => entityOf.broker(id))
  const read = (family: 'traffic' | 'health', fields: readonly FieldName[]) =>
    readPastSamples(past, { entities, family, wanted: (field) => fields.includes(field) })
  const [cycleMs, counters, gauges] = await Promise.all([
    lastCycleMs(past),
    read('traffic', TRAFFIC),
    read('health', HEALTH),
  ])
  return (id) => {
    const entity = entityOf.broker(id)
    const isOfBefore = cycleMs !== null && (brokers.get(id)?.sinceMs ?? 0) > cycleMs
    const disk = ofCycle(gauges.get(entity), cycleMs)
    const health = isOfBefore ? undefined : disk
    const traffic = isOfBefore ? undefined : ofCycle(counters.get(entity), cycleMs)
    return {
      sizeBytes: lastOf(disk, 'diskBytes'),
      messagesInRate: rateOf(traffic, 'messagesIn'),
      bytesInRate: rateOf(traffic, 'bytesIn'),
      bytesOutRate: rateOf(traffic, 'bytesOut'),
      produceP99Ms: lastOf(health, 'produceP99Ms'),
      fetchP99Ms: lastOf(health, 'fetchP99Ms'),
      memoryUsedBytes: lastOf(health, 'residentBytes') ?? lastOf(health, 'heapUsedBytes'),
    }
  }
}
