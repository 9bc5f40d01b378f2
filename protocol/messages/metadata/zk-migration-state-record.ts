import { i8 } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const ZkMigrationStateRecord = message(
  21,
  'ZkMigrationStateRecord',
  { valid: [0, 0], flexible: 0 },
  {
    zkMigrationState: i8,
  },
)

export type ZkMigrationStateRecord = MessageOf<typeof ZkMigrationStateRecord>
