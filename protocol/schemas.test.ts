import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { allApis, findApi } from './apis.ts'
import type { FieldSpec } from './fields.ts'

interface Fact {
  group: string
  apiKey?: number
  type: string
  name: string
  validVersions: string
  flexibleVersions?: string
  latestVersionUnstable?: boolean
  fields: FactField[]
  commonStructs?: { name: string; fields: FactField[] }[]
}
interface FactField {
  name: string
  type: string
  versions?: string
  nullableVersions?: string
  taggedVersions?: string
  tag?: number
  default?: string | number | boolean | null
  fields?: FactField[]
}

const factsUrl = new URL('../tests/facts/messages.jsonl', import.meta.url)
const facts = readFileSync(fileURLToPath(factsUrl), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Fact)

type Range = [number, number] | null
const FOREVER = 32767

function range(text: string | undefined): Range {
  if (text === undefined || text === 'none') return null
  const parts = /^(\d+)(-(\d+)|\+)?$/.exec(text)
  if (parts === null) throw new Error(`versions ${text}`)
  const from = Number(parts[1])
  if (parts[3] !== undefined) return [from, Number(parts[3])]
  return [from, parts[2] === '+' ? FOREVER : from]
}
const inside = (r: Range, version: number): boolean =>
  r !== null && version >= r[0] && version <= r[1]

const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1)

/** A field at one version, in words that both sides can be put into. */
function describeFact(field: FactField, version: number, flexible: boolean, fact: Fact): unknown {
  const tagged = flexible && inside(range(field.taggedVersions), version)
  if (!inside(range(field.versions ?? field.taggedVersions), version)) return null
  const element = field.type.replace('[]', '')
  const common = fact.commonStructs?.find((struct) => struct.name === element)
  const inner = field.fields ?? common?.fields
  const nullable = inside(range(field.nullableVersions), version)
  return {
    kind: field.type.startsWith('[]') ? 'array' : inner !== undefined ? 'struct' : field.type,
    element: inner === undefined && field.type.startsWith('[]') ? element : undefined,
    nullable,
    tag: tagged ? field.tag : undefined,
    default: factDefault(field),
    fields: inner && describeFacts(inner, version, flexible, fact),
  }
}
function describeFacts(fields: FactField[], version: number, flexible: boolean, fact: Fact) {
  const out: [string, unknown][] = []
  for (const field of fields) {
    const described = describeFact(field, version, flexible, fact)
    if (described !== null) out.push([lowerFirst(field.name), described])
  }
  return out
}
function factDefault(field: FactField): unknown {
  const value = field.default
  if (value === null || value === 'null') return null
  if (value === undefined || value === '') return undefined
  if (field.type === 'string') return value
  if (field.type === 'bool') return String(value).toLowerCase() === 'true' ? true : undefined
  if (field.type === 'uuid' || field.type.startsWith('[]')) return undefined
  const number = Math.min(Number(value), Number.MAX_SAFE_INTEGER)
  return number === 0 ? undefined : number
}

function describeOurs(spec: FieldSpec, version: number, flexible: boolean): unknown {
  if (version < spec.from || version > (spec.until ?? FOREVER)) return null
  const inner = spec.kind === 'array' ? spec.element?.fields : spec.fields
  const nullableFrom = spec.nullableFrom
  return {
    kind: spec.kind,
    element: spec.kind === 'array' && inner === undefined ? spec.element?.kind : undefined,
    nullable:
      nullableFrom !== undefined &&
      version >= nullableFrom &&
      version <= (spec.nullableUntil ?? FOREVER),
    tag: flexible && version >= (spec.tagFrom ?? FOREVER) ? spec.tag : undefined,
    default: spec.default === false || spec.default === 0 ? undefined : spec.default,
    fields: inner && describeAll(inner, version, flexible),
  }
}
function describeAll(
  fields: Readonly<Record<string, FieldSpec>>,
  version: number,
  flexible: boolean,
) {
  const out: [string, unknown][] = []
  for (const [name, spec] of Object.entries(fields)) {
    const described = describeOurs(spec, version, flexible)
    if (described !== null) out.push([name, described])
  }
  return out
}

