import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, bool, i8, i16, i32, str } from '../fields.ts'

export const DescribeConfigs = api(
  32,
  'DescribeConfigs',
  { stable: [1, 4], flexible: 4 },
  {
    resources: arr({
      resourceType: i8,
      resourceName: str,
      configurationKeys: arr(str).nullable(),
    }),
    includeSynonyms: bool.from(1),
    includeDocumentation: bool.from(3),
  },
  {
    throttleTimeMs: i32,
    results: arr({
      errorCode: i16,
      errorMessage: str.nullable(),
      resourceType: i8,
      resourceName: str,
      configs: arr({
        name: str,
        value: str.nullable(),
        readOnly: bool,
        configSource: i8.from(1).default(-1),
        isSensitive: bool,
        synonyms: arr({
          name: str.from(1),
          value: str.from(1).nullable(),
          source: i8.from(1),
        }).from(1),
        configType: i8.from(3),
        documentation: str.from(3).nullable(),
      }),
    }),
  },
)

export type DescribeConfigsRequest = RequestOf<typeof DescribeConfigs>
export type DescribeConfigsResponse = ResponseOf<typeof DescribeConfigs>
