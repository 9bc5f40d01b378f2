// Messages that are not requests: metadata records, coordinator records, control records.
import { codecFor, type Encodable, isFlexible } from './api.ts'
import { type FieldSpec, fieldsOf, type Infer, type Shape } from './fields.ts'
import { Reader, SchemaError, Writer } from './primitives.ts'

export interface Message<T> {
  readonly name: string
  /** Record type within its log; -1 where the message is not numbered. */
  readonly apiKey: number
  readonly minVersion: number
  readonly maxVersion: number
  readonly flexibleFrom: number | null
  readonly fields: Readonly<Record<string, FieldSpec>>
  readonly types?: T
}

export type MessageOf<M> = M extends Message<infer T> ? T : never

export function message<S extends Shape>(
  apiKey: number,
  name: string,
  versions: { valid: readonly [number, number]; flexible: number | null },
  shape: S,
): Message<Infer<S>> {
  const [minVersion, maxVersion] = versions.valid
  const fields = fieldsOf(shape)
  return { name, apiKey, minVersion, maxVersion, flexibleFrom: versions.flexible, fields }
}

function codecOf(target: Message<unknown>, version: number) {
  if (version < target.minVersion || version > target.maxVersion) {
    throw new SchemaError(`${target.name} has no version ${version}`)
  }
  return codecFor(target.fields, {
    name: target.name,
    version,
    flexible: isFlexible(target, version),
  })
}

/** The body alone: framing (version prefix, record type) is the caller's. */
export function encodeMessage<T>(target: Message<T>, version: number, value: Encodable<T>): Buffer {
  const writer = new Writer()
  codecOf(target, version).write(writer, value)
  return writer.toBuffer()
}

/** Reads one message that starts at `offset`. Throws SchemaError. */
export function decodeMessage<T>(
  target: Message<T>,
  version: number,
  buffer: Buffer,
  offset = 0,
): T {
  // Safe because the codec is compiled from the declaration that `T` is inferred from.
  return codecOf(target, version).read(new Reader(buffer, offset)) as T
}
