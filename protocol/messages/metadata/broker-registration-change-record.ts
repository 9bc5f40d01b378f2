import { arr, i8, i32, i64, uuid } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const BrokerRegistrationChangeRecord = message(
  17,
  'BrokerRegistrationChangeRecord',
  { valid: [0, 3], flexible: 0 },
  {
    brokerId: i32,
    brokerEpoch: i64,
    fenced: i8.tag(0, 0),
    inControlledShutdown: i8.from(1).tag(1, 1),
    logDirs: arr(uuid).from(2).tag(2, 2),
    cordonedLogDirs: arr(uuid).from(3).nullable().default(null).tag(3, 3),
  },
)

export type BrokerRegistrationChangeRecord = MessageOf<typeof BrokerRegistrationChangeRecord>
