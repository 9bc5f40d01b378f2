import { arr, i16, i32, str, struct, u16, uuid } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const VotersRecord = message(
  -1,
  'VotersRecord',
  { valid: [0, 0], flexible: 0 },
  {
    version: i16,
    voters: arr({
      voterId: i32,
      voterDirectoryId: uuid,
      endpoints: arr({
        name: str,
        host: str,
        port: u16,
      }),
      kRaftVersionFeature: struct({
        minSupportedVersion: i16,
        maxSupportedVersion: i16,
      }),
    }),
  },
)

export type VotersRecord = MessageOf<typeof VotersRecord>
