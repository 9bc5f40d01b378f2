// The metrics as Jolokia 2 serves JMX: read, list, search and version, by GET path or POST body, read-only. No I/O:
// bytes in, status and JSON out; runtime/node-http.ts does the listening. tests/facts/jolokia.json has what the agent
// itself answers, docs/METRICS.md where this differs.
import { hasChanged, listBeans } from './jolokia-list.ts'
import {
  ATTRIBUTE_NOT_FOUND,
  type BeanName,
  badArgument,
  fail,
  INSTANCE_NOT_FOUND,
  isObject,
  JolokiaError,
  type JolokiaRequest,
  type Json,
  type Processing,
  processingOf,
  requestOfBody,
  requestOfPath,
  secondsOf,
  UnreadableRequest,
} from './jolokia-request.ts'
import { limited, partOf } from './jolokia-value.ts'
import { nameMatcher, type ObjectName, parseObjectName, usualName } from './object-name.ts'
import type { Bean, Registry } from './registry.ts'

export interface JolokiaReply {
  status: number
  body: string
  contentType?: string
}

export interface JolokiaSource {
  registry: Registry
  /** Reported by `version`. */
  agentVersion: string
  agentId: string
  product: { name: string; vendor: string; version: string }
  nowMs: () => number
}

const PREFIX = '/jolokia'
const UNREADABLE_STATUS = 400
const PLAIN_TEXT = 'text/plain; charset=utf-8'

/** One HTTP exchange. Paths outside /jolokia are 404. */
export function answerJolokia(
  source: JolokiaSource,
  request: { method: string; url: string; body: string },
): JolokiaReply {
  const [path = '', query = ''] = request.url.split(/\?(.*)/s)
  if (path !== PREFIX && !path.startsWith(`${PREFIX}/`)) return { status: 404, body: '' }
  try {
    return answerExchange(source, request, path.slice(PREFIX.length), new URLSearchParams(query))
  } catch (error) {
    if (!(error instanceof UnreadableRequest)) throw error
    const body = `400 (Bad Request)\n\n${error.message}\n`
    return { status: UNREADABLE_STATUS, body, contentType: PLAIN_TEXT }
  }
}

function answerExchange(
  source: JolokiaSource,
  request: { method: string; body: string },
  path: string,
  query: URLSearchParams,
): JolokiaReply {
  const { method } = request
  const processing = processingOf(query, null)
  const refuse = (how: () => never) => reply(answer(source, processing, how), processing)
  if (method === 'OPTIONS') return { status: 200, body: '', contentType: PLAIN_TEXT }
  if (method === 'GET' || method === 'HEAD') {
    const wanted = query.get('p') ?? decoded(path)
    return reply(
      answer(source, processing, () => requestOfPath(wanted)),
      processing,
    )
  }
  if (method !== 'POST') {
    return refuse(() => badArgument(`HTTP Method ${method} is not supported.`))
  }
  if (request.body.trim() === '') throw new UnreadableRequest('Invalid JSON request')
  let parsed: unknown
  try {
    parsed = JSON.parse(request.body)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return refuse(() => fail(500, 'java.lang.IllegalStateException', reason))
  }
  const one = (item: Json) => {
    const own = processingOf(query, item.config)
    return answer(source, own, () => requestOfBody(item))
  }
  if (isObject(parsed)) return reply(one(parsed), processing)
  if (!Array.isArray(parsed)) {
    throw new UnreadableRequest('Invalid JSON Request. Expected Object or Array')
  }
  if (!parsed.every(isObject)) {
    return refuse(() => badArgument('Not a request within the list of requests'))
  }
  const contentType = `${processing.mimeType}; charset=utf-8`
  const isPlain = query.size === 0
  const texts = parsed.map(
    (item) => (isPlain ? keptReply(source, item) : null) ?? JSON.stringify(one(item)),
  )
  return { status: 200, body: `[${texts.join(',')}]`, contentType }
}

/** Of a histogram that was read whole: the reply up to its time, as long as nothing was seen since. */
const keptReplies = new WeakMap<Bean, { revision: number; text: string }>()

