import { arr, i16, i32, uuid } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

const voter = {
  voterId: i32,
  voterDirectoryId: uuid.from(1),
}

export const LeaderChangeMessage = message(
  -1,
  'LeaderChangeMessage',
  { valid: [0, 1], flexible: 0 },
  {
    version: i16,
    leaderId: i32,
    voters: arr(voter),
    grantingVoters: arr(voter),
  },
)

export type LeaderChangeMessage = MessageOf<typeof LeaderChangeMessage>
