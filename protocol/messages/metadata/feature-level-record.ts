import { i16, str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const FeatureLevelRecord = message(
  12,
  'FeatureLevelRecord',
  { valid: [0, 0], flexible: 0 },
  {
    name: str,
    featureLevel: i16,
  },
)

export type FeatureLevelRecord = MessageOf<typeof FeatureLevelRecord>
