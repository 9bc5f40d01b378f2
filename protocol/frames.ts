// Request and response frames: 4-byte length, header of the right version, body.
// Header versions: RequestHeader 1 or 2 (flexible), ResponseHeader 0 or 1; ApiVersions answers always
// carry ResponseHeader 0, so that a client that knows nothing yet can read them.
import { type Api, type Encodable, encodeRequest, encodeResponse, isFlexible } from './api.ts'
import { Reader, Writer } from './primitives.ts'

const API_VERSIONS_KEY = 18

export interface RequestHeader {
  apiKey: number
  apiVersion: number
  correlationId: number
  clientId: string | null
}

/** The first 8 bytes of a request, the same in every version: enough to find its API. */
export function readRequestHeaderStart(frame: Buffer): {
  apiKey: number
  apiVersion: number
  correlationId: number
} {
  const reader = new Reader(frame)
  return { apiKey: reader.int16(), apiVersion: reader.int16(), correlationId: reader.int32() }
}

/**
 * `frame` without its length prefix; `flexible` says whether the API's version has RequestHeader v2.
 * `bodyOffset` is where the body starts. Throws SchemaError.
 */
export function readRequestHeader(
  frame: Buffer,
  flexible: boolean,
): RequestHeader & { bodyOffset: number } {
  const reader = new Reader(frame)
  const apiKey = reader.int16()
  const apiVersion = reader.int16()
  const correlationId = reader.int32()
  const length = reader.int16()
  const clientId = length < 0 ? null : reader.string(length)
  if (flexible) skipTags(reader)
  return { apiKey, apiVersion, correlationId, clientId, bodyOffset: reader.position }
}

/** `frame` without its length prefix. */
export function readResponseHeader(
  target: Pick<Api<unknown, unknown>, 'key' | 'flexibleFrom'>,
  version: number,
  frame: Buffer,
): { correlationId: number; bodyOffset: number } {
  const reader = new Reader(frame)
  const correlationId = reader.int32()
  if (target.key !== API_VERSIONS_KEY && isFlexible(target, version)) skipTags(reader)
  return { correlationId, bodyOffset: reader.position }
}

function skipTags(reader: Reader): void {
  let count = reader.uvarint()
  while (count-- > 0) {
    reader.uvarint()
    reader.take(reader.uvarint())
  }
}

function framed(header: Writer, body: readonly Buffer[]): Buffer[] {
  const pieces = [header.toBuffer(), ...body]
  const head = pieces[0] as Buffer
  let size = -4
  for (const piece of pieces) size += piece.length
  head.writeInt32BE(size, 0)
  return pieces
}

/** In pieces for one writev. */
export function requestFrame<Request, Response>(
  target: Api<Request, Response>,
  header: { version: number; correlationId: number; clientId: string | null },
  body: Encodable<Request>,
): Buffer[] {
  const writer = new Writer(64)
  writer.int32(0)
  writer.int16(target.key)
  writer.int16(header.version)
  writer.int32(header.correlationId)
  if (header.clientId === null) {
    writer.int16(-1)
  } else {
    const length = Buffer.byteLength(header.clientId)
    writer.int16(length)
    writer.utf8(header.clientId, length)
  }
  if (isFlexible(target, header.version)) writer.uvarint(0)
  return framed(writer, encodeRequest(target, header.version, body))
}

/** In pieces for one writev; `records` are referenced, not copied. */
export function responseFrame<Request, Response>(
  target: Api<Request, Response>,
  header: { version: number; correlationId: number },
  body: Encodable<Response>,
): Buffer[] {
  const writer = new Writer(16)
  writer.int32(0)
  writer.int32(header.correlationId)
  if (target.key !== API_VERSIONS_KEY && isFlexible(target, header.version)) writer.uvarint(0)
  return framed(writer, encodeResponse(target, header.version, body))
}
