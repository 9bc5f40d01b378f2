import { str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const ShareGroupStatePartitionMetadataKey = message(
  15,
  'ShareGroupStatePartitionMetadataKey',
  { valid: [0, 0], flexible: null },
  {
    groupId: str,
  },
)

export type ShareGroupStatePartitionMetadataKey = MessageOf<
  typeof ShareGroupStatePartitionMetadataKey
>
