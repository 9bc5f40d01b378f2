import { arr, bool, f64, str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const ClientQuotaRecord = message(
  14,
  'ClientQuotaRecord',
  { valid: [0, 0], flexible: 0 },
  {
    entity: arr({
      entityType: str,
      entityName: str.nullable(),
    }),
    key: str,
    value: f64,
    remove: bool,
  },
)

export type ClientQuotaRecord = MessageOf<typeof ClientQuotaRecord>