/** Most beans are histograms, and most of them of requests that nobody sends: read each second, told as before. */
function keptReply({ registry, nowMs }: JolokiaSource, item: Json): string | null {
  const { type, mbean, attribute, path, config } = item
  const isWhole = attribute === undefined && path === undefined && config === undefined
  if (type !== 'read' || !isWhole || typeof mbean !== 'string') return null
  const bean = registry.known(mbean)
  const revision = bean?.kind === 'histogram' ? bean.revision?.() : undefined
  if (bean === null || revision === undefined) return null
  let kept = keptReplies.get(bean)
  if (kept?.revision !== revision) {
    const request = JSON.stringify({ type, mbean: bean.name })
    const value = JSON.stringify(bean.read())
    kept = { revision, text: `{"request":${request},"value":${value},"status":200,"timestamp":` }
    keptReplies.set(bean, kept)
  }
  return `${kept.text}${Math.floor(nowMs() / 1000)}}`
}

/** Percent signs are undone before slashes part, as the agent does. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    throw new UnreadableRequest('Invalid percent sign in the path')
  }
}

/** NaN and infinities are null in JSON, as in Jolokia 2. */
function reply(value: unknown, { mimeType }: Processing): JolokiaReply {
  return { status: 200, body: JSON.stringify(value), contentType: `${mimeType}; charset=utf-8` }
}

function answer(
  source: JolokiaSource,
  processing: Processing,
  requestOf: () => JolokiaRequest,
): Json {
  const timestamp = Math.floor(source.nowMs() / 1000)
  const { includesRequest, includesStackTrace, ifModifiedSince } = processing
  let request: JolokiaRequest
  try {
    request = requestOf()
  } catch (error) {
    if (error instanceof UnreadableRequest) throw error
    return failure(error, processing)
  }
  const asked = includesRequest ? { request: echoOf(request, processing) } : {}
  try {
    const isListing = request.type === 'list' || request.type === 'search'
    if (ifModifiedSince !== null && isListing) {
      if (!hasChanged(source.registry, secondsOf(ifModifiedSince), timestamp)) {
        return { ...asked, status: 304, timestamp }
      }
    }
    const value = evaluate(source, request, processing)
    // Spelled out: hundreds of these are made for one answer.
    return includesRequest
      ? { request: asked.request, value, status: 200, timestamp }
      : { value, status: 200, timestamp }
  } catch (error) {
    const failed = { ...asked, ...failure(error, processing) }
    if (!includesStackTrace) return failed
    // No frames: where in this process it was found out says nothing to a client.
    return { ...failed, stacktrace: `${failed.error}\n` }
  }
}

function echoOf({ echo, mbean }: JolokiaRequest, { isCanonical }: Processing): Json {
  return isCanonical || mbean === undefined || mbean.isPattern
    ? echo
    : { ...echo, mbean: mbean.asked }
}

function failure(error: unknown, processing: Processing): Json & { error: string } {
  const isKnown = error instanceof JolokiaError
  const type = isKnown ? error.errorType : 'java.lang.RuntimeException'
  const message = error instanceof Error ? error.message : String(error)
  const value = { message, localizedMessage: message, cause: null, suppressed: [] }
  return {
    error_type: type,
    error: `${type} : ${message}`,
    status: isKnown ? error.status : 500,
    ...(processing.serializesException ? { error_value: value } : {}),
  }
}

function evaluate(source: JolokiaSource, request: JolokiaRequest, processing: Processing): unknown {
  const { registry } = source
  switch (request.type) {
    case 'read': {
      const value = read(registry, request, processing)
      return limited(request.path.length === 0 ? value : partOf(value, request.path), processing)
    }
    case 'search':
      return limited(
        matching(registry, beanOf(request)).map((bean) => shown(bean, processing)),
        processing,
      )
    case 'list':
      return listBeans(registry, request.path, processing)
    case 'version':
      return version(source)
    default:
      return fail(403, 'java.lang.SecurityException', `${request.type} is not served`)
  }
}

