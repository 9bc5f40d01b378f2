import { i16 } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const SnapshotFooterRecord = message(
  -1,
  'SnapshotFooterRecord',
  { valid: [0, 0], flexible: 0 },
  {
    version: i16,
  },
)

export type SnapshotFooterRecord = MessageOf<typeof SnapshotFooterRecord>
