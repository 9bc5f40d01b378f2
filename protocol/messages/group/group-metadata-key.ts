import { str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const GroupMetadataKey = message(
  2,
  'GroupMetadataKey',
  { valid: [0, 0], flexible: null },
  {
    group: str,
  },
)

export type GroupMetadataKey = MessageOf<typeof GroupMetadataKey>
