import { i32, i64 } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const ConsumerGroupMetadataValue = message(
  3,
  'ConsumerGroupMetadataValue',
  { valid: [0, 0], flexible: 0 },
  {
    epoch: i32,
    metadataHash: i64.tag(0, 0),
  },
)

export type ConsumerGroupMetadataValue = MessageOf<typeof ConsumerGroupMetadataValue>
