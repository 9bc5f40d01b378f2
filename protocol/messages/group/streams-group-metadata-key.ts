import { str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const StreamsGroupMetadataKey = message(
  17,
  'StreamsGroupMetadataKey',
  { valid: [0, 0], flexible: null },
  {
    groupId: str,
  },
)

export type StreamsGroupMetadataKey = MessageOf<typeof StreamsGroupMetadataKey>
