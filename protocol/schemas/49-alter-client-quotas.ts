import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, bool, f64, i16, i32, str } from '../fields.ts'

export const AlterClientQuotas = api(
  49,
  'AlterClientQuotas',
  { stable: [0, 1], flexible: 1 },
  {
    entries: arr({
      entity: arr({
        entityType: str,
        entityName: str.nullable(),
      }),
      ops: arr({
        key: str,
        value: f64,
        remove: bool,
      }),
    }),
    validateOnly: bool,
  },
  {
    throttleTimeMs: i32,
    entries: arr({
      errorCode: i16,
      errorMessage: str.nullable(),
      entity: arr({
        entityType: str,
        entityName: str.nullable(),
      }),
    }),
  },
)

export type AlterClientQuotasRequest = RequestOf<typeof AlterClientQuotas>
export type AlterClientQuotasResponse = ResponseOf<typeof AlterClientQuotas>
