import { arr, bytes, i32, str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const ConsumerProtocolSubscription = message(
  -1,
  'ConsumerProtocolSubscription',
  { valid: [0, 3], flexible: null },
  {
    topics: arr(str),
    userData: bytes.nullable().default(null),
    ownedPartitions: arr({
      topic: str.from(1),
      partitions: arr(i32).from(1),
    }).from(1),
    generationId: i32.from(2).default(-1),
    rackId: str.from(3).nullable().default(null),
  },
)

export type ConsumerProtocolSubscription = MessageOf<typeof ConsumerProtocolSubscription>
