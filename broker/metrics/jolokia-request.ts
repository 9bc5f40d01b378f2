// Requests of Jolokia's protocol 8 as they come: paths with escapes, bodies, and what may be said of how the answer
// is to be made. No I/O; called by jolokia.ts.
import { canonicalName, isPattern, type ObjectName, parseObjectName } from './object-name.ts'

export type Json = Record<string, unknown>

/** Answered within a reply of its own, as Jolokia does: HTTP says 200. */
export class JolokiaError extends Error {
  override readonly name = 'JolokiaError'
  readonly status: number
  readonly errorType: string
  constructor(status: number, errorType: string, message: string) {
    super(message)
    this.status = status
    this.errorType = errorType
  }
}

/** Nothing that can be answered within the protocol: HTTP itself says 400, in plain text. */
export class UnreadableRequest extends Error {
  override readonly name = 'UnreadableRequest'
}

const BAD_ARGUMENT = 'java.lang.IllegalArgumentException'
export const INSTANCE_NOT_FOUND = 'javax.management.InstanceNotFoundException'
export const ATTRIBUTE_NOT_FOUND = 'javax.management.AttributeNotFoundException'

export function fail(status: number, errorType: string, message: string): never {
  throw new JolokiaError(status, errorType, message)
}

export const badArgument = (message: string): never => fail(400, BAD_ARGUMENT, message)

/** A bean's name as asked for; `text` is canonical. */
export interface BeanName {
  readonly text: string
  readonly asked: string
  readonly parsed: ObjectName
  readonly isPattern: boolean
}

export interface JolokiaRequest {
  readonly type: string
  readonly mbean?: BeanName
  /** One by name, several, or all where it is left out. */
  readonly attribute?: string | readonly string[]
  readonly path: readonly string[]
  /** As it was asked for, for the reply. */
  readonly echo: Json
}

/** How an answer is made; 0 of a limit is none. */
export interface Processing {
  readonly maxDepth: number
  readonly maxCollectionSize: number
  readonly maxObjects: number
  readonly ignoresErrors: boolean
  /** Keys of names in order of the alphabet; else as Kafka has them. */
  readonly isCanonical: boolean
  /** As it was given: `secondsOf` reads it. */
  readonly ifModifiedSince: string | null
  readonly includesRequest: boolean
  readonly includesStackTrace: boolean
  readonly serializesException: boolean
  readonly mimeType: string
}

const DEFAULTS: Processing = {
  maxDepth: 0,
  maxCollectionSize: 0,
  maxObjects: 0,
  ignoresErrors: false,
  isCanonical: true,
  ifModifiedSince: null,
  includesRequest: true,
  includesStackTrace: false,
  serializesException: false,
  mimeType: 'application/json',
}
const MIME_TYPES = ['application/json', 'text/plain']

/** From the query, and of a body's `config` over that. */
export function processingOf(query: URLSearchParams, config: unknown): Processing {
  const own = isObject(config) ? config : {}
  if (query.size === 0 && Object.keys(own).length === 0) return DEFAULTS
  const text = (name: string): string | null => {
    const value = own[name]
    return value === undefined || value === null ? query.get(name) : String(value)
  }
  const limit = (name: string): number => {
    const value = text(name)
    if (value === null) return 0
    if (!/^\d{1,9}$/.test(value)) throw new UnreadableRequest(`Invalid value of ${name} parameter`)
    return Number(value)
  }
  // What a body wishes comes too late for the agent, too.
  const mimeType = query.get('mimeType') ?? DEFAULTS.mimeType
  if (!MIME_TYPES.includes(mimeType)) {
    throw new UnreadableRequest('Invalid value of mimeType parameter')
  }
  return {
    maxDepth: limit('maxDepth'),
    maxCollectionSize: limit('maxCollectionSize'),
    maxObjects: limit('maxObjects'),
    ignoresErrors: text('ignoreErrors') === 'true',
    isCanonical: text('canonicalNaming') !== 'false',
    ifModifiedSince: text('ifModifiedSince'),
    includesRequest: text('includeRequest') !== 'false',
    includesStackTrace: text('includeStackTrace') === 'true',
    serializesException: text('serializeException') === 'true',
    mimeType,
  }
}

