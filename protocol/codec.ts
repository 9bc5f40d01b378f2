// Compiles a declaration and a version into straight-line code (`new Function`), once, when first used.
import type { DefaultValue, FieldSpec } from './fields.ts'
import { Reader, SchemaError, Writer, ZERO_UUID } from './primitives.ts'

export interface Codec {
  read(reader: Reader): unknown
  write(writer: Writer, value: unknown): void
}

type Fields = Readonly<Record<string, FieldSpec>>

interface Scope {
  version: number
  flexible: boolean
  functions: string[]
}

const inVersion = (spec: FieldSpec, version: number): boolean =>
  version >= spec.from && (spec.until === undefined || version <= spec.until)

const isTagged = (spec: FieldSpec, scope: Scope): boolean =>
  spec.tag !== undefined && scope.flexible && scope.version >= (spec.tagFrom ?? 0)

const isNullable = (spec: FieldSpec, version: number): boolean =>
  spec.nullableFrom !== undefined &&
  version >= spec.nullableFrom &&
  (spec.nullableUntil === undefined || version <= spec.nullableUntil)

/** The value that a field has where it is not on the wire, as a JavaScript expression. */
function defaultExpression(spec: FieldSpec): string {
  if (spec.default === null) return 'null'
  switch (spec.kind) {
    case 'bool':
      return String(spec.default ?? false)
    case 'string':
      return JSON.stringify(spec.default ?? '')
    case 'uuid':
      return JSON.stringify(ZERO_UUID)
    case 'bytes':
      return 'EMPTY'
    case 'records':
      return 'null'
    case 'array':
      return '[]'
    case 'struct': {
      const entries = Object.entries(spec.fields ?? {})
      return `{${entries.map(([name, f]) => `${name}:${defaultExpression(f)}`).join(',')}}`
    }
    default:
      return numberLiteral(spec.default ?? 0)
  }
}

function numberLiteral(value: DefaultValue): string {
  return `${Math.min(Number(value), Number.MAX_SAFE_INTEGER)}`
}

const numeric: Partial<Record<FieldSpec['kind'], string>> = {
  bool: 'bool',
  int8: 'int8',
  int16: 'int16',
  uint16: 'uint16',
  int32: 'int32',
  uint32: 'uint32',
  int64: 'int64',
  float64: 'float64',
  uuid: 'uuid',
}

const lengthRead = (spec: FieldSpec, scope: Scope): string => {
  if (scope.flexible) return 'r.uvarint()-1'
  return spec.kind === 'string' ? 'r.int16()' : 'r.int32()'
}

/** An expression that reads one value; needs helper functions for structs and arrays. */
function readExpression(spec: FieldSpec, scope: Scope, name: string): string {
  const method = numeric[spec.kind]
  if (method !== undefined) return `r.${method}()`
  const onNull = isNullable(spec, scope.version) ? 'null' : `nonNull(${JSON.stringify(name)})`
  switch (spec.kind) {
    case 'string':
      return `((n=${lengthRead(spec, scope)})<0?${onNull}:r.string(n))`
    case 'bytes':
    case 'records': {
      const whenNull = spec.kind === 'records' ? 'null' : onNull
      return `((n=${lengthRead(spec, scope)})<0?${whenNull}:r.bytes(n))`
    }
    case 'struct': {
      const read = readFunction(spec.fields ?? {}, scope, name)
      return isNullable(spec, scope.version) ? `(r.int8()<0?null:${read}(r))` : `${read}(r)`
    }
    default: {
      const element = spec.element as FieldSpec
      const body = readExpression(element, scope, name)
      const id = `a${scope.functions.length}`
      scope.functions.push(
        `function ${id}(r,c){let n=0;c=r.count(c);const out=new Array(c);` +
          `for(let i=0;i<c;i++)out[i]=${body};return out}`,
      )
      return `((n=${lengthRead(spec, scope)})<0?${onNull}:${id}(r,n))`
    }
  }
}

function readFunction(fields: Fields, scope: Scope, name: string): string {
  const lines: string[] = ['let n=0;']
  const cases: string[] = []
  const names: string[] = []
  for (const [field, spec] of Object.entries(fields)) {
    names.push(`${field}:v_${field}`)
    if (!inVersion(spec, scope.version)) {
      lines.push(`const v_${field}=${defaultExpression(spec)};`)
    } else if (isTagged(spec, scope)) {
      lines.push(`let v_${field}=${defaultExpression(spec)};`)
      cases.push(
        `case ${spec.tag}:v_${field}=${readExpression(spec, scope, `${name}.${field}`)};break;`,
      )
    } else {
      lines.push(`const v_${field}=${readExpression(spec, scope, `${name}.${field}`)};`)
    }
  }
  if (scope.flexible) {
    lines.push(
      'let t=r.uvarint();while(t-->0){const tag=r.uvarint(),size=r.uvarint();' +
        'const end=r.take(size)+size;r.position=end-size;',
      cases.length > 0 ? `switch(tag){${cases.join('')}}` : '',
      'r.position=end}',
    )
  }
  const id = `s${scope.functions.length}`
  scope.functions.push(`function ${id}(r){${lines.join('')}return{${names.join(',')}}}`)
  return id
}

const lengthWrite = (spec: FieldSpec, scope: Scope, length: string): string => {
  if (scope.flexible) return `w.uvarint(${length}+1);`
  return spec.kind === 'string' ? `w.int16(${length});` : `w.int32(${length});`
}

