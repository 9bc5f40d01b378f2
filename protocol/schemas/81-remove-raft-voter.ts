import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { i16, i32, str, uuid } from '../fields.ts'

export const RemoveRaftVoter = api(
  81,
  'RemoveRaftVoter',
  { stable: [0, 0], flexible: 0 },
  {
    clusterId: str.nullable(),
    voterId: i32,
    voterDirectoryId: uuid,
  },
  {
    throttleTimeMs: i32,
    errorCode: i16,
    errorMessage: str.nullable(),
  },
)

export type RemoveRaftVoterRequest = RequestOf<typeof RemoveRaftVoter>
export type RemoveRaftVoterResponse = ResponseOf<typeof RemoveRaftVoter>
