import type { EventSubjectType, EventType } from '../../contracts/events.ts'
import type { BrokerFacts, ConfigFacts, GroupFacts, PartitionFacts, TopicFacts } from './facts.ts'

export type Values = Readonly<Record<string, unknown>>

/**
 * One thing that changed. `before` and `after` hold what differs, under the same names; partitions
 * are named by their number, members by their id.
 */
export interface Change {
  /** `settings`: becomes part of the state, but is no event of its own. */
  readonly type: EventType | 'settings'
  readonly subjectType: EventSubjectType
  readonly subject: string
  readonly before: Values | null
  readonly after: Values | null
  /** Of topics, whose names may come again: the topic's key. */
  readonly key?: string
  /** What `after` leaves out for readers and the next state needs. */
  readonly state?: {
    readonly topic?: TopicFacts
    readonly group?: GroupFacts
    readonly broker?: BrokerFacts
    readonly config?: readonly [key: string, config: ConfigFacts]
    readonly added?: readonly PartitionFacts[]
  }
}

/** An event as it is listed. */
export interface EventLine {
  readonly type: EventType
  readonly subjectType: EventSubjectType
  readonly subject: string
  readonly before: Values | null
  readonly after: Values | null
  readonly bulk: { subjects: number; partitions: number; names: string[] } | null
  /** 0 a line of the timeline, 1 one topic's part of a line that stands for many. */
  readonly level: 0 | 1
  readonly actor: string | null
  readonly action: string | null
}
