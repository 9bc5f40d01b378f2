import { arr, bytes, i32, str, struct } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const ConsumerGroupMemberMetadataValue = message(
  5,
  'ConsumerGroupMemberMetadataValue',
  { valid: [0, 0], flexible: 0 },
  {
    instanceId: str.nullable(),
    rackId: str.nullable(),
    clientId: str,
    clientHost: str,
    subscribedTopicNames: arr(str),
    subscribedTopicRegex: str.nullable(),
    rebalanceTimeoutMs: i32.default(-1),
    serverAssignor: str.nullable(),
    classicMemberMetadata: struct({
      sessionTimeoutMs: i32,
      supportedProtocols: arr({
        name: str,
        metadata: bytes,
      }),
    })
      .nullable()
      .default(null)
      .tag(0, 0),
  },
)

export type ConsumerGroupMemberMetadataValue = MessageOf<typeof ConsumerGroupMemberMetadataValue>
