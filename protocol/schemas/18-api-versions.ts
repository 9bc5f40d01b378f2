import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, bool, i16, i32, i64, str } from '../fields.ts'

export const ApiVersions = api(
  18,
  'ApiVersions',
  { stable: [0, 4], flexible: 3 },
  {
    clientSoftwareName: str.from(3),
    clientSoftwareVersion: str.from(3),
  },
  {
    errorCode: i16,
    apiKeys: arr({
      apiKey: i16,
      minVersion: i16,
      maxVersion: i16,
    }),
    throttleTimeMs: i32.from(1),
    supportedFeatures: arr({
      name: str.from(3),
      minVersion: i16.from(3),
      maxVersion: i16.from(3),
    })
      .from(3)
      .tag(0, 3),
    finalizedFeaturesEpoch: i64.from(3).default(-1).tag(1, 3),
    finalizedFeatures: arr({
      name: str.from(3),
      maxVersionLevel: i16.from(3),
      minVersionLevel: i16.from(3),
    })
      .from(3)
      .tag(2, 3),
    zkMigrationReady: bool.from(3).tag(3, 3),
  },
)

export type ApiVersionsRequest = RequestOf<typeof ApiVersions>
export type ApiVersionsResponse = ResponseOf<typeof ApiVersions>
