// A request/response pair of the protocol: its versions and the codecs compiled from its declaration.
import { type Codec, compileCodec } from './codec.ts'
import { type FieldSpec, fieldsOf, type Infer, type Shape } from './fields.ts'
import { Reader, SchemaError, Writer } from './primitives.ts'

/** What may be given for encoding: any field may be left out and takes its default. */
export type Encodable<T> = T extends Uint8Array | string | number | boolean | null
  ? T
  : T extends readonly (infer U)[]
    ? readonly Encodable<U>[]
    : { readonly [K in keyof T]?: Encodable<T[K]> | undefined }

export interface VersionRange {
  /** [first, last] that this broker advertises and its clients use. */
  readonly stable: readonly [number, number]
  /** First version with compact types and tagged fields; null: none has them. */
  readonly flexible: number | null
  /** Last version with a schema, where that is not yet stable: it parses, nobody advertises it. */
  readonly lastKnown?: number
}

export interface Api<Request, Response> {
  readonly key: number
  readonly name: string
  readonly minVersion: number
  readonly maxVersion: number
  /** Last version with a schema; above maxVersion only where that is not stable yet. */
  readonly lastKnownVersion: number
  readonly flexibleFrom: number | null
  readonly requestFields: Readonly<Record<string, FieldSpec>>
  readonly responseFields: Readonly<Record<string, FieldSpec>>
  /** Only for the compiler: what the codecs give and take. */
  readonly types?: { request: Request; response: Response }
}

/** For tables over all of them. */
export type AnyApi = Api<unknown, unknown>

export type RequestOf<A> = A extends Api<infer Request, infer _Response> ? Request : never
export type ResponseOf<A> = A extends Api<infer _Request, infer Response> ? Response : never

/** Declares one API: key, name as in Kafka's schemas, versions, fields of request and response. */
export function api<Q extends Shape, S extends Shape>(
  key: number,
  name: string,
  versions: VersionRange,
  request: Q,
  response: S,
): Api<Infer<Q>, Infer<S>> {
  const [minVersion, maxVersion] = versions.stable
  return {
    key,
    name,
    minVersion,
    maxVersion,
    lastKnownVersion: versions.lastKnown ?? maxVersion,
    flexibleFrom: versions.flexible,
    requestFields: fieldsOf(request),
    responseFields: fieldsOf(response),
  }
}

const codecs = new WeakMap<object, Map<number, Codec>>()

/** The codec of one version, compiled when first asked for. */
export function codecFor(
  fields: Readonly<Record<string, FieldSpec>>,
  options: { name: string; version: number; flexible: boolean },
): Codec {
  let byVersion = codecs.get(fields)
  if (byVersion === undefined) {
    byVersion = new Map()
    codecs.set(fields, byVersion)
  }
  let codec = byVersion.get(options.version)
  if (codec === undefined) {
    codec = compileCodec({ ...options, fields })
    byVersion.set(options.version, codec)
  }
  return codec
}

export function isFlexible(target: { flexibleFrom: number | null }, version: number): boolean {
  return target.flexibleFrom !== null && version >= target.flexibleFrom
}

type ApiLike = Pick<
  AnyApi,
  'name' | 'minVersion' | 'lastKnownVersion' | 'flexibleFrom' | 'requestFields' | 'responseFields'
>

function codecOf(target: ApiLike, side: 'Request' | 'Response', version: number): Codec {
  if (version < target.minVersion || version > target.lastKnownVersion) {
    throw new SchemaError(`${target.name} has no version ${version}`)
  }
  return codecFor(side === 'Request' ? target.requestFields : target.responseFields, {
    name: target.name + side,
    version,
    flexible: isFlexible(target, version),
  })
}

/**
 * Of all arrays of a request together: several times what one over ten thousand partitions has. An element of two
 * bytes takes a hundred in memory; a frame full of them would end the process.
 */
const REQUEST_ELEMENTS_MAX = 1_000_000

/** `body` starts after the header. Throws SchemaError. */
export function decodeRequest<Request, Response>(
  target: Api<Request, Response>,
  version: number,
  body: Buffer,
): Request {
  const reader = new Reader(body)
  reader.elementsLeft = REQUEST_ELEMENTS_MAX
  // Safe because the codec is compiled from the declaration that `Request` is inferred from.
  return codecOf(target, 'Request', version).read(reader) as Request
}

export function decodeResponse<Request, Response>(
  target: Api<Request, Response>,
  version: number,
  body: Buffer,
): Response {
  // Safe because the codec is compiled from the declaration that `Response` is inferred from.
  return codecOf(target, 'Response', version).read(new Reader(body)) as Response
}

/** The body without header, in pieces for writev; `records` are referenced, not copied. */
export function encodeRequest<Request, Response>(
  target: Api<Request, Response>,
  version: number,
  request: Encodable<Request>,
): Buffer[] {
  const writer = new Writer()
  codecOf(target, 'Request', version).write(writer, request)
  return writer.finish()
}

export function encodeResponse<Request, Response>(
  target: Api<Request, Response>,
  version: number,
  response: Encodable<Response>,
): Buffer[] {
  const writer = new Writer()
  codecOf(target, 'Response', version).write(writer, response)
  return writer.finish()
}
