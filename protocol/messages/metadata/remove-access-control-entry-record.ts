import { uuid } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const RemoveAccessControlEntryRecord = message(
  19,
  'RemoveAccessControlEntryRecord',
  { valid: [0, 0], flexible: 0 },
  {
    id: uuid,
  },
)

export type RemoveAccessControlEntryRecord = MessageOf<typeof RemoveAccessControlEntryRecord>