const pairs = facts.filter(
  (fact) => ['request', 'response'].includes(fact.type) && range(fact.validVersions) !== null,
)

test('every API of Kafka 4.3 that still exists is declared', () => {
  const keys = new Set(pairs.map((fact) => fact.apiKey))
  expect(allApis.map((api) => api.key)).toEqual([...keys].sort((a, b) => Number(a) - Number(b)))
})

test.each(pairs.map((fact) => [fact.name, fact] as const))(
  '%s has the fields of Kafka 4.3 in every version',
  (_name, fact) => {
    const api = findApi(fact.apiKey ?? -1)
    expect(api).not.toBeNull()
    const [first, last] = range(fact.validVersions) as [number, number]
    const flexibleRange = range(fact.flexibleVersions)
    expect(api!.name).toBe(fact.name.replace(/(Request|Response)$/, ''))
    expect(api!.minVersion).toBe(first)
    expect(api!.lastKnownVersion).toBe(last)
    expect(api!.flexibleFrom).toBe(flexibleRange === null ? null : flexibleRange[0])
    const ours = fact.type === 'request' ? api!.requestFields : api!.responseFields
    for (let version = first; version <= last; version++) {
      const flexible = inside(flexibleRange, version)
      expect(describeAll(ours, version, flexible)).toEqual(
        describeFacts(fact.fields, version, flexible, fact),
      )
    }
  },
)

interface DeclaredMessage {
  name: string
  fields: Record<string, FieldSpec>
}
const directory = fileURLToPath(new URL('./messages', import.meta.url))
const files = readdirSync(directory, { recursive: true, encoding: 'utf8' })
const modules: Record<string, DeclaredMessage>[] = await Promise.all(
  files.filter((file) => file.endsWith('.ts')).map((file) => import(`${directory}/${file}`)),
)
const messages = new Map(
  modules
    .flatMap((module) => Object.values(module))
    .filter((entry) => entry?.fields !== undefined)
    .map((entry) => [entry.name, entry]),
)

const records = facts.filter(
  (fact) => !['request', 'response'].includes(fact.type) && !fact.group.includes('share'),
)
test.each(records.map((fact) => [fact.name, fact] as const))(
  'message %s has the fields of Kafka 4.3 in every version',
  (name, fact) => {
    const ours = messages.get(name)
    expect(ours).toBeDefined()
    const [first, last] = range(fact.validVersions) as [number, number]
    const flexibleRange = range(fact.flexibleVersions)
    expect(ours).toMatchObject({
      minVersion: first,
      maxVersion: last,
      flexibleFrom: flexibleRange === null ? null : flexibleRange[0],
      apiKey: fact.apiKey ?? -1,
    })
    for (let version = first; version <= last; version++) {
      const flexible = inside(flexibleRange, version)
      expect(describeAll(ours!.fields, version, flexible)).toEqual(
        describeFacts(fact.fields, version, flexible, fact),
      )
    }
  },
)

test('stable versions are those that a 4.3.1 broker advertises', () => {
  const text = readFileSync(
    fileURLToPath(new URL('../tests/facts/api-versions.txt', import.meta.url)),
    'utf8',
  )
  for (const line of text.split('\n')) {
    const parts = /(\w+)\((\d+)\): (\d+)(?: to (\d+))?/.exec(line)
    if (parts === null) continue
    const api = findApi(Number(parts[2]))
    const last = Number(parts[4] ?? parts[3])
    expect([parts[1], api?.maxVersion]).toEqual([parts[1], last])
    // Produce is advertised from 0 although 0 to 2 are refused (KAFKA-18659).
    if (api?.key !== 0) expect(api?.minVersion).toBe(Number(parts[3]))
  }
})
