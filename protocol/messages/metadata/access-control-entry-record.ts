import { i8, str, uuid } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const AccessControlEntryRecord = message(
  18,
  'AccessControlEntryRecord',
  { valid: [0, 0], flexible: 0 },
  {
    id: uuid,
    resourceType: i8,
    resourceName: str,
    patternType: i8,
    principal: str,
    host: str,
    operation: i8,
    permissionType: i8,
  },
)

export type AccessControlEntryRecord = MessageOf<typeof AccessControlEntryRecord>
