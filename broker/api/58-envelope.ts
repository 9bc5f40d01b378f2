// Envelope, version 0: a broker passes on what a client asked for. Only requests that change metadata may come
// this way. An answer of the controller, an error too, is in the response's data; the envelope's own error is for
// the broker: NOT_CONTROLLER sends it elsewhere.
import { type AnyApi, type Api, decodeRequest, isFlexible } from '../../protocol/api.ts'
import { findApi } from '../../protocol/apis.ts'
import { ErrorCode, errorName, KafkaError } from '../../protocol/errors.ts'
import { readRequestHeader, readRequestHeaderStart, responseFrame } from '../../protocol/frames.ts'
import { SchemaError } from '../../protocol/primitives.ts'
import { Envelope } from '../../protocol/schemas/58-envelope.ts'
import type { LocalController } from '../controller/types.ts'
import { decodePrincipal, FORWARDED_APIS } from './envelope.ts'
import { errorResponse } from './error-response.ts'
import { defineHandler } from './types.ts'

export const envelope = defineHandler({
  api: Envelope,
  listeners: ['controller'],
  async handle(services, context, request) {
    if (!services.authorize(context, 'CLUSTER_ACTION', 'CLUSTER', 'kafka-cluster')) {
      return { errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED }
    }
    const principal = principalOf(request.requestPrincipal)
    if (principal === null) return { errorCode: ErrorCode.PRINCIPAL_DESERIALIZATION_FAILURE }
    try {
      const { apiKey, apiVersion } = readable(() => readRequestHeaderStart(request.requestData))
      const api = FORWARDED_APIS.has(apiKey) ? findApi(apiKey) : null
      if (api === null) return { errorCode: ErrorCode.INVALID_REQUEST }
      if (apiVersion < api.minVersion || apiVersion > api.maxVersion) {
        return { errorCode: ErrorCode.UNSUPPORTED_VERSION }
      }
      const responseData = await answer(services.localController, api, {
        frame: request.requestData,
        version: apiVersion,
        principal,
      })
      return { responseData, errorCode: ErrorCode.NONE }
    } catch (error) {
      if (error instanceof KafkaError) return { errorCode: error.code }
      throw error
    }
  },
})

function principalOf(bytes: Buffer | null): string | null {
  if (bytes === null) return 'User:ANONYMOUS'
  try {
    return decodePrincipal(bytes)
  } catch {
    return null
  }
}

/** Throws KafkaError (INVALID_REQUEST) for bytes that are no such thing. */
function readable<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof SchemaError || error instanceof RangeError)) throw error
    throw new KafkaError(ErrorCode.INVALID_REQUEST, error.message)
  }
}

/** Header and body of the inner response. Throws KafkaError: NOT_CONTROLLER, INVALID_REQUEST. */
async function answer(
  controller: LocalController,
  found: AnyApi,
  given: { frame: Buffer; version: number; principal: string },
): Promise<Buffer> {
  // Safe because request and response go through this API's own codecs, whatever their types.
  const api = found as unknown as Api<unknown, object>
  const { frame, version, principal } = given
  const { header, request } = readable(() => {
    const read = readRequestHeader(frame, isFlexible(api, version))
    const body = frame.subarray(read.bodyOffset)
    return { header: read, request: decodeRequest(api, version, body) }
  })
  const context = { principal, clientId: header.clientId, apiVersion: version }
  let response: object | null
  try {
    response = await controller.handle(api, request, context)
  } catch (error) {
    if (!(error instanceof KafkaError) || error.code === ErrorCode.NOT_CONTROLLER) throw error
    const isPlain = error.message === errorName(error.code)
    const failure = { errorCode: error.code, errorMessage: isPlain ? null : error.message }
    response = errorResponse(found, request, failure, version)
    if (response === null) throw error
  }
  const told = { version, correlationId: header.correlationId }
  return Buffer.concat(responseFrame(api, told, response)).subarray(4)
}
