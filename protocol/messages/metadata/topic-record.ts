import { str, uuid } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const TopicRecord = message(
  2,
  'TopicRecord',
  { valid: [0, 0], flexible: 0 },
  {
    name: str,
    topicId: uuid,
  },
)

export type TopicRecord = MessageOf<typeof TopicRecord>
