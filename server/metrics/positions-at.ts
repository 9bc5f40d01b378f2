import type { Database } from '../db/client.ts'
import { entityOf, WHOLE } from './fields.ts'
import { readGroupSamples } from './group-samples.ts'
import { readSamples, type SampleTable } from './read.ts'
import { type Retention, TIERS_MS } from './tiers.ts'

const USUAL_MS = 5 * 60_000

export interface Past {
  readonly clusterId: string
  readonly atMs: number
  readonly nowMs: number
  readonly retention: Retention
}

export interface Position {
  readonly committed: number | null
  readonly end: number | null
}

/** Samples from so long before are as things were then: two points of the finest tier that still has them. */
function reachMs({ atMs, nowMs, retention }: Past): number {
  const tier = TIERS_MS.find((one) => atMs >= nowMs - retention[one]) ?? 0
  return Math.max(USUAL_MS, 2.5 * tier)
}

function rangeOf(past: Past) {
  const { clusterId, atMs } = past
  return { clusterId, fromMs: atMs - reachMs(past), toMs: atMs }
}

/** The last known value of each series. */
function lastOf(table: SampleTable | undefined, field: string): Map<number, number> {
  const last = new Map<number, number>()
  for (const { field: own, sub, values } of table?.series ?? []) {
    const value = values.findLast((one) => !Number.isNaN(one))
    if (own === field && value !== undefined) last.set(sub, value)
  }
  return last
}

/** What a group had committed, and where the partitions ended, by topic and partition. */
export async function positionsAt(
  db: Database,
  past: Past,
  group: { groupId: string; topicKeys: ReadonlyMap<string, string> },
): Promise<Map<string, Map<number, Position>>> {
  const { groupId } = group
  const topicKeys = [...group.topicKeys.values()]
  const samples = await readGroupSamples(db, [{ groupId, topicKeys }], rangeOf(past))
  return new Map(
    Array.from(group.topicKeys, ([topic, key]) => {
      const own = lastOf(samples.committedIn(groupId, key), 'committedOffset')
      const end = lastOf(samples.endsOf(key), 'logEndOffset')
      const positions = Array.from(new Set([...own.keys(), ...end.keys()]), (partition) => {
        const position = { committed: own.get(partition) ?? null, end: end.get(partition) ?? null }
        return [partition, position] as const
      })
      return [topic, new Map(positions)] as const
    }),
  )
}

/** Lag of each group over all it reads; one that has no sample from then is left out. */
export async function totalLagsAt(
  db: Database,
  past: Past,
  groupIds: readonly string[],
): Promise<Map<string, number>> {
  const tables = await readSamples(db, {
    ...rangeOf(past),
    entities: groupIds.map((id) => entityOf.group(id)),
    family: 'health',
    wanted: (field) => field === 'totalLag',
  })
  const lags = new Map<string, number>()
  for (const id of groupIds) {
    const lag = lastOf(tables.get(entityOf.group(id)), 'totalLag').get(WHOLE)
    if (lag !== undefined) lags.set(id, lag)
  }
  return lags
}
