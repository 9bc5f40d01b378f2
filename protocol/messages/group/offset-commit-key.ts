import { i32, str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const OffsetCommitKey = message(
  1,
  'OffsetCommitKey',
  { valid: [0, 0], flexible: null },
  {
    group: str,
    topic: str,
    partition: i32,
  },
)

export type OffsetCommitKey = MessageOf<typeof OffsetCommitKey>
