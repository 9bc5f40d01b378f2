import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, bool, i16, i32, str, u16, uuid } from '../fields.ts'

export const AddRaftVoter = api(
  80,
  'AddRaftVoter',
  { stable: [0, 1], flexible: 0 },
  {
    clusterId: str.nullable(),
    timeoutMs: i32,
    voterId: i32,
    voterDirectoryId: uuid,
    listeners: arr({
      name: str,
      host: str,
      port: u16,
    }),
    ackWhenCommitted: bool.from(1).default(true),
  },
  {
    throttleTimeMs: i32,
    errorCode: i16,
    errorMessage: str.nullable(),
  },
)

export type AddRaftVoterRequest = RequestOf<typeof AddRaftVoter>
export type AddRaftVoterResponse = ResponseOf<typeof AddRaftVoter>
