import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i8, i16, i32, str } from '../fields.ts'

export const DescribeAcls = api(
  29,
  'DescribeAcls',
  { stable: [1, 3], flexible: 2 },
  {
    resourceTypeFilter: i8,
    resourceNameFilter: str.nullable(),
    patternTypeFilter: i8.from(1).default(3),
    principalFilter: str.nullable(),
    hostFilter: str.nullable(),
    operation: i8,
    permissionType: i8,
  },
  {
    throttleTimeMs: i32,
    errorCode: i16,
    errorMessage: str.nullable(),
    resources: arr({
      resourceType: i8,
      resourceName: str,
      patternType: i8.from(1).default(3),
      acls: arr({
        principal: str,
        host: str,
        operation: i8,
        permissionType: i8,
      }),
    }),
  },
)

export type DescribeAclsRequest = RequestOf<typeof DescribeAcls>
export type DescribeAclsResponse = ResponseOf<typeof DescribeAcls>
