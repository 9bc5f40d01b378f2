// MBean object names as JMX has them: `domain:key=value,…`, keys in any order, values perhaps quoted, `*` and `?`
// in patterns. Pure.

export interface ObjectName {
  domain: string
  keys: ReadonlyMap<string, string>
  /** Ends in `,*`: other keys may be there too. */
  isOpen: boolean
}

/** null when it is none. */
export function parseObjectName(name: string): ObjectName | null {
  const colon = name.indexOf(':')
  if (colon < 0) return null
  const keys = new Map<string, string>()
  let isOpen = false
  for (const property of splitProperties(name.slice(colon + 1))) {
    if (property === '*') {
      isOpen = true
      continue
    }
    const equals = property.indexOf('=')
    if (equals < 1) return null
    keys.set(property.slice(0, equals), property.slice(equals + 1))
  }
  return keys.size === 0 && !isOpen ? null : { domain: name.slice(0, colon), keys, isOpen }
}

/** Commas inside a quoted value do not part. */
function splitProperties(list: string): string[] {
  const parts: string[] = []
  let start = 0
  let isQuoted = false
  for (let index = 0; index < list.length; index++) {
    const character = list.charAt(index)
    if (character === '\\' && isQuoted) index += 1
    else if (character === '"') isQuoted = !isQuoted
    else if (character === ',' && !isQuoted) {
      parts.push(list.slice(start, index))
      start = index + 1
    }
  }
  parts.push(list.slice(start))
  return parts
}

/** Keys in order of the alphabet; a name that is none stays as it is. */
export function canonicalName(name: string): string {
  const parsed = parseObjectName(name)
  if (!parsed) return name
  const keys = [canonicalKeys(parsed.keys), parsed.isOpen ? '*' : '']
  return `${parsed.domain}:${keys.filter((part) => part !== '').join(',')}`
}

function canonicalKeys(keys: ReadonlyMap<string, string>): string {
  return [...keys]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
}

/** As Kafka registers them; other keys follow in order of the alphabet. */
const USUAL_ORDER = [
  'type',
  'name',
  'request',
  'error',
  'version',
  'clientId',
  'brokerHost',
  'brokerPort',
  'topic',
  'partition',
]

/** The keys of a canonical name in the order in which Kafka has them. */
export function usualName(name: string): string {
  const parsed = parseObjectName(name)
  if (!parsed) return name
  const rank = (key: string) => {
    const index = USUAL_ORDER.indexOf(key)
    return index < 0 ? USUAL_ORDER.length : index
  }
  const keys = [...parsed.keys].sort(([left], [right]) => rank(left) - rank(right))
  return `${parsed.domain}:${keys.map(([key, value]) => `${key}=${value}`).join(',')}`
}

export function isPattern(name: ObjectName): boolean {
  return name.isOpen || /[*?]/.test(name.domain) || [...name.keys.values()].some(hasWildcard)
}

function hasWildcard(value: string): boolean {
  return /[*?]/.test(value.replace(/\\[*?]/g, ''))
}

/** A test for names that `pattern` takes in. */
export function nameMatcher(pattern: ObjectName): (name: ObjectName) => boolean {
  const keys = [...pattern.keys]
  return (name) => {
    if (!matchesGlob(pattern.domain, name.domain)) return false
    if (!pattern.isOpen && name.keys.size !== keys.length) return false
    return keys.every(([key, value]) => {
      const actual = name.keys.get(key)
      return actual !== undefined && matchesGlob(value, actual)
    })
  }
}

/** `*` is any text, `?` one character. Never more steps than one length times the other: anybody may ask. */
function matchesGlob(glob: string, text: string): boolean {
  let inGlob = 0
  let inText = 0
  let star = -1
  let starEnd = 0
  while (inText < text.length) {
    const wanted = glob[inGlob]
    if (wanted === '*') {
      star = inGlob
      starEnd = inText
      inGlob += 1
    } else if (wanted === '?' || wanted === text[inText]) {
      inGlob += 1
      inText += 1
    } else if (star >= 0) {
      // The last star takes one more; what stars before it took need not change.
      starEnd += 1
      inGlob = star + 1
      inText = starEnd
    } else return false
  }
  while (glob[inGlob] === '*') inGlob += 1
  return inGlob === glob.length
}
