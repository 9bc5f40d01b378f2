import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, bool, i8, i16, i32, str } from '../fields.ts'

export const DescribeCluster = api(
  60,
  'DescribeCluster',
  { stable: [0, 2], flexible: 0 },
  {
    includeClusterAuthorizedOperations: bool,
    endpointType: i8.from(1).default(1),
    includeFencedBrokers: bool.from(2),
  },
  {
    throttleTimeMs: i32,
    errorCode: i16,
    errorMessage: str.nullable().default(null),
    endpointType: i8.from(1).default(1),
    clusterId: str,
    controllerId: i32.default(-1),
    brokers: arr({
      brokerId: i32,
      host: str,
      port: i32,
      rack: str.nullable().default(null),
      isFenced: bool.from(2),
    }),
    clusterAuthorizedOperations: i32.default(-2147483648),
  },
)

export type DescribeClusterRequest = RequestOf<typeof DescribeCluster>
export type DescribeClusterResponse = ResponseOf<typeof DescribeCluster>
