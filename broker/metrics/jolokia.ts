// The metrics as Jolokia 2 serves JMX: read, list, search and version, by GET path or POST body, read-only. Pure:
// bytes in, status and JSON out; runtime/node-http.ts does the listening.
import {
  canonicalKeys,
  canonicalName,
  isPattern,
  nameMatcher,
  type ObjectName,
  parseObjectName,
} from './object-name.ts'
import type { Bean, Registry } from './registry.ts'

export interface JolokiaReply {
  status: number
  body: string
}

export interface JolokiaSource {
  registry: Registry
  /** Reported by `version`. */
  agentVersion: string
  product: { name: string; vendor: string; version: string }
  nowMs: () => number
}

type Json = Record<string, unknown>

class JolokiaError extends Error {
  override readonly name = 'JolokiaError'
  readonly status: number
  readonly errorType: string
  constructor(status: number, errorType: string, message: string) {
    super(message)
    this.status = status
    this.errorType = errorType
  }
}

const PREFIX = '/jolokia'
const NOT_FOUND = 'javax.management.InstanceNotFoundException'
const NO_ATTRIBUTE = 'javax.management.AttributeNotFoundException'
const BAD_ARGUMENT = 'java.lang.IllegalArgumentException'
const BAD_REQUEST = 'org.jolokia.server.core.request.BadRequestException'

/** One HTTP exchange. Paths outside /jolokia are 404, other methods 405. */
export function answerJolokia(
  source: JolokiaSource,
  request: { method: string; url: string; body: string },
): JolokiaReply {
  const path = request.url.split('?', 1)[0] ?? ''
  if (path !== PREFIX && !path.startsWith(`${PREFIX}/`)) return { status: 404, body: '' }
  if (request.method === 'GET') return reply(answer(source, () => fromPath(path)))
  if (request.method !== 'POST') return { status: 405, body: '' }
  let parsed: unknown
  try {
    parsed = JSON.parse(request.body)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return reply(answer(source, () => fail(400, BAD_REQUEST, `Invalid JSON: ${reason}`)))
  }
  const one = (item: unknown) => answer(source, () => asObject(item))
  return reply(Array.isArray(parsed) ? parsed.map(one) : one(parsed))
}

function reply(value: unknown): JolokiaReply {
  return { status: 200, body: JSON.stringify(value) }
}

function fail(status: number, errorType: string, message: string): never {
  throw new JolokiaError(status, errorType, message)
}

function asObject(value: unknown): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return fail(400, BAD_REQUEST, 'Not a request object')
  }
  return value as Json
}

