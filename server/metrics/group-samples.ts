import type { Database } from '../db/client.ts'
import { entityOf } from './fields.ts'
import { readSamples, type SampleTable, type SeriesQuery } from './read.ts'

/** Of the cycles of a range; undefined where there are none. */
export interface GroupSamples {
  /** What a group committed in a topic, by partition. */
  committedIn(groupId: string, topicKey: string): SampleTable | undefined
  /** Where the topic's partitions ended. */
  endsOf(topicKey: string): SampleTable | undefined
}

/** What lag is worked out of, for groups and the topics that each reads. */
export async function readGroupSamples(
  db: Database,
  groups: readonly { groupId: string; topicKeys: readonly string[] }[],
  range: Pick<SeriesQuery, 'clusterId' | 'fromMs' | 'toMs' | 'stepMs'>,
): Promise<GroupSamples> {
  const topicKeys = new Set(groups.flatMap((group) => group.topicKeys))
  const [committed, ends] = await Promise.all([
    readSamples(db, {
      ...range,
      entities: groups.flatMap(({ groupId, topicKeys: keys }) =>
        keys.map((key) => entityOf.groupTopic(groupId, key)),
      ),
      family: 'offsets',
    }),
    readSamples(db, {
      ...range,
      entities: Array.from(topicKeys, (key) => entityOf.topic(key)),
      family: 'log',
      wanted: (field) => field === 'logEndOffset',
    }),
  ])
  return {
    committedIn: (groupId, topicKey) => committed.get(entityOf.groupTopic(groupId, topicKey)),
    endsOf: (topicKey) => ends.get(entityOf.topic(topicKey)),
  }
}
