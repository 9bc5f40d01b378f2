import { i64, str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const LegacyOffsetCommitValue = message(
  0,
  'LegacyOffsetCommitValue',
  { valid: [0, 0], flexible: null },
  {
    offset: i64,
    metadata: str,
    commitTimestamp: i64,
  },
)

export type LegacyOffsetCommitValue = MessageOf<typeof LegacyOffsetCommitValue>
