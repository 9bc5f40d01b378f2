import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, bool, i16, i32, i64, str } from '../fields.ts'

export const DescribeLogDirs = api(
  35,
  'DescribeLogDirs',
  { stable: [1, 5], flexible: 2 },
  {
    topics: arr({
      topic: str,
      partitions: arr(i32),
    }).nullable(),
  },
  {
    throttleTimeMs: i32,
    errorCode: i16.from(3),
    results: arr({
      errorCode: i16,
      logDir: str,
      topics: arr({
        name: str,
        partitions: arr({
          partitionIndex: i32,
          partitionSize: i64,
          offsetLag: i64,
          isFutureKey: bool,
        }),
      }),
      totalBytes: i64.from(4).default(-1),
      usableBytes: i64.from(4).default(-1),
      isCordoned: bool.from(5),
    }),
  },
)

export type DescribeLogDirsRequest = RequestOf<typeof DescribeLogDirs>
export type DescribeLogDirsResponse = ResponseOf<typeof DescribeLogDirs>
