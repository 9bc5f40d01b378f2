import { z } from 'zod'
import {
  asOf,
  brokerId,
  clusterParams,
  groupId,
  queryInt,
  queryNames,
  timeMs,
  topicName,
} from './common.ts'
import { type ContractInput, type ContractOutput, defineContract } from './define.ts'

/**
 * `broker`: came, went, restarted; `partitions`: their number; `replicas`: a reassignment;
 * `group`: its state, assignor or coordinator; `members`: who is in it and holds what; `cluster`:
 * whether it can be read; `collector`: Eyrie's own collecting began again.
 */
export const eventType = z.enum([
  ...(['broker', 'controller', 'quorum', 'leader', 'isr', 'replicas'] as const),
  ...(['topic-created', 'topic-deleted', 'partitions', 'config'] as const),
  ...(['group-created', 'group-deleted', 'group', 'members'] as const),
  ...(['cluster', 'collector'] as const),
])
export type EventType = z.infer<typeof eventType>

export const eventSubjectType = z.enum(['cluster', 'broker', 'topic', 'group'])
export type EventSubjectType = z.infer<typeof eventSubjectType>

/** By name of what changed: a partition's number, a config, a member's id, a property. */
const eventValues = z.record(z.string(), z.unknown()).nullable()

export const clusterEvent = z.object({
  /** Grows with time. */
  id: z.number().int(),
  /** When the state after it was read from the cluster. */
  at: timeMs,
  type: eventType,
  subjectType: eventSubjectType,
  /** Topic, group or node id; of a cluster: its id. `default`: the brokers' default config. */
  subject: z.string(),
  /** Null: was not there. */
  before: eventValues,
  /** Null: is gone. */
  after: eventValues,
  /** It stands for a change of many topics or groups at once. */
  bulk: z
    .object({
      subjects: z.number().int(),
      partitions: z.number().int(),
      /** Some of them. */
      names: z.array(z.string()),
    })
    .nullable(),
  /** Who did it, when done through Eyrie; the audit log's name. */
  actor: z.string().nullable(),
  /** The audited action that led to it, e.g. `killBroker`. */
  action: z.string().nullable(),
})
export type ClusterEvent = z.infer<typeof clusterEvent>

const eventTypes = queryNames.pipe(z.array(eventType)).optional()

export const listEventsContract = defineContract({
  id: 'listEvents',
  method: 'GET',
  path: '/api/v1/clusters/{cluster}/events',
  access: 'viewer',
  tag: 'Events',
  summary: 'What changed in the cluster, newest first; before leads to older ones',
  params: clusterParams,
  query: z.object({
    /** Names with commas; left out: all. */
    types: eventTypes,
    subjectType: eventSubjectType.optional(),
    /** With subjectType: exactly this one. */
    subject: z.string().max(1024).optional(),
    actor: z.string().max(320).optional(),
    /** Part of a subject's or an actor's name. */
    search: z.string().max(249).optional(),
    from: queryInt.optional(),
    to: queryInt.optional(),
    /** Only events older than the one with this id. */
    before: queryInt.optional(),
    limit: queryInt.min(1).max(500).default(100),
  }),
  response: z.object({
    items: z.array(clusterEvent),
    /** Hand it over as `before` for the next ones; null: there are none. */
    next: z.number().int().nullable(),
    asOf,
  }),
})
export type ListEventsInput = ContractInput<typeof listEventsContract>
export type ListEventsOutput = ContractOutput<typeof listEventsContract>

/** Events close together in one mark. */
export const eventMark = z.object({
  t: timeMs,
  level: z.enum(['critical', 'attention', 'info']),
  /** The most telling first. */
  events: z.array(
    z.object({
      type: eventType,
      /** Of `type` in this mark. */
      count: z.number().int(),
      /** The first one's. */
      subjectType: eventSubjectType,
      subject: z.string(),
      /** The state after it, of brokers, groups and clusters. */
      state: z.string().nullable(),
    }),
  ),
})
export type EventMark = z.infer<typeof eventMark>

export const listEventMarksContract = defineContract({
  id: 'listEventMarks',
  method: 'GET',
  path: '/api/v1/clusters/{cluster}/event-marks',
  access: 'viewer',
  tag: 'Events',
  summary: 'Events of a time range gathered into at most 60 marks, for charts and the time slider',
  params: clusterParams,
  query: z.object({
    from: queryInt,
    to: queryInt,
    /** Only what concerns it and the cluster as a whole. */
    topic: topicName.optional(),
    group: groupId.optional(),
    broker: queryInt.pipe(brokerId).optional(),
  }),
  response: z.object({
    items: z.array(eventMark),
    /** States are kept from then on; null: none yet. */
    keptFrom: timeMs.nullable(),
  }),
})
export type ListEventMarksInput = ContractInput<typeof listEventMarksContract>
export type ListEventMarksOutput = ContractOutput<typeof listEventMarksContract>
