import { str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const StreamsGroupTopologyKey = message(
  23,
  'StreamsGroupTopologyKey',
  { valid: [0, 0], flexible: null },
  {
    groupId: str,
  },
)

export type StreamsGroupTopologyKey = MessageOf<typeof StreamsGroupTopologyKey>
