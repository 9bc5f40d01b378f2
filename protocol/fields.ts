// The words in which messages are declared: `i32.from(7)`, `arr({ name: str })`, `str.nullable()`.
// One declaration gives the TypeScript type and, through codec.ts, the codec of every version.

export type Kind =
  | 'bool'
  | 'int8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'float64'
  | 'string'
  | 'bytes'
  | 'records'
  | 'uuid'
  | 'array'
  | 'struct'

export type DefaultValue = number | string | boolean | null

/** Version bounds are inclusive; `undefined` at an upper bound means "and all later ones". */
export interface FieldSpec {
  readonly kind: Kind
  readonly from: number
  readonly until?: number
  readonly nullableFrom?: number
  readonly nullableUntil?: number
  readonly tag?: number
  readonly tagFrom?: number
  readonly default?: DefaultValue
  readonly element?: FieldSpec
  readonly fields?: Readonly<Record<string, FieldSpec>>
}

/** Immutable; each method gives a new field. `T` is the decoded type. */
export class Field<T> {
  readonly spec: FieldSpec
  declare readonly decoded: T

  constructor(spec: FieldSpec) {
    this.spec = spec
  }
  #with<U = T>(change: Partial<FieldSpec>): Field<U> {
    return new Field<U>({ ...this.spec, ...change })
  }
  /** Exists from that version on. */
  from(version: number): Field<T> {
    return this.#with({ from: version })
  }
  /** Exists up to that version, inclusive. */
  until(version: number): Field<T> {
    return this.#with({ until: version })
  }
  /** Used where the version has no such field, and where encoding leaves it out. */
  default(value: DefaultValue): Field<T> {
    return this.#with({ default: value })
  }
  /** May be null in versions `from` to `until` (inclusive). */
  nullable(from = 0, until?: number): Field<T | null> {
    return this.#with<T | null>({
      nullableFrom: from,
      ...(until === undefined ? {} : { nullableUntil: until }),
    })
  }
  /** A tagged field (KIP-482) from that version on. */
  tag(tag: number, from: number): Field<T> {
    return this.#with({ tag, tagFrom: from })
  }
}

export type Shape = Readonly<Record<string, Field<unknown>>>

export type Infer<S extends Shape> = {
  -readonly [K in keyof S]: S[K] extends Field<infer T> ? T : never
}

const scalar = <T>(kind: Kind): Field<T> => new Field<T>({ kind, from: 0 })

export const bool = scalar<boolean>('bool')
export const i8 = scalar<number>('int8')
export const i16 = scalar<number>('int16')
export const u16 = scalar<number>('uint16')
export const i32 = scalar<number>('int32')
export const i64 = scalar<number>('int64')
export const f64 = scalar<number>('float64')
export const str = scalar<string>('string')
export const bytes = scalar<Buffer>('bytes')
/** Record batches: never copied when written. */
export const records = scalar<Buffer>('records')
export const uuid = scalar<string>('uuid')

export function fieldsOf(shape: Shape): Record<string, FieldSpec> {
  return Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, field.spec]))
}

export function struct<S extends Shape>(shape: S): Field<Infer<S>> {
  return new Field({ kind: 'struct', from: 0, fields: fieldsOf(shape) })
}

export function arr<T>(element: Field<T>): Field<T[]>
export function arr<S extends Shape>(shape: S): Field<Infer<S>[]>
export function arr(element: Field<unknown> | Shape): Field<unknown[]> {
  const spec = element instanceof Field ? element.spec : struct(element).spec
  return new Field({ kind: 'array', from: 0, element: spec })
}
