import type { Database } from '../db/client.ts'
import { entityOf } from '../metrics/fields.ts'
import { readSamples } from '../metrics/read.ts'
import { keptIndexes } from './end-frames.ts'
import type { OlderEnds } from './tracker.ts'

const FINE_MS = 6 * 3_600_000
const OLDER_MS = 7 * 86_400_000

/** Up to `toMs`, by the minute for some hours, by ten minutes before; thinned as the frames are. */
export async function readOlderEnds(
  db: Database,
  query: { clusterId: string; topicKeys: readonly string[]; toMs: number },
): Promise<Map<string, OlderEnds>> {
  const { clusterId, topicKeys, toMs } = query
  const entities = topicKeys.map((key) => entityOf.topic(key))
  const read = (range: { fromMs: number; toMs: number; stepMs: number }) =>
    readSamples(db, {
      clusterId,
      entities,
      family: 'log',
      wanted: (field) => field === 'logEndOffset',
      ...range,
    })
  const [coarse, fine] = await Promise.all([
    read({ fromMs: toMs - OLDER_MS, toMs: toMs - FINE_MS - 1, stepMs: 600_000 }),
    read({ fromMs: toMs - FINE_MS, toMs, stepMs: 60_000 }),
  ])
  const result = new Map<string, OlderEnds>()
  for (const topicKey of topicKeys) {
    const tables = [coarse, fine].flatMap((one) => one.get(entityOf.topic(topicKey)) ?? [])
    const times = tables.flatMap((table) => [...table.times])
    const kept = keptIndexes(times, toMs)
    const columns = new Map<number, Float64Array>()
    let start = 0
    for (const { times: own, series } of tables) {
      for (const { sub, values } of series) {
        const column = columns.get(sub) ?? new Float64Array(times.length).fill(Number.NaN)
        column.set(values, start)
        columns.set(sub, column)
      }
      start += own.length
    }
    const ends = new Map<number, Float64Array>()
    for (const [partition, column] of columns) {
      ends.set(
        partition,
        Float64Array.from(kept, (index) => column[index] ?? Number.NaN),
      )
    }
    result.set(topicKey, { times: Float64Array.from(kept, (i) => times[i] ?? 0), ends })
  }
  return result
}
