import { uuid } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const RemoveTopicRecord = message(
  9,
  'RemoveTopicRecord',
  { valid: [0, 0], flexible: 0 },
  {
    topicId: uuid,
  },
)

export type RemoveTopicRecord = MessageOf<typeof RemoveTopicRecord>
