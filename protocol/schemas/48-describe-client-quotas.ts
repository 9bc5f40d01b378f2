import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, bool, f64, i8, i16, i32, str } from '../fields.ts'

export const DescribeClientQuotas = api(
  48,
  'DescribeClientQuotas',
  { stable: [0, 1], flexible: 1 },
  {
    components: arr({
      entityType: str,
      matchType: i8,
      match: str.nullable(),
    }),
    strict: bool,
  },
  {
    throttleTimeMs: i32,
    errorCode: i16,
    errorMessage: str.nullable(),
    entries: arr({
      entity: arr({
        entityType: str,
        entityName: str.nullable(),
      }),
      values: arr({
        key: str,
        value: f64,
      }),
    }).nullable(),
  },
)

export type DescribeClientQuotasRequest = RequestOf<typeof DescribeClientQuotas>
export type DescribeClientQuotasResponse = ResponseOf<typeof DescribeClientQuotas>
