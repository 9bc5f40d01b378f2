import { type MessageOf, message } from '../../message.ts'
import { i32 } from '../../fields.ts'

export const EndTxnMarker = message(
  -1,
  'EndTxnMarker',
  { valid: [0, 0], flexible: null },
  {
    coordinatorEpoch: i32,
  },
)

export type EndTxnMarker = MessageOf<typeof EndTxnMarker>
