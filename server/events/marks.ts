import type {
  ClusterEvent,
  EventMark,
  EventType,
  ListEventMarksInput,
  ListEventMarksOutput,
} from '../../contracts/events.ts'
import { clusterOf } from '../clusters/registry.ts'
import type { ServiceContext } from '../context.ts'
import { type Database, database } from '../db/client.ts'
import { readEvents } from './list.ts'
import { keptFrom } from './store.ts'

const MARKS_MAX = 60
/** Of each set of types below. */
const EVENTS_MAX = 500

/** The most telling first: what led to it before what it led to. */
const RANK: readonly EventType[] = [
  ...(['cluster', 'broker', 'collector', 'controller', 'quorum'] as const),
  ...(['topic-deleted', 'topic-created', 'partitions', 'config', 'replicas'] as const),
  ...(['leader', 'isr', 'group-deleted', 'group-created', 'group', 'members'] as const),
]
const TELLING: EventType[] = RANK.slice(0, 5)
const OF_TOPICS: EventType[] = RANK.slice(5, 12)
const OF_GROUPS: EventType[] = RANK.slice(12)

/** A range's events, those close together gathered, for the axis of charts and the time slider. */
export async function listEventMarks({
  input,
}: {
  ctx: ServiceContext
  input: ListEventMarksInput
}): Promise<ListEventMarksOutput> {
  clusterOf(input.cluster)
  const db = await database()
  const [events, from] = await Promise.all([
    readMarkedEvents(db, input),
    keptFrom(db, input.cluster),
  ])
  return { items: marksOf(events, input), keptFrom: from }
}

async function readMarkedEvents(db: Database, input: ListEventMarksInput): Promise<ClusterEvent[]> {
  const { cluster, from, to, topic, group, broker } = input
  const base = { cluster, from, to, limit: EVENTS_MAX }
  const wanted = [readEvents(db, { ...base, types: TELLING })]
  if (topic !== undefined) {
    wanted.push(readEvents(db, { ...base, subjectType: 'topic', subject: topic }))
  } else if (group !== undefined) {
    wanted.push(readEvents(db, { ...base, subjectType: 'group', subject: group }))
  } else if (broker !== undefined) {
    const config = { subjectType: 'broker', subject: String(broker) } as const
    wanted.push(readEvents(db, { ...base, ...config, types: ['config'] }))
  } else {
    wanted.push(readEvents(db, { ...base, types: OF_TOPICS }))
    wanted.push(readEvents(db, { ...base, types: OF_GROUPS }))
  }
  const pages = await Promise.all(wanted)
  return pages.flatMap((page) => page.items)
}

/** At most 60, evenly wide; each at the time of its first event. */
export function marksOf(
  events: readonly ClusterEvent[],
  { from, to }: { from: number; to: number },
): EventMark[] {
  const widthMs = Math.max(1, (to - from) / MARKS_MAX)
  const slots = new Map<number, ClusterEvent[]>()
  for (const event of [...events].sort((a, b) => a.id - b.id)) {
    const slot = Math.min(MARKS_MAX - 1, Math.floor((event.at - from) / widthMs))
    const list = slots.get(slot)
    if (list === undefined) slots.set(slot, [event])
    else list.push(event)
  }
  return [...slots.values()].flatMap((inSlot) => {
    const [first] = inSlot
    return first === undefined ? [] : [{ t: first.at, ...gathered(inSlot) }]
  })
}

function gathered(events: readonly ClusterEvent[]): Pick<EventMark, 'level' | 'events'> {
  const byType = new Map<EventType, EventMark['events'][number]>()
  for (const event of events) {
    const known = byType.get(event.type)
    const count = event.bulk?.subjects ?? 1
    if (known !== undefined) byType.set(event.type, { ...known, count: known.count + count })
    else {
      const { type, subjectType, subject, after } = event
      const state = after?.state ?? after?.reach
      byType.set(type, {
        ...{ type, count, subjectType, subject },
        state: typeof state === 'string' ? state : null,
      })
    }
  }
  const levels = events.map(levelOf)
  return {
    level:
      levels.find((one) => one === 'critical') ??
      levels.find((one) => one === 'attention') ??
      'info',
    events: [...byType.values()].sort((a, b) => RANK.indexOf(a.type) - RANK.indexOf(b.type)),
  }
}

/** Critical: something can no longer be reached; attention: copies or leaders moved. */
export function levelOf({ type, before, after }: ClusterEvent): EventMark['level'] {
  if (type === 'broker') return after?.state === 'offline' || after === null ? 'critical' : 'info'
  if (type === 'cluster') return after?.reach === 'unreachable' ? 'critical' : 'info'
  if (type === 'leader') {
    return Object.values(after ?? {}).some((leader) => leader === null) ? 'critical' : 'info'
  }
  if (type === 'isr') {
    const size = (values: ClusterEvent['after']): number =>
      Object.values(values ?? {}).reduce<number>(
        (sum, value) => sum + (Array.isArray(value) ? value.length : Number(value)),
        0,
      )
    return size(after) < size(before) ? 'attention' : 'info'
  }
  return type === 'topic-deleted' ? 'attention' : 'info'
}
