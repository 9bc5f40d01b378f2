// Jolokia's list: which beans there are, with their attributes and types, whole or from a path on, as deep as asked.
// Beans beyond the depth are not read. No I/O; called by jolokia.ts.
import { badArgument, type Json } from './jolokia-request.ts'
import { canonicalName, isPattern, nameMatcher, parseObjectName, usualName } from './object-name.ts'
import type { Bean, Registry } from './registry.ts'

/** Domain → keys → attributes; `maxDepth` levels of that from the end of the path, 0 for all. */
export function listBeans(
  registry: Registry,
  path: readonly string[],
  options: { maxDepth: number; isCanonical: boolean },
): unknown {
  const { isCanonical } = options
  const depth = options.maxDepth === 0 ? Number.POSITIVE_INFINITY : options.maxDepth
  const [domain, keys, ...inner] = path
  if (domain === undefined) return listDomains(registry, () => true, depth, isCanonical)
  if (keys === undefined) {
    if (/[*?]/.test(domain)) return listDomains(registry, matcherOf(domain), depth, isCanonical)
    const isIt = (each: string) => each === domain
    const domains = listDomains(registry, isIt, depth + 1, isCanonical)
    return Object.hasOwn(domains, domain) ? domains[domain] : {}
  }
  const text = `${domain}:${keys}`
  const name = parseObjectName(text)
  if (name === null) return badArgument(`Invalid object name ${text}`)
  if (isPattern(name)) return badArgument(`Cannot use an MBean pattern as path (given: ${text})`)
  const bean = registry.find(canonicalName(text))
  if (bean === null) return badArgument(`No MBean '${text}' found`)
  return innerOf(bean, inner, depth)
}

function matcherOf(domain: string): (domain: string) => boolean {
  const matches = nameMatcher({ domain, keys: new Map(), isOpen: true })
  return (each) => matches({ domain: each, keys: new Map(), isOpen: false })
}

function listDomains(
  registry: Registry,
  isListed: (domain: string) => boolean,
  depth: number,
  isCanonical: boolean,
): Record<string, unknown> {
  const domains: Record<string, unknown> = {}
  for (const bean of registry.beans()) {
    const domain = bean.name.slice(0, bean.name.indexOf(':'))
    if (!isListed(domain)) continue
    if (depth <= 1) {
      domains[domain] = BEYOND
      continue
    }
    const name = isCanonical ? bean.name : usualName(bean.name)
    domains[domain] ??= {}
    const listed = domains[domain] as Json
    listed[name.slice(domain.length + 1)] = depth <= 2 ? BEYOND : describe(bean, depth - 2)
  }
  return domains
}

/** Stands where something is that lies deeper than was asked for. */
const BEYOND = '1'

function describe(bean: Bean, depth: number): Json {
  const attr: Json = {}
  if (depth > 1) {
    for (const [key, value] of Object.entries(bean.read())) {
      attr[key] = depth > 2 ? describeAttribute(bean, key, value) : BEYOND
    }
  }
  return { attr: depth > 1 ? attr : BEYOND, class: 'eyrie', desc: bean.name }
}

function describeAttribute(bean: Bean, key: string, value: unknown) {
  return { rw: false, type: typeOf(bean, key, value), desc: key }
}

/** Of one bean: `attr`, one attribute, `class` or `desc`. No bean has operations. */
function innerOf(bean: Bean, path: readonly string[], depth: number): unknown {
  const [part, attribute, ...beyond] = path
  if (part === undefined) return describe(bean, depth)
  if (part !== 'attr' && part !== 'class' && part !== 'desc') {
    return badArgument(`Illegal path element ${part}`)
  }
  const described = describe(bean, depth + (attribute === undefined ? 1 : 2))[part]
  if (attribute === undefined) return described
  if (part !== 'attr') return badArgument(`Illegal path element ${attribute}`)
  const attributes = described as Json
  if (!Object.hasOwn(attributes, attribute)) return badArgument(`No attribute ${attribute}`)
  if (beyond.length > 0) return badArgument(`Path contains extra elements [${beyond.join(', ')}]`)
  return attributes[attribute]
}

/** When the names of all beans last changed, as far as anybody asked; kept for each registry. */
const known = new WeakMap<Registry, { hash: number; changedS: number }>()

/** Whether beans came or went after `sinceS`, both in seconds since the epoch; in doubt they did. */
export function hasChanged(registry: Registry, sinceS: number, nowS: number): boolean {
  let hash = 0
  for (const { name } of registry.beans()) {
    for (let index = 0; index < name.length; index++) {
      hash = (Math.imul(hash, 31) + name.charCodeAt(index)) | 0
    }
  }
  let last = known.get(registry)
  if (last === undefined || last.hash !== hash) {
    last = { hash, changedS: nowS }
    known.set(registry, last)
  }
  return last.changedS > sinceS
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
