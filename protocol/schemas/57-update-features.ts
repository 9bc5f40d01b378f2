import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, bool, i8, i16, i32, str } from '../fields.ts'

export const UpdateFeatures = api(
  57,
  'UpdateFeatures',
  { stable: [0, 2], flexible: 0 },
  {
    timeoutMs: i32.default(60000),
    featureUpdates: arr({
      feature: str,
      maxVersionLevel: i16,
      allowDowngrade: bool.until(0),
      upgradeType: i8.from(1).default(1),
    }),
    validateOnly: bool.from(1),
  },
  {
    throttleTimeMs: i32,
    errorCode: i16,
    errorMessage: str.nullable(),
    results: arr({
      feature: str,
      errorCode: i16,
      errorMessage: str.nullable(),
    }).until(1),
  },
)

export type UpdateFeaturesRequest = RequestOf<typeof UpdateFeatures>
export type UpdateFeaturesResponse = ResponseOf<typeof UpdateFeatures>
