import { i32 } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const EndTxnMarker = message(
  -1,
  'EndTxnMarker',
  { valid: [0, 0], flexible: null },
  {
    coordinatorEpoch: i32,
  },
)

export type EndTxnMarker = MessageOf<typeof EndTxnMarker>
