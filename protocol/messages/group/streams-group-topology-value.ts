import { arr, i16, i32, str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

const topicConfig = {
  key: str,
  value: str,
}

const topicInfo = {
  name: str,
  partitions: i32,
  replicationFactor: i16,
  topicConfigs: arr(topicConfig),
}

export const StreamsGroupTopologyValue = message(
  23,
  'StreamsGroupTopologyValue',
  { valid: [0, 0], flexible: 0 },
  {
    epoch: i32,
    subtopologies: arr({
      subtopologyId: str,
      sourceTopics: arr(str),
      sourceTopicRegex: arr(str),
      stateChangelogTopics: arr(topicInfo),
      repartitionSinkTopics: arr(str),
      repartitionSourceTopics: arr(topicInfo),
      copartitionGroups: arr({
        sourceTopics: arr(i16),
        sourceTopicRegex: arr(i16),
        repartitionSourceTopics: arr(i16),
      }),
    }),
  },
)

export type StreamsGroupTopologyValue = MessageOf<typeof StreamsGroupTopologyValue>
