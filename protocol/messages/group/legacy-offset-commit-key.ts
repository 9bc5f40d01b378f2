import { i32, str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const LegacyOffsetCommitKey = message(
  0,
  'LegacyOffsetCommitKey',
  { valid: [0, 0], flexible: null },
  {
    group: str,
    topic: str,
    partition: i32,
  },
)

export type LegacyOffsetCommitKey = MessageOf<typeof LegacyOffsetCommitKey>
