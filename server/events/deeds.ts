import type { Database } from '../db/client.ts'
import type { EventLine, Values } from './change.ts'

/** What somebody did to the cluster through Eyrie: an entry of the audit log that went well. */
export interface Deed {
  readonly at: number
  readonly actor: string
  readonly action: string
  readonly subject: string | null
  readonly detail: Readonly<Record<string, unknown>> | null
}

/** A broker's going and coming has effects for so long: its replicas leave and join the ISR. */
const BROKER_EFFECT_MS = 60_000
const EFFECT_MS = 15_000
/** The log is written once the deed is done, which may be after its effect was seen. */
const LATE_MS = 30_000
const DEEDS_MAX = 1_000

/** Done since then, the newest first. */
export async function readDeeds(db: Database, clusterId: string, sinceMs: number): Promise<Deed[]> {
  const rows = await db.auditEntry.findMany({
    where: { clusterId, outcome: 'ok', at: { gte: new Date(sinceMs - BROKER_EFFECT_MS) } },
    orderBy: { at: 'desc' },
    take: DEEDS_MAX,
  })
  return rows.map((row) => ({
    at: row.at.getTime(),
    actor: row.actor,
    action: row.action,
    subject: row.subject,
    // Safe because writeAudit alone fills the column, with an object's JSON.
    detail: row.detail === null ? null : (JSON.parse(row.detail) as Record<string, unknown>),
  }))
}

/** Topics and brokers whose configs were changed just now: they are read before others. */
export function configsChangedBy(
  deeds: readonly Deed[],
  sinceMs: number,
): { topics: string[]; brokers: number[] } {
  const recent = deeds.filter((deed) => deed.at >= sinceMs - EFFECT_MS && deed.subject !== null)
  const of = (action: string): string[] =>
    recent.filter((deed) => deed.action === action).map((deed) => deed.subject ?? '')
  return {
    topics: of('patchTopicConfigs'),
    brokers: of('patchBrokerConfigs').map(Number).filter(Number.isInteger),
  }
}

type Seen = Pick<EventLine, 'type' | 'subjectType' | 'subject' | 'before' | 'after' | 'bulk'>

/**
 * Who brought about what was seen between two collections; the newest deed that explains it, null
 * where none does.
 */
export function doerOf(
  line: Seen,
  deeds: readonly Deed[],
  between: { fromMs: number; toMs: number },
): { actor: string; action: string } | null {
  for (const deed of deeds) {
    const isOfBroker = /^(stop|kill|pause|start)Broker$/.test(deed.action)
    const effectMs = isOfBroker ? BROKER_EFFECT_MS : EFFECT_MS
    if (deed.at < between.fromMs - effectMs || deed.at > between.toMs + LATE_MS) continue
    if (isOfBroker ? isEffectOfBroker(line, deed) : isEffect(line, deed)) {
      return { actor: deed.actor, action: deed.action }
    }
  }
  return null
}

const EFFECT_OF: Readonly<Record<string, EventLine['type']>> = {
  createTopic: 'topic-created',
  deleteTopic: 'topic-deleted',
  addPartitions: 'partitions',
  patchTopicConfigs: 'config',
  patchBrokerConfigs: 'config',
  electLeaders: 'leader',
  deleteGroup: 'group-deleted',
}

function isEffect(line: Seen, deed: Deed): boolean {
  if (EFFECT_OF[deed.action] !== line.type) return false
  if (deed.action === 'electLeaders') return isElected(line, deed)
  // One deed is about one subject; a line for many has no single doer.
  if (line.bulk !== null || deed.subject !== line.subject) return false
  if (line.type !== 'config') return true
  if ((deed.action === 'patchBrokerConfigs') !== (line.subjectType === 'broker')) return false
  const names = new Set(namesOf(deed.detail))
  return names.size === 0 || Object.keys(line.after ?? {}).some((name) => names.has(name))
}

/** Of `changes: [{name}]`, which the patching services note. */
function namesOf(detail: Deed['detail']): string[] {
  const changes = detail?.changes
  if (!Array.isArray(changes)) return []
  return changes.flatMap((change: unknown) => {
    const name = (Object(change) as { name?: unknown }).name
    return typeof name === 'string' ? [name] : []
  })
}

function isElected(line: Seen, { detail }: Deed): boolean {
  if (line.bulk !== null) return true
  if (typeof detail?.topic === 'string') return detail.topic === line.subject
  if (!Array.isArray(detail?.partitions)) return true
  return detail.partitions.some(
    (one: unknown) => (Object(one) as { topic?: unknown }).topic === line.subject,
  )
}

function isEffectOfBroker(line: Seen, { subject, action }: Deed): boolean {
  const id = Number(subject)
  const isComing = action === 'startBroker'
  const [had, has] = isComing ? [line.after, line.before] : [line.before, line.after]
  switch (line.type) {
    case 'broker':
      return line.subject === subject
    case 'controller':
      return !isComing && line.before?.controllerId === id
    case 'quorum':
      return !isComing && line.before?.leaderId === id
    case 'group':
      return !isComing && line.before?.coordinator === id
    case 'leader':
    case 'isr':
      return line.bulk === null ? isLost(had, has, id) : countOf(had, id) > countOf(has, id)
    default:
      return false
  }
}

/** Some partition names the broker in the one and not in the other. */
function isLost(had: Values | null, has: Values | null, id: number): boolean {
  const names = (value: unknown): boolean =>
    Array.isArray(value) ? value.includes(id) : value === id
  return Object.entries(had ?? {}).some(
    ([partition, value]) => names(value) && !names(has?.[partition]),
  )
}

function countOf(values: Values | null, id: number): number {
  return Number(values?.[String(id)] ?? 0)
}
