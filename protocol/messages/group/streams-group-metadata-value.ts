import { arr, i32, i64, str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

const lastAssignmentConfig = {
  key: str,
  value: str,
}

export const StreamsGroupMetadataValue = message(
  17,
  'StreamsGroupMetadataValue',
  { valid: [0, 0], flexible: 0 },
  {
    epoch: i32,
    metadataHash: i64,
    validatedTopologyEpoch: i32.default(-1).tag(0, 0),
    lastAssignmentConfigs: arr(lastAssignmentConfig).nullable().default(null).tag(1, 0),
  },
)

export type StreamsGroupMetadataValue = MessageOf<typeof StreamsGroupMetadataValue>
