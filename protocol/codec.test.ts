import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type AnyApi, type Api, codecFor, decodeRequest, encodeRequest, isFlexible } from './api.ts'
import { allApis } from './apis.ts'
import type { FieldSpec } from './fields.ts'
import { readRequestHeader, readResponseHeader, requestFrame, responseFrame } from './frames.ts'
import { Reader, SchemaError, Writer, ZERO_UUID } from './primitives.ts'
import { Fetch } from './schemas/01-fetch.ts'
import { Metadata } from './schemas/03-metadata.ts'
import { ApiVersions } from './schemas/18-api-versions.ts'

function scalar(kind: FieldSpec['kind']): fc.Arbitrary<unknown> {
  switch (kind) {
    case 'bool':
      return fc.boolean()
    case 'int8':
      return fc.integer({ min: -128, max: 127 })
    case 'int16':
      return fc.integer({ min: -32768, max: 32767 })
    case 'uint16':
      return fc.integer({ min: 0, max: 65535 })
    case 'uint32':
      return fc.integer({ min: 0, max: 0xffffffff })
    case 'int64':
      return fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER })
    case 'float64':
      return fc.double({ noNaN: true })
    case 'string':
      return fc.string({ unit: 'grapheme', maxLength: 12 })
    case 'bytes':
    case 'records':
      return fc.uint8Array({ maxLength: 700 }).map((bytes) => Buffer.from(bytes))
    case 'uuid':
      return fc
        .uint8Array({ minLength: 16, maxLength: 16 })
        .map((bytes) => Buffer.from(bytes).toString('base64url'))
    default:
      return fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
  }
}

/** Values that a version can carry; everything else keeps its default by being left out. */
function arbitrary(spec: FieldSpec, version: number): fc.Arbitrary<unknown> {
  const nullable =
    spec.nullableFrom !== undefined &&
    version >= spec.nullableFrom &&
    version <= (spec.nullableUntil ?? 32767)
  const value =
    spec.kind === 'array'
      ? fc.array(arbitrary(spec.element as FieldSpec, version), { maxLength: 3 })
      : spec.kind === 'struct'
        ? shape(spec.fields ?? {}, version)
        : scalar(spec.kind)
  return nullable ? fc.option(value, { nil: null }) : value
}
function shape(fields: Readonly<Record<string, FieldSpec>>, version: number) {
  const present = Object.entries(fields).filter(
    ([, f]) =>
      version >= f.from &&
      version <= (f.until ?? 32767) &&
      !(f.tag !== undefined && version < (f.tagFrom ?? 0)),
  )
  return fc.record(Object.fromEntries(present.map(([name, f]) => [name, arbitrary(f, version)])))
}

test.each(allApis.map((api) => [api.name, api] as const))(
  '%s: what is written is read back, in every version',
  (_name, api: AnyApi) => {
    for (let version = api.minVersion; version <= api.lastKnownVersion; version++) {
      for (const fields of [api.requestFields, api.responseFields]) {
        const codec = codecFor(fields, {
          name: api.name,
          version,
          flexible: isFlexible(api, version),
        })
        fc.assert(
          fc.property(shape(fields, version), (value) => {
            const writer = new Writer()
            codec.write(writer, value)
            const reader = new Reader(writer.toBuffer())
            expect(codec.read(reader)).toMatchObject(value as object)
            expect(reader.remaining).toBe(0)
          }),
          { numRuns: 4 },
        )
      }
    }
  },
)

test('bytes that end early, or promise more than there is, are refused', () => {
  const whole = Buffer.concat(
    encodeRequest(Fetch, 17, {
      topics: [{ topicId: ZERO_UUID, partitions: [{ partition: 3, fetchOffset: 7 }] }],
    }),
  )
  expect(decodeRequest(Fetch, 17, whole).topics[0]?.partitions[0]?.fetchOffset).toBe(7)
  for (let length = 0; length < whole.length; length++) {
    expect(() => decodeRequest(Fetch, 17, whole.subarray(0, length))).toThrow()
  }
  const endless = new Writer()
  endless.int32(0x7fffffff)
  expect(() => decodeRequest(Metadata, 1, endless.toBuffer())).toThrow(SchemaError)
})

test('a request of more elements than anybody needs is refused before they are laid out', () => {
  const count = 1_000_001
  const writer = new Writer()
  writer.int32(count)
  writer.copy(Buffer.alloc(2 * count))
  expect(() => decodeRequest(Metadata, 1, writer.toBuffer())).toThrow('too many array elements')
})

test('null where a version does not allow it is refused, both ways', () => {
  const unnamed = { topics: [{ name: null }] }
  expect(() => encodeRequest(Metadata, 9, unnamed)).toThrow(SchemaError)
  expect(encodeRequest(Metadata, 12, unnamed).length).toBeGreaterThan(0)
})

test('unknown tagged fields are passed over', () => {
  const writer = new Writer()
  for (const piece of encodeRequest(ApiVersions, 3, { clientSoftwareName: 'x' })) writer.copy(piece)
  const known = writer.toBuffer()
  const withTag = Buffer.concat([known.subarray(0, -1), Buffer.from([1, 99, 2, 7, 7])])
  expect(decodeRequest(ApiVersions, 3, withTag).clientSoftwareName).toBe('x')
})

test('Long.MAX_VALUE survives, other integers past 2^53 are refused', () => {
  const writer = new Writer()
  writer.int64(Number.MAX_SAFE_INTEGER)
  writer.int64(-1)
  writer.int64Raw(2n ** 60n)
  const bytes = writer.toBuffer()
  expect(bytes.readBigInt64BE(0)).toBe(2n ** 63n - 1n)
  const reader = new Reader(bytes)
  expect(reader.int64()).toBe(Number.MAX_SAFE_INTEGER)
  expect(reader.int64()).toBe(-1)
  expect(() => reader.int64()).toThrow(SchemaError)
})

test('varints and varlongs are read back over their whole range', () => {
  fc.assert(
    fc.property(fc.integer(), fc.maxSafeInteger(), (small, large) => {
      const writer = new Writer()
      writer.varint(small)
      writer.varlong(large)
      const reader = new Reader(writer.toBuffer())
      expect([reader.varint(), reader.varlong()]).toEqual([small, large])
    }),
  )
})

function frameOf(pieces: Buffer[]): Buffer {
  const whole = Buffer.concat(pieces)
  expect(whole.readInt32BE(0)).toBe(whole.length - 4)
  return whole.subarray(4)
}

test.each([
  [Metadata as Api<unknown, unknown>, 1, 8],
  [Metadata as Api<unknown, unknown>, 12, 8],
  [ApiVersions as Api<unknown, unknown>, 3, 8],
])('frames carry the right header versions', (api, version, correlationId) => {
  const request = frameOf(requestFrame(api, { version, correlationId, clientId: 'ü' }, {}))
  const header = readRequestHeader(request, isFlexible(api, version))
  expect(header).toMatchObject({
    apiKey: api.key,
    apiVersion: version,
    correlationId,
    clientId: 'ü',
  })
  expect(() => decodeRequest(api, version, request.subarray(header.bodyOffset))).not.toThrow()
  const response = frameOf(responseFrame(api, { version, correlationId }, {}))
  expect(readResponseHeader(api, version, response).correlationId).toBe(8)
  const tagged = isFlexible(api, version) && api.key !== 18
  expect(readResponseHeader(api, version, response).bodyOffset).toBe(tagged ? 5 : 4)
})
