import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i16, i32, str } from '../fields.ts'

export const DeleteGroups = api(
  42,
  'DeleteGroups',
  { stable: [0, 2], flexible: 2 },
  {
    groupsNames: arr(str),
  },
  {
    throttleTimeMs: i32,
    results: arr({
      groupId: str,
      errorCode: i16,
    }),
  },
)

export type DeleteGroupsRequest = RequestOf<typeof DeleteGroups>
export type DeleteGroupsResponse = ResponseOf<typeof DeleteGroups>