/** `/jolokia/read/<mbean>/<attribute,…>/<inner path>`; `!/` is a slash and `!!` a bang. */
function fromPath(path: string): Json {
  const parts = path
    .slice(PREFIX.length + 1)
    .split(/(?<!!)\/|(?<=!!)\//)
    .map((part) => decodeURIComponent(part).replace(/!([!/"])/g, '$1'))
    .filter((part, index) => index > 0 || part !== '')
  const [type, ...rest] = parts.length === 0 ? ['version'] : parts
  if (type === 'read') {
    const [mbean = '', attributes, ...inner] = rest
    const names = attributes?.split(',').filter((name) => name !== '') ?? []
    return {
      type,
      mbean,
      ...(names.length === 0 ? {} : { attribute: names.length === 1 ? names[0] : names }),
      ...(inner.length === 0 ? {} : { path: inner.join('/') }),
    }
  }
  if (type === 'search') return { type, mbean: rest[0] ?? '' }
  return rest.length === 0 ? { type } : { type, path: rest.join('/') }
}

function answer(source: JolokiaSource, requestOf: () => Json): Json {
  let request: Json | undefined
  const timestamp = Math.floor(source.nowMs() / 1000)
  try {
    request = withCanonicalName(requestOf())
    return { request, value: evaluate(source, request), status: 200, timestamp }
  } catch (error) {
    const known = error instanceof JolokiaError
    const type = known ? error.errorType : 'java.lang.RuntimeException'
    const message = error instanceof Error ? error.message : String(error)
    return {
      ...(request === undefined ? {} : { request }),
      error_type: type,
      error: `${type} : ${message}`,
      status: known ? error.status : 500,
    }
  }
}

/** Requests are echoed with the keys of the name in order. */
function withCanonicalName(request: Json): Json {
  const { mbean } = request
  return typeof mbean === 'string' ? { ...request, mbean: canonicalName(mbean) } : request
}

function evaluate(source: JolokiaSource, request: Json): unknown {
  switch (request.type) {
    case 'read':
      return read(source.registry, request)
    case 'search':
      return matching(source.registry, parseMbean(request.mbean)).map((bean) => bean.name)
    case 'list':
      return list(source.registry, request)
    case 'version':
      return {
        agent: source.agentVersion,
        protocol: '8.0',
        details: {
          agent_version: source.agentVersion,
          server_product: source.product.name,
          server_vendor: source.product.vendor,
          server_version: source.product.version,
          secured: false,
        },
        config: {},
        info: {},
      }
    default:
      return fail(403, 'java.lang.SecurityException', `${String(request.type)} is not served`)
  }
}

function parseMbean(mbean: unknown): ObjectName {
  const name = typeof mbean === 'string' ? parseObjectName(mbean) : null
  if (!name) return fail(400, BAD_ARGUMENT, `Invalid object name ${String(mbean)}`)
  return name
}

function matching(registry: Registry, pattern: ObjectName): Bean[] {
  const matches = nameMatcher(pattern)
  return [...registry.beans()].filter((bean) => {
    const name = parseObjectName(bean.name)
    return name !== null && matches(name)
  })
}

function read(registry: Registry, request: Json): unknown {
  const name = parseMbean(request.mbean)
  const wanted = wantedAttributes(request.attribute)
  const path = typeof request.path === 'string' && request.path !== '' ? request.path : null
  if (!isPattern(name)) {
    const bean = registry.find(String(request.mbean))
    if (!bean) return fail(404, NOT_FOUND, String(request.mbean))
    return inner(readBean(bean, wanted), path)
  }
  const beans = matching(registry, name)
  if (beans.length === 0) {
    const pattern = String(request.mbean)
    return fail(404, NOT_FOUND, `No MBean with pattern ${pattern} found for reading attributes`)
  }
  const values: Json = {}
  for (const bean of beans) {
    const attributes = bean.read()
    const names = wanted === null ? Object.keys(attributes) : namesOf(wanted)
    const found = names.filter((attribute) => attribute in attributes)
    if (found.length === 0) continue
    values[bean.name] = Object.fromEntries(found.map((key) => [key, toJson(attributes[key])]))
  }
  return inner(values, path)
}

function wantedAttributes(attribute: unknown): string | readonly string[] | null {
  if (typeof attribute === 'string' && attribute !== '') return attribute
  if (!Array.isArray(attribute) || attribute.length === 0) return null
  return attribute.map(String)
}

function namesOf(wanted: string | readonly string[]): readonly string[] {
  return typeof wanted === 'string' ? [wanted] : wanted
}

/** One attribute asked for by name is given bare; several, or all, as an object. */
function readBean(bean: Bean, wanted: string | readonly string[] | null): unknown {
  const attributes = bean.read()
  if (wanted === null) {
    return Object.fromEntries(Object.entries(attributes).map(([key, item]) => [key, toJson(item)]))
  }
  for (const name of namesOf(wanted)) {
    if (!(name in attributes)) return fail(404, NO_ATTRIBUTE, `No such attribute: ${name}`)
  }
  if (typeof wanted === 'string') return toJson(attributes[wanted])
  return Object.fromEntries(wanted.map((name) => [name, toJson(attributes[name])]))
}

/** JSON has no NaN or Infinity: Jolokia 2 writes null. */
function toJson(value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? null : value
}

function inner(value: unknown, path: string | null): unknown {
  if (path === null) return value
  let current = value
  for (const step of path.split('/')) {
    if (typeof current !== 'object' || current === null || !(step in current)) {
      return fail(400, BAD_ARGUMENT, `No inner value at ${path}`)
    }
    current = (current as Json)[step]
  }
  return current
}

/** Domain → keys → attributes with their types. */
function list(registry: Registry, request: Json): unknown {
  const domains: Record<string, Json> = {}
  for (const bean of registry.beans()) {
    const name = parseObjectName(bean.name)
    if (!name) continue
    domains[name.domain] ??= {}
    const attr: Json = {}
    for (const [key, value] of Object.entries(bean.read())) {
      attr[key] = { rw: false, type: typeOf(bean, key, value), desc: key }
    }
    const domain = domains[name.domain] as Json
    domain[canonicalKeys(name.keys)] = { attr, op: {}, class: 'eyrie', desc: bean.name }
  }
  const path = typeof request.path === 'string' && request.path !== '' ? request.path : null
  return inner(domains, path)
}

const METER_TYPES: Readonly<Record<string, string>> = {
  Count: 'long',
  EventType: 'java.lang.String',
  LatencyUnit: 'java.util.concurrent.TimeUnit',
  RateUnit: 'java.util.concurrent.TimeUnit',
}

/** As the beans of Kafka declare them, whatever the value is just now. */
function typeOf({ kind, types }: Bean, attribute: string, value: unknown): string {
  if (kind === 'gauge') return 'java.lang.Object'
  if (kind === 'sensors') return 'double'
  if (kind === 'plain') return types?.[attribute] ?? javaType(value)
  return METER_TYPES[attribute] ?? 'double'
}

function javaType(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'long' : 'double'
  if (typeof value === 'boolean') return 'boolean'
  return typeof value === 'string' ? 'java.lang.String' : 'javax.management.openmbean.CompositeData'
}
