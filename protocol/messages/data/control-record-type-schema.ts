import { type MessageOf, message } from '../../message.ts'
import { i16 } from '../../fields.ts'

export const ControlRecordTypeSchema = message(
  -1,
  'ControlRecordTypeSchema',
  { valid: [0, 0], flexible: null },
  {
    type: i16,
  },
)

export type ControlRecordTypeSchema = MessageOf<typeof ControlRecordTypeSchema>
