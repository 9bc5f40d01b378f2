import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { bool, bytes, i8, i16, i32, uuid } from '../fields.ts'

export const PushTelemetry = api(
  72,
  'PushTelemetry',
  { stable: [0, 0], flexible: 0 },
  {
    clientInstanceId: uuid,
    subscriptionId: i32,
    terminating: bool,
    compressionType: i8,
    metrics: bytes,
  },
  {
    throttleTimeMs: i32,
    errorCode: i16,
  },
)

export type PushTelemetryRequest = RequestOf<typeof PushTelemetry>
export type PushTelemetryResponse = ResponseOf<typeof PushTelemetry>
