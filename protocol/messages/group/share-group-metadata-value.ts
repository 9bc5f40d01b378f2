import { i32, i64 } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const ShareGroupMetadataValue = message(
  11,
  'ShareGroupMetadataValue',
  { valid: [0, 0], flexible: 0 },
  {
    epoch: i32,
    metadataHash: i64,
  },
)

export type ShareGroupMetadataValue = MessageOf<typeof ShareGroupMetadataValue>
