import { str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const ShareGroupMetadataKey = message(
  11,
  'ShareGroupMetadataKey',
  { valid: [0, 0], flexible: null },
  {
    groupId: str,
  },
)

export type ShareGroupMetadataKey = MessageOf<typeof ShareGroupMetadataKey>
