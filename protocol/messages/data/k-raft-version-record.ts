import { i16 } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const KRaftVersionRecord = message(
  -1,
  'KRaftVersionRecord',
  { valid: [0, 0], flexible: 0 },
  {
    version: i16,
    kRaftVersion: i16,
  },
)

export type KRaftVersionRecord = MessageOf<typeof KRaftVersionRecord>
