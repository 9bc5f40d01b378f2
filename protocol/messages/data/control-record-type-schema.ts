import { i16 } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const ControlRecordTypeSchema = message(
  -1,
  'ControlRecordTypeSchema',
  { valid: [0, 0], flexible: null },
  {
    type: i16,
  },
)

export type ControlRecordTypeSchema = MessageOf<typeof ControlRecordTypeSchema>