const nullWrite = (spec: FieldSpec, scope: Scope, name: string): string => {
  if (!isNullable(spec, scope.version) && spec.kind !== 'records') {
    return `nonNull(${JSON.stringify(name)})`
  }
  if (spec.kind === 'struct') return 'w.int8(-1)'
  if (scope.flexible) return 'w.uvarint(0)'
  return spec.kind === 'string' ? 'w.int16(-1)' : 'w.int32(-1)'
}

/** Statements that write the variable `value`. */
function writeStatements(spec: FieldSpec, scope: Scope, value: string, name: string): string {
  const method = numeric[spec.kind]
  if (method !== undefined) return `w.${method}(${value});`
  const whenNull = `if(${value}===null){${nullWrite(spec, scope, name)}}else{`
  switch (spec.kind) {
    case 'string':
      return (
        `${whenNull}const l=byteLength(${value});` +
        (scope.flexible ? '' : `if(l>32767)tooLong(${JSON.stringify(name)});`) +
        `${lengthWrite(spec, scope, 'l')}w.utf8(${value},l)}`
      )
    case 'bytes':
      return `${whenNull}${lengthWrite(spec, scope, `${value}.length`)}w.copy(${value})}`
    case 'records':
      return `${whenNull}${lengthWrite(spec, scope, `${value}.length`)}w.reference(${value})}`
    case 'struct': {
      const write = writeFunction(spec.fields ?? {}, scope, name)
      const mark = isNullable(spec, scope.version) ? 'w.int8(1);' : ''
      return `${whenNull}${mark}${write}(w,${value})}`
    }
    default: {
      const element = spec.element as FieldSpec
      const body = writeStatements(element, scope, 'e', name)
      const id = `wa${scope.functions.length}`
      scope.functions.push(
        `function ${id}(w,list){for(let i=0;i<list.length;i++){const e=list[i];${body}}}`,
      )
      return `${whenNull}${lengthWrite(spec, scope, `${value}.length`)}${id}(w,${value})}`
    }
  }
}

/** A tagged field is left out when it holds its default. */
function isDefaultExpression(spec: FieldSpec, value: string): string {
  if (spec.default === null) return `${value}===null`
  switch (spec.kind) {
    case 'array':
    case 'bytes':
      return `(${value}!==null&&${value}.length===0)`
    case 'struct':
      return `(${[`${value}!==null`, ...structDefaults(spec, value)].join('&&')})`
    default:
      return `${value}===${defaultExpression(spec)}`
  }
}

function structDefaults(spec: FieldSpec, value: string): string[] {
  return Object.entries(spec.fields ?? {}).map(([name, field]) => {
    const inner = `${value}.${name}`
    return `(${inner}===undefined||${isDefaultExpression(field, inner)})`
  })
}

function writeFunction(fields: Fields, scope: Scope, name: string): string {
  const lines: string[] = []
  const tagged: [string, FieldSpec][] = []
  for (const [field, spec] of Object.entries(fields)) {
    if (!inVersion(spec, scope.version)) continue
    lines.push(`let v_${field}=m.${field};`)
    if (isTagged(spec, scope)) {
      tagged.push([field, spec])
      continue
    }
    lines.push(`if(v_${field}===undefined)v_${field}=${defaultExpression(spec)};`)
    lines.push(writeStatements(spec, scope, `v_${field}`, `${name}.${field}`))
  }
  if (scope.flexible && tagged.length === 0) lines.push('w.uvarint(0);')
  if (scope.flexible && tagged.length > 0) {
    tagged.sort((a, b) => (a[1].tag ?? 0) - (b[1].tag ?? 0))
    const tests = tagged.map(
      ([field, spec]) =>
        `const d_${field}=v_${field}===undefined||${isDefaultExpression(spec, `v_${field}`)};`,
    )
    const count = tagged.map(([field]) => `(d_${field}?0:1)`).join('+')
    lines.push(tests.join(''), `w.uvarint(${count});`)
    for (const [field, spec] of tagged) {
      const body = writeStatements(spec, scope, `v_${field}`, `${name}.${field}`)
      lines.push(
        `if(!d_${field}){const outer=w;{const w=new Writer();${body}` +
          `outer.uvarint(${spec.tag});outer.uvarint(w.sizeBytes);` +
          'for(const p of w.finish())outer.reference(p)}}',
      )
    }
  }
  const id = `ws${scope.functions.length}`
  scope.functions.push(`function ${id}(w,m){${lines.join('')}}`)
  return id
}

/** Compiles one version. `flexible`: compact types and tagged fields (KIP-482). */
export function compileCodec(options: {
  name: string
  fields: Fields
  version: number
  flexible: boolean
}): Codec {
  const scope: Scope = { version: options.version, flexible: options.flexible, functions: [] }
  const read = readFunction(options.fields, scope, options.name)
  const write = writeFunction(options.fields, scope, options.name)
  const source = `"use strict";${scope.functions.join('\n')}\nreturn{read:${read},write:${write}}`
  const make = new Function('EMPTY', 'Writer', 'byteLength', 'nonNull', 'tooLong', source)
  const nonNull = (field: string): never => {
    throw new SchemaError(`${field} may not be null in version ${options.version}`)
  }
  const tooLong = (field: string): never => {
    throw new SchemaError(`${field} is longer than 32767 bytes`)
  }
  const byteLength = (value: string): number => Buffer.byteLength(value)
  return make(Buffer.alloc(0), Writer, byteLength, nonNull, tooLong) as Codec
}

export { Reader, Writer }
