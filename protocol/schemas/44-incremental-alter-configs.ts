import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, bool, i8, i16, i32, str } from '../fields.ts'

export const IncrementalAlterConfigs = api(
  44,
  'IncrementalAlterConfigs',
  { stable: [0, 1], flexible: 1 },
  {
    resources: arr({
      resourceType: i8,
      resourceName: str,
      configs: arr({
        name: str,
        configOperation: i8,
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

export type IncrementalAlterConfigsRequest = RequestOf<typeof IncrementalAlterConfigs>
export type IncrementalAlterConfigsResponse = ResponseOf<typeof IncrementalAlterConfigs>
