import { arr, bytes, i32, i64, str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

const memberMetadata = {
  memberId: str,
  groupInstanceId: str.from(3).nullable().default(null),
  clientId: str,
  clientHost: str,
  rebalanceTimeout: i32.from(1).default(-1),
  sessionTimeout: i32,
  subscription: bytes,
  assignment: bytes,
}

export const GroupMetadataValue = message(
  2,
  'GroupMetadataValue',
  { valid: [0, 4], flexible: 4 },
  {
    protocolType: str,
    generation: i32,
    protocol: str.nullable(),
    leader: str.nullable(),
    currentStateTimestamp: i64.from(2).default(-1),
    members: arr(memberMetadata),
  },
)

export type GroupMetadataValue = MessageOf<typeof GroupMetadataValue>