/** Since the epoch. As the agent, which reads Java's int. */
export function secondsOf(text: string): number {
  const seconds = Number(text)
  if (/^-?\d+$/.test(text) && seconds < 2 ** 31) return seconds
  return fail(400, 'java.lang.NumberFormatException', `For input string: "${text}"`)
}

/** `!` takes the character behind it as it is, in paths too: `!/` is a slash within an element. */
function pathElements(path: string): string[] {
  const elements: string[] = []
  let element = ''
  for (let index = 0; index < path.length; index++) {
    const character = path.charAt(index)
    if (character === '!' && index + 1 < path.length) {
      index += 1
      element += path.charAt(index)
    } else if (character === '/') {
      elements.push(element)
      element = ''
    } else element += character
  }
  elements.push(element)
  return elements
}

/** `read/<mbean>/<attribute,…>/<inner path>` and the like, percent signs undone before. */
export function requestOfPath(path: string): JolokiaRequest {
  const parts = pathElements(path.replace(/^\/+|\/+$/g, ''))
  const [type = '', ...rest] = parts[0] === '' ? ['version'] : parts
  const [mbean, attributes, ...inner] = rest
  switch (type) {
    case 'read': {
      if (mbean === undefined) return badArgument('Invalid arguments in pathinfo read')
      const names = attributes?.split(',').filter((name) => name !== '') ?? []
      const attribute = names.length === 1 ? names[0] : names
      return newRequest({ type, mbean, attribute, path: inner })
    }
    case 'search':
      if (mbean === undefined) return badArgument('Invalid arguments in pathinfo search')
      return newRequest({ type, mbean })
    case 'exec':
    case 'write':
      return newRequest({ type, mbean })
    default:
      return newRequest({ type, path: rest })
  }
}

/** Of a body, or of one in a list of them. */
export function requestOfBody({ type, mbean, attribute, path }: Json): JolokiaRequest {
  if (typeof type !== 'string') return badArgument('No type given')
  const inner = typeof path === 'string' && path !== '' ? pathElements(path) : []
  return newRequest({ type: type.toLowerCase(), mbean, attribute, path: inner }, path)
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const TYPES = ['read', 'list', 'search', 'version', 'exec', 'write', 'notification']

function newRequest(
  asked: { type: string; mbean?: unknown; attribute?: unknown; path?: readonly string[] },
  pathText?: unknown,
): JolokiaRequest {
  const { type, path = [] } = asked
  if (!TYPES.includes(type)) throw new UnreadableRequest(`No type with name '${type}' exists`)
  const echo: Json = { type }
  const inner = path.filter((element) => element !== '')
  if (inner.length > 0) echo.path = typeof pathText === 'string' ? pathText : inner.join('/')
  if (type !== 'read' && type !== 'search' && type !== 'exec' && type !== 'write') {
    return { type, path: inner, echo }
  }
  const mbean = beanName(asked.mbean)
  echo.mbean = mbean.text
  const attribute = attributesOf(asked.attribute)
  if (attribute === undefined) return { type, mbean, path: inner, echo }
  echo.attribute =
    typeof attribute !== 'string' && attribute.length === 1 ? attribute[0] : attribute
  return { type, mbean, attribute, path: inner, echo }
}

function attributesOf(attribute: unknown): string | readonly string[] | undefined {
  if (attribute === undefined || attribute === null || attribute === '') return undefined
  if (typeof attribute === 'string') return attribute
  if (!Array.isArray(attribute)) return badArgument('Attribute names must be text or a list of it')
  return attribute.length === 0 ? undefined : attribute.map(String)
}

/** Names asked for come again each second: they are taken apart once. Begun anew when full. */
const names = new Map<string, BeanName>()
const MAX_NAMES = 10_000
/** A body of 1 MB may be one name: what is longer than a bean's name is not kept. */
const MAX_KEPT_CHARACTERS = 1000

function beanName(mbean: unknown): BeanName {
  if (typeof mbean !== 'string') return badArgument('Object name can not be null')
  let name = names.get(mbean)
  if (name === undefined) {
    const parsed = parseObjectName(mbean)
    if (parsed === null) return badArgument(`Invalid object name ${mbean}`)
    name = { text: canonicalName(mbean), asked: mbean, parsed, isPattern: isPattern(parsed) }
    if (mbean.length > MAX_KEPT_CHARACTERS) return name
    if (names.size >= MAX_NAMES) names.clear()
    names.set(mbean, name)
  }
  return name
}