function version({ agentVersion, agentId, product }: JolokiaSource) {
  return {
    agent: agentVersion,
    protocol: '8.0',
    id: agentId,
    details: {
      agent_version: agentVersion,
      agent_id: agentId,
      server_product: product.name,
      server_vendor: product.vendor,
      server_version: product.version,
      secured: false,
    },
    config: {
      agentContext: PREFIX,
      agentId,
      maxDepth: '0',
      maxCollectionSize: '0',
      maxObjects: '0',
    },
    info: { jmx: {} },
  }
}

function beanOf({ mbean }: JolokiaRequest): BeanName {
  return mbean ?? badArgument('Object name can not be null')
}

/** Beans that the name takes in; told apart by their text as far as possible, since there may be 100,000. */
function matching(registry: Registry, { parsed }: BeanName): Bean[] {
  const matches = nameMatcher(parsed)
  const type = literal(parsed.keys.get('type'))
  const parts = literalParts(parsed)
  const beans: Bean[] = []
  for (const bean of registry.beans(type === null ? {} : { type })) {
    if (!parts.every((part) => bean.name.includes(part))) continue
    const name = parseObjectName(bean.name)
    if (name !== null && matches(name)) beans.push(bean)
  }
  return beans
}

function literal(value: string | undefined): string | null {
  return value === undefined || /[*?\\]/.test(value) ? null : value
}

function literalParts({ domain, keys }: ObjectName): string[] {
  const parts = literal(domain) === null ? [] : [`${domain}:`]
  for (const [key, value] of keys) if (literal(value) !== null) parts.push(`${key}=${value}`)
  return parts
}

function read(registry: Registry, request: JolokiaRequest, processing: Processing): unknown {
  const mbean = beanOf(request)
  const { attribute } = request
  if (!mbean.isPattern) {
    const bean = registry.find(mbean.text)
    if (bean === null) return fail(404, INSTANCE_NOT_FOUND, mbean.text)
    return readBean(bean, attribute, processing)
  }
  const beans = matching(registry, mbean)
  if (beans.length === 0) {
    const message = `No MBean with pattern ${mbean.text} found for reading attributes`
    return fail(404, INSTANCE_NOT_FOUND, message)
  }
  const wanted = typeof attribute === 'string' ? [attribute] : attribute
  const values: Json = {}
  let isAny = false
  for (const bean of beans) {
    const found = wanted === undefined ? bean.read() : pick(bean.read(), wanted)
    if (found === null) continue
    values[shown(bean, processing)] = found
    isAny = true
  }
  if (isAny) return values
  return badArgument(`No matching attributes [${wanted?.join(', ')}] found on MBeans`)
}

const shown = ({ name }: Bean, { isCanonical }: Processing): string =>
  isCanonical ? name : usualName(name)

/** Those of `wanted` that are there; null when none is. */
function pick(attributes: Readonly<Json>, wanted: readonly string[]): Json | null {
  let picked: Json | null = null
  for (const name of wanted) {
    if (!Object.hasOwn(attributes, name)) continue
    picked ??= {}
    picked[name] = attributes[name]
  }
  return picked
}

/** One attribute asked for by name is given bare; several, or all, as an object. */
function readBean(
  bean: Bean,
  wanted: string | readonly string[] | undefined,
  { ignoresErrors }: Processing,
): unknown {
  const attributes = bean.read()
  if (wanted === undefined) return attributes
  if (typeof wanted === 'string') {
    return Object.hasOwn(attributes, wanted) ? attributes[wanted] : noAttribute(wanted)
  }
  const values: Json = {}
  for (const name of wanted) {
    if (Object.hasOwn(attributes, name)) values[name] = attributes[name]
    else if (!ignoresErrors) return noAttribute(name)
    else values[name] = `ERROR: No such attribute: ${name} (class ${ATTRIBUTE_NOT_FOUND})`
  }
  return values
}

function noAttribute(name: string): never {
  return fail(404, ATTRIBUTE_NOT_FOUND, `No such attribute: ${name}`)
}
