// Reads a server.properties: Java's properties format, Kafka's names. A bad value is an error that names file,
// line and key; an unknown key is a warning with the nearest known name. Called once at start. Pure.
import { brokerConfigs, canonicalConfigText, validateBrokerConfig } from './definitions.ts'

export interface Property {
  key: string
  value: string
  /** Counted from 1; the first line of a continued one. */
  line: number
}

export class ConfigFileError extends Error {
  override readonly name = 'ConfigFileError'
}

export interface ServerProperties {
  path: string
  /** As Kafka prints the parsed values; the last of a repeated key wins. */
  values: ReadonlyMap<string, string>
  lines: ReadonlyMap<string, number>
  warnings: readonly string[]
}

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' }

/** Java's Properties.load: comments, continued lines, escapes, `=`, `:` or blanks between key and value. */
export function parseProperties(text: string): Property[] {
  const properties: Property[] = []
  const lines = text.split(/\r\n|\r|\n/)
  for (let index = 0; index < lines.length; index++) {
    const line = index + 1
    let logical = (lines[index] ?? '').trimStart()
    if (logical === '' || logical.startsWith('#') || logical.startsWith('!')) continue
    while (endsInOddBackslashes(logical) && index + 1 < lines.length) {
      index += 1
      logical = logical.slice(0, -1) + (lines[index] ?? '').trimStart()
    }
    properties.push({ ...splitProperty(logical), line })
  }
  return properties
}

function endsInOddBackslashes(text: string): boolean {
  const match = /\\+$/.exec(text)
  return match !== null && match[0].length % 2 === 1
}

function splitProperty(logical: string): { key: string; value: string } {
  let end = 0
  while (end < logical.length && !/[=:\s]/.test(logical.charAt(end))) {
    end += logical.charAt(end) === '\\' ? 2 : 1
  }
  const rest = logical.slice(end).replace(/^\s*[=:]?\s*/, '')
  return { key: unescapeText(logical.slice(0, end)), value: unescapeText(rest) }
}

function unescapeText(text: string): string {
  return text.replace(/\\(u[0-9a-fA-F]{4}|[\s\S]|$)/g, (_, escaped: string) => {
    if (escaped.length === 5) return String.fromCharCode(Number.parseInt(escaped.slice(1), 16))
    return ESCAPES[escaped] ?? escaped
  })
}

/** Checks every property of the file at `path`; throws ConfigFileError naming all bad ones. */
export function readServerProperties(path: string, text: string): ServerProperties {
  const values = new Map<string, string>()
  const lines = new Map<string, number>()
  const warnings: string[] = []
  const errors: string[] = []
  for (const { key, value, line } of parseProperties(text)) {
    const definition = brokerConfigs.get(key)
    if (!definition && !key.startsWith('listener.name.')) {
      const nearest = nearestName(key)
      const hint = nearest === null ? '' : `; did you mean ${nearest}?`
      warnings.push(`${path}:${line}: unknown configuration ${key}${hint}`)
    }
    const error = validateBrokerConfig(key, value)
    if (error !== null) errors.push(`${path}:${line}: ${key}: ${error}`)
    values.set(key, definition ? canonicalConfigText(definition.type, value) : value)
    lines.set(key, line)
  }
  for (const definition of brokerConfigs.values()) {
    if (definition.isRequired && !values.has(definition.name)) {
      errors.push(
        `${path}: ${definition.name}: Missing required configuration "${definition.name}" ` +
          'which has no default value.',
      )
    }
  }
  if (errors.length > 0) throw new ConfigFileError(errors.join('\n'))
  return { path, values, lines, warnings }
}

/** The known name that the fewest edits turn `key` into, null when none is near. */
export function nearestName(key: string): string | null {
  let best: string | null = null
  let bestDistance = Math.max(2, Math.floor(key.length / 4)) + 1
  for (const definition of brokerConfigs.values()) {
    if (definition.updateMode === 'internal') continue
    if (Math.abs(definition.name.length - key.length) >= bestDistance) continue
    const distance = editDistance(key, definition.name)
    if (distance < bestDistance) {
      best = definition.name
      bestDistance = distance
    }
  }
  return best
}

function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let row = 1; row <= left.length; row++) {
    const current = [row]
    for (let column = 1; column <= right.length; column++) {
      const isSame = left.charCodeAt(row - 1) === right.charCodeAt(column - 1)
      current.push(
        Math.min(
          (previous[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (previous[column - 1] ?? 0) + (isSame ? 0 : 1),
        ),
      )
    }
    previous = current
  }
  return previous[right.length] ?? 0
}
