import { arr, i32, str, uuid } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

const topicPartitionsInfo = {
  topicId: uuid,
  topicName: str,
  partitions: arr(i32),
}

const topicInfo = {
  topicId: uuid,
  topicName: str,
}

export const ShareGroupStatePartitionMetadataValue = message(
  15,
  'ShareGroupStatePartitionMetadataValue',
  { valid: [0, 0], flexible: 0 },
  {
    initializingTopics: arr(topicPartitionsInfo),
    initializedTopics: arr(topicPartitionsInfo),
    deletingTopics: arr(topicInfo),
  },
)

export type ShareGroupStatePartitionMetadataValue = MessageOf<
  typeof ShareGroupStatePartitionMetadataValue
>
