import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i8, i16, i32, str } from '../fields.ts'

export const CreateAcls = api(
  30,
  'CreateAcls',
  { stable: [1, 3], flexible: 2 },
  {
    creations: arr({
      resourceType: i8,
      resourceName: str,
      resourcePatternType: i8.from(1).default(3),
      principal: str,
      host: str,
      operation: i8,
      permissionType: i8,
    }),
  },
  {
    throttleTimeMs: i32,
    results: arr({
      errorCode: i16,
      errorMessage: str.nullable(),
    }),
  },
)

export type CreateAclsRequest = RequestOf<typeof CreateAcls>
export type CreateAclsResponse = ResponseOf<typeof CreateAcls>
