import { arr, str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const ShareGroupMemberMetadataValue = message(
  10,
  'ShareGroupMemberMetadataValue',
  { valid: [0, 0], flexible: 0 },
  {
    rackId: str.nullable(),
    clientId: str,
    clientHost: str,
    subscribedTopicNames: arr(str),
  },
)

export type ShareGroupMemberMetadataValue = MessageOf<typeof ShareGroupMemberMetadataValue>
