import { i16, i64 } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const SnapshotHeaderRecord = message(
  -1,
  'SnapshotHeaderRecord',
  { valid: [0, 0], flexible: 0 },
  {
    version: i16,
    lastContainedLogTimestamp: i64,
  },
)

export type SnapshotHeaderRecord = MessageOf<typeof SnapshotHeaderRecord>
