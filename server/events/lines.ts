import type { EventType } from '../../contracts/events.ts'
import type { Change, EventLine, Values } from './change.ts'

/** Changes of one type in one collection: from here on one line stands for all. */
export const BULK_FROM = 20
/** Of one collection; what is beyond is in the history, and counted by the line that stands for it. */
export const LINES_MAX = 20_000
const NAMES_MAX = 20

/**
 * The timeline's lines for what one collection found. A broker's death with thousands of leaders is
 * one line with counts by broker, and below it, for the subjects' own pages, one each.
 */
export function linesOf(clusterId: string, changes: readonly Change[]): EventLine[] {
  const byType = new Map<EventType, Change[]>()
  for (const change of changes) {
    if (change.type === 'settings') continue
    const list = byType.get(change.type)
    if (list === undefined) byType.set(change.type, [change])
    else list.push(change)
  }
  const lines: EventLine[] = []
  const details: EventLine[] = []
  for (const [type, list] of byType) {
    if (list.length <= BULK_FROM) for (const change of list) lines.push(lineOf(type, change, 0))
    else {
      lines.push(bulkLine(clusterId, type, list))
      for (const change of list) details.push(lineOf(type, change, 1))
    }
  }
  return [...lines, ...details.slice(0, LINES_MAX - lines.length)]
}

function lineOf(type: EventType, change: Change, level: 0 | 1): EventLine {
  const { subjectType, subject, before, after } = change
  const nobody = { actor: null, action: null }
  return { type, subjectType, subject, before, after, bulk: null, level, ...nobody }
}

function bulkLine(clusterId: string, type: EventType, changes: readonly Change[]): EventLine {
  const isByBroker = type === 'leader' || type === 'isr' || type === 'replicas'
  const [before, after] = isByBroker ? countsByBroker(changes) : [null, null]
  const names = changes.slice(0, NAMES_MAX).map((change) => change.subject)
  const partitions = isByBroker
    ? changes.reduce((sum, change) => sum + Object.keys(change.after ?? {}).length, 0)
    : 0
  return {
    ...{ type, subjectType: 'cluster', subject: clusterId, before, after, level: 0 },
    ...{ bulk: { subjects: changes.length, partitions, names }, actor: null, action: null },
  }
}

/** How many of the changed partitions a broker leads or holds, where that differs. */
function countsByBroker(changes: readonly Change[]): readonly [Values, Values] {
  const before = new Map<string, number>()
  const after = new Map<string, number>()
  const count = (into: Map<string, number>, values: Values | null): void => {
    for (const value of Object.values(values ?? {})) {
      for (const id of Array.isArray(value) ? value : [value ?? 'none']) {
        into.set(String(id), (into.get(String(id)) ?? 0) + 1)
      }
    }
  }
  for (const change of changes) {
    count(before, change.before)
    count(after, change.after)
  }
  const ids = [...new Set([...before.keys(), ...after.keys()])]
    .filter((id) => (before.get(id) ?? 0) !== (after.get(id) ?? 0))
    .sort()
  const of = (counts: Map<string, number>): Values =>
    Object.fromEntries(ids.map((id) => [id, counts.get(id) ?? 0]))
  return [of(before), of(after)]
}
