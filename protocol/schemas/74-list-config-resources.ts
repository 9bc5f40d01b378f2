import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i8, i16, i32, str } from '../fields.ts'

export const ListConfigResources = api(
  74,
  'ListConfigResources',
  { stable: [0, 1], flexible: 0 },
  {
    resourceTypes: arr(i8).from(1),
  },
  {
    throttleTimeMs: i32,
    errorCode: i16,
    configResources: arr({
      resourceName: str,
      resourceType: i8.from(1).default(16),
    }),
  },
)

export type ListConfigResourcesRequest = RequestOf<typeof ListConfigResources>
export type ListConfigResourcesResponse = ResponseOf<typeof ListConfigResources>
