import { str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const ConsumerGroupMetadataKey = message(
  3,
  'ConsumerGroupMetadataKey',
  { valid: [0, 0], flexible: null },
  {
    groupId: str,
  },
)

export type ConsumerGroupMetadataKey = MessageOf<typeof ConsumerGroupMetadataKey>
