import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i16, i32, str } from '../fields.ts'

export const ListGroups = api(
  16,
  'ListGroups',
  { stable: [0, 5], flexible: 3 },
  {
    statesFilter: arr(str).from(4),
    typesFilter: arr(str).from(5),
  },
  {
    throttleTimeMs: i32.from(1),
    errorCode: i16,
    groups: arr({
      groupId: str,
      protocolType: str,
      groupState: str.from(4),
      groupType: str.from(5),
    }),
  },
)

export type ListGroupsRequest = RequestOf<typeof ListGroups>
export type ListGroupsResponse = ResponseOf<typeof ListGroups>
