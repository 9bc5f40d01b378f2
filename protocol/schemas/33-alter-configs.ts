import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, bool, i8, i16, i32, str } from '../fields.ts'

export const AlterConfigs = api(
  33,
  'AlterConfigs',
  { stable: [0, 2], flexible: 2 },
  {
    resources: arr({
      resourceType: i8,
      resourceName: str,
      configs: arr({
        name: str,
        value: str.nullable(),
      }),
    }),
    validateOnly: bool,
  },
  {
    throttleTimeMs: i32,
    responses: arr({
      errorCode: i16,
      errorMessage: str.nullable(),
      resourceType: i8,
      resourceName: str,
    }),
  },
)

export type AlterConfigsRequest = RequestOf<typeof AlterConfigs>
export type AlterConfigsResponse = ResponseOf<typeof AlterConfigs>
