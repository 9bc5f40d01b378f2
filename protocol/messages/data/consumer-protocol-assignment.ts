import { arr, bytes, i32, str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const ConsumerProtocolAssignment = message(
  -1,
  'ConsumerProtocolAssignment',
  { valid: [0, 3], flexible: null },
  {
    assignedPartitions: arr({
      topic: str,
      partitions: arr(i32),
    }),
    userData: bytes.nullable().default(null),
  },
)

export type ConsumerProtocolAssignment = MessageOf<typeof ConsumerProtocolAssignment>
