import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i8, i16, i32, str } from '../fields.ts'

export const FindCoordinator = api(
  10,
  'FindCoordinator',
  { stable: [0, 6], flexible: 3 },
  {
    key: str.until(3),
    keyType: i8.from(1),
    coordinatorKeys: arr(str).from(4),
  },
  {
    throttleTimeMs: i32.from(1),
    errorCode: i16.until(3),
    errorMessage: str.from(1).until(3).nullable(1, 3),
    nodeId: i32.until(3),
    host: str.until(3),
    port: i32.until(3),
    coordinators: arr({
      key: str.from(4),
      nodeId: i32.from(4),
      host: str.from(4),
      port: i32.from(4),
      errorCode: i16.from(4),
      errorMessage: str.from(4).nullable(),
    }).from(4),
  },
)

export type FindCoordinatorRequest = RequestOf<typeof FindCoordinator>
export type FindCoordinatorResponse = ResponseOf<typeof FindCoordinator>
