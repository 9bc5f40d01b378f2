import { str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const ConsumerGroupPartitionMetadataKey = message(
  4,
  'ConsumerGroupPartitionMetadataKey',
  { valid: [0, 0], flexible: null },
  {
    groupId: str,
  },
)

export type ConsumerGroupPartitionMetadataKey = MessageOf<typeof ConsumerGroupPartitionMetadataKey>
