import { arr, i32, str, struct, u16 } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

const endpoint = {
  host: str,
  port: u16,
}

const keyValue = {
  key: str,
  value: str,
}

export const StreamsGroupMemberMetadataValue = message(
  19,
  'StreamsGroupMemberMetadataValue',
  { valid: [0, 0], flexible: 0 },
  {
    instanceId: str.nullable(),
    rackId: str.nullable(),
    clientId: str,
    clientHost: str,
    rebalanceTimeoutMs: i32.default(-1),
    topologyEpoch: i32,
    processId: str,
    userEndpoint: struct(endpoint).nullable().default(null),
    clientTags: arr(keyValue),
  },
)

export type StreamsGroupMemberMetadataValue = MessageOf<typeof StreamsGroupMemberMetadataValue>
