import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, bool, i8, i16, i32, str, uuid } from '../fields.ts'

export const GetTelemetrySubscriptions = api(
  71,
  'GetTelemetrySubscriptions',
  { stable: [0, 0], flexible: 0 },
  {
    clientInstanceId: uuid,
  },
  {
    throttleTimeMs: i32,
    errorCode: i16,
    clientInstanceId: uuid,
    subscriptionId: i32,
    acceptedCompressionTypes: arr(i8),
    pushIntervalMs: i32,
    telemetryMaxBytes: i32,
    deltaTemporality: bool,
    requestedMetrics: arr(str),
  },
)

export type GetTelemetrySubscriptionsRequest = RequestOf<typeof GetTelemetrySubscriptions>
export type GetTelemetrySubscriptionsResponse = ResponseOf<typeof GetTelemetrySubscriptions>
