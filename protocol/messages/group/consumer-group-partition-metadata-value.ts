import { arr, i32, str, uuid } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const ConsumerGroupPartitionMetadataValue = message(
  4,
  'ConsumerGroupPartitionMetadataValue',
  { valid: [0, 0], flexible: 0 },
  {
    topics: arr({
      topicId: uuid,
      topicName: str,
      numPartitions: i32,
      partitionMetadata: arr({
        partition: i32,
        racks: arr(str),
      }),
    }),
  },
)

export type ConsumerGroupPartitionMetadataValue = MessageOf<
  typeof ConsumerGroupPartitionMetadataValue
>
