import type { SeriesKind } from './series-codec.ts'

interface FieldDefinition {
  readonly id: number
  readonly kind: SeriesKind
}

/** Every stored quantity. Ids are on disk: never reuse one. */
export const FIELDS = {
  logEndOffset: { id: 1, kind: 'counter' },
  logStartOffset: { id: 2, kind: 'counter' },
  sizeBytes: { id: 3, kind: 'counter' },
  bytesIn: { id: 4, kind: 'counter' },
  bytesOut: { id: 5, kind: 'counter' },
  messagesIn: { id: 6, kind: 'counter' },
  committedOffset: { id: 7, kind: 'counter' },
  replicationBytesIn: { id: 8, kind: 'counter' },
  replicationBytesOut: { id: 9, kind: 'counter' },
  produceP99Ms: { id: 10, kind: 'gauge' },
  fetchP99Ms: { id: 11, kind: 'gauge' },
  heapUsedBytes: { id: 12, kind: 'gauge' },
  residentBytes: { id: 13, kind: 'gauge' },
  uptimeMs: { id: 14, kind: 'counter' },
  eventLoopDelayMs: { id: 15, kind: 'gauge' },
  cpuLoad: { id: 16, kind: 'gauge' },
  underReplicated: { id: 17, kind: 'gauge' },
  leaders: { id: 18, kind: 'gauge' },
  replicas: { id: 19, kind: 'gauge' },
  diskBytes: { id: 20, kind: 'counter' },
  members: { id: 21, kind: 'gauge' },
  produceRequests: { id: 22, kind: 'counter' },
  fetchRequests: { id: 23, kind: 'counter' },
  offlinePartitions: { id: 24, kind: 'gauge' },
  failedProduceRequests: { id: 25, kind: 'counter' },
  failedFetchRequests: { id: 26, kind: 'counter' },
  fetchFollowerP99Ms: { id: 27, kind: 'gauge' },
  isrShrinks: { id: 28, kind: 'counter' },
  isrExpands: { id: 29, kind: 'counter' },
  totalLag: { id: 30, kind: 'counter' },
  /** Of a group: twice its lag in seconds, a little more where that is a lower bound; see server/lag/heat-cells.ts. */
  lagTwiceSeconds: { id: 60, kind: 'gauge' },
  /** Of a group's worst partition, see server/lag/verdict.ts. */
  verdictRank: { id: 61, kind: 'gauge' },
  /** Attributes of MBeans: the series' `sub` is the slot of catalogue/ or of a pin. */
  beanCounter: { id: 100, kind: 'counter' },
  beanGauge: { id: 101, kind: 'gauge' },
  /** How long the collector has been running: a fall is a restart. */
  collectorUptimeMs: { id: 102, kind: 'counter' },
} as const satisfies Record<string, FieldDefinition>

export type FieldName = keyof typeof FIELDS

const byId = new Map<number, FieldName>(
  Object.entries(FIELDS).map(([name, definition]) => [definition.id, name as FieldName]),
)

export function fieldName(id: number): FieldName | null {
  return byId.get(id) ?? null
}

/**
 * What one chunk row holds: all partitions (or brokers) of the entity, a few fields.
 * `log`: offsets per partition, a topic's size; `traffic`: of a topic since the collector began (before: per broker
 * id), of a broker since it began;
 * `offsets`: committed positions per partition; `health`: a broker's or a group's gauges; the others
 * hold attributes of a broker's MBeans, apart so that a chart need not read them all.
 */
export const FAMILIES = {
  log: 1,
  traffic: 2,
  offsets: 3,
  health: 4,
  requests: 20,
  server: 21,
  coordination: 22,
  process: 23,
  pinned: 24,
} as const
export type Family = keyof typeof FAMILIES
export type BeanFamily = Extract<
  Family,
  'requests' | 'server' | 'coordination' | 'process' | 'pinned'
>

const familyById = new Map<number, Family>(
  Object.entries(FAMILIES).map(([name, id]) => [id, name as Family]),
)

/** Null for a family that this version does not know. */
export function familyName(id: number): Family | null {
  return familyById.get(id) ?? null
}

/** The partition of a series that belongs to the entity as a whole. */
export const WHOLE = -1

/** A topic's key is its id where the cluster has ids, so that a re-created topic is another. */
export function topicKeyOf(topic: {
  readonly topicId: string | null
  readonly name: string
}): string {
  return topic.topicId ?? `~${topic.name}`
}

export const entityOf = {
  topic: (topicKey: string): string => `t:${topicKey}`,
  group: (groupId: string): string => `g:${encodeURIComponent(groupId)}`,
  groupTopic: (groupId: string, topicKey: string): string =>
    `g:${encodeURIComponent(groupId)}:${topicKey}`,
  broker: (brokerId: number): string => `b:${brokerId}`,
  cluster: (): string => 'c',
} as const
