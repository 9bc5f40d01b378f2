import type { GroupItem } from '../../contracts/groups.ts'
import type { AttentionItem } from '../../contracts/overview.ts'
import type { KnownCluster } from './inventory.ts'
import type { BrokerItemRow } from './snapshot.ts'

interface Picture {
  readonly known: KnownCluster
  readonly brokers: readonly BrokerItemRow[]
  /** Those with the worst verdicts. */
  readonly groups: readonly GroupItem[]
  readonly hasJmx: boolean
  readonly nowMs: number
}

const STALE_INTERVALS = 4

/** What the verdict rests on: is the data safe and reachable? */
export function reasonsOf({ known, brokers }: Picture): AttentionItem[] {
  const items: AttentionItem[] = []
  const { snapshot, error, asOf } = known
  if (error !== null) {
    items.push(item('critical', 'cluster-unreachable', null, { error, sinceMs: asOf }))
  }
  for (const broker of brokers) {
    const values = { id: broker.id, sinceMs: broker.offlineSince }
    const subject = String(broker.id)
    // A broker that is down is fenced too; only of one that still speaks fencing is the news.
    const speaks = broker.metricsMissing === null
    if (broker.isFenced && speaks) items.push(item('attention', 'broker-fenced', subject, values))
    else if (!broker.isOnline) items.push(item('attention', 'broker-offline', subject, values))
  }
  if (snapshot === null) return items
  if (snapshot.controllerId === null && error === null) {
    items.push(item('critical', 'no-controller', null, {}))
  }
  const counted = (
    level: AttentionItem['level'],
    kind: AttentionItem['kind'],
    count: number,
  ): void => {
    if (count > 0) items.push(item(level, kind, null, { count }))
  }
  counted('critical', 'partitions-offline', snapshot.partitionsOffline)
  counted('critical', 'partitions-under-min-isr', snapshot.partitionsUnderMinIsr)
  counted('attention', 'partitions-one-copy-left', snapshot.partitionsOneCopyLeft)
  counted('attention', 'partitions-under-replicated', snapshot.partitionsUnderReplicated)
  return items
}

/** What else somebody should look at. */
export function attentionOf(picture: Picture): AttentionItem[] {
  const { known, groups, hasJmx, nowMs } = picture
  const items: AttentionItem[] = []
  const { snapshot, asOf } = known
  const notPreferred = snapshot?.partitionsNotPreferred ?? 0
  if (notPreferred > 0) {
    items.push(item('attention', 'leaders-not-preferred', null, { count: notPreferred }))
  }
  for (const group of groups) {
    const { verdict, worst } = group
    if (worst === null) continue
    const kind = verdict === 'ERR' ? 'group-error' : verdict === 'WARN' ? 'group-slow' : null
    if (kind !== null) items.push(item('attention', kind, group.id, { ...worst }))
  }
  const staleMs = STALE_INTERVALS * (snapshot?.intervalMs ?? 10_000)
  if (asOf !== null && nowMs - asOf > staleMs) {
    items.push(item('attention', 'data-stale', null, { sinceMs: asOf, ageMs: nowMs - asOf }))
  }
  if (!hasJmx) items.push(item('unknown', 'metrics-missing', null, {}))
  return items
}

function item(
  level: AttentionItem['level'],
  kind: AttentionItem['kind'],
  subject: string | null,
  values: AttentionItem['values'],
): AttentionItem {
  return { level, kind, subject, values }
}
