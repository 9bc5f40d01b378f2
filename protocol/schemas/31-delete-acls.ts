import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i8, i16, i32, str } from '../fields.ts'

export const DeleteAcls = api(
  31,
  'DeleteAcls',
  { stable: [1, 3], flexible: 2 },
  {
    filters: arr({
      resourceTypeFilter: i8,
      resourceNameFilter: str.nullable(),
      patternTypeFilter: i8.from(1).default(3),
      principalFilter: str.nullable(),
      hostFilter: str.nullable(),
      operation: i8,
      permissionType: i8,
    }),
  },
  {
    throttleTimeMs: i32,
    filterResults: arr({
      errorCode: i16,
      errorMessage: str.nullable(),
      matchingAcls: arr({
        errorCode: i16,
        errorMessage: str.nullable(),
        resourceType: i8,
        resourceName: str,
        patternType: i8.from(1).default(3),
        principal: str,
        host: str,
        operation: i8,
        permissionType: i8,
      }),
    }),
  },
)

export type DeleteAclsRequest = RequestOf<typeof DeleteAcls>
export type DeleteAclsResponse = ResponseOf<typeof DeleteAcls>
