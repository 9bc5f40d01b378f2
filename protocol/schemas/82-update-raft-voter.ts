import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i16, i32, str, struct, u16, uuid } from '../fields.ts'

export const UpdateRaftVoter = api(
  82,
  'UpdateRaftVoter',
  { stable: [0, 0], flexible: 0 },
  {
    clusterId: str.nullable(),
    currentLeaderEpoch: i32,
    voterId: i32,
    voterDirectoryId: uuid,
    listeners: arr({
      name: str,
      host: str,
      port: u16,
    }),
    kRaftVersionFeature: struct({
      minSupportedVersion: i16,
      maxSupportedVersion: i16,
    }),
  },
  {
    throttleTimeMs: i32,
    errorCode: i16,
    currentLeader: struct({
      leaderId: i32.default(-1),
      leaderEpoch: i32.default(-1),
      host: str,
      port: i32,
    }).tag(0, 0),
  },
)

export type UpdateRaftVoterRequest = RequestOf<typeof UpdateRaftVoter>
export type UpdateRaftVoterResponse = ResponseOf<typeof UpdateRaftVoter>
