import { i8, str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const ConfigRecord = message(
  4,
  'ConfigRecord',
  { valid: [0, 0], flexible: 0 },
  {
    resourceType: i8,
    resourceName: str,
    name: str,
    value: str.nullable(),
  },
)

export type ConfigRecord = MessageOf<typeof ConfigRecord>
