// Parsing and validating configuration values as Kafka's ConfigDef does, with its error messages: a value that
// Kafka takes is taken, one that it refuses is refused in the same words. Pure.
import type { ConfigType } from './definition-row.ts'

export type ConfigValue = string | number | boolean | readonly string[]

export type ParseResult = { value: ConfigValue; text: string } | { error: string }

const INTEGER = /^[+-]?\d+$/
const DOUBLE = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[fFdD]?$/

const INTEGER_BITS = { SHORT: 16n, INT: 32n, LONG: 64n } as const

/** Reads `raw` as `type`; `text` is the value as Kafka prints it once parsed. */
export function parseConfigValue(name: string, type: ConfigType, raw: string): ParseResult {
  const trimmed = raw.trim()
  switch (type) {
    case 'BOOLEAN': {
      const lower = trimmed.toLowerCase()
      if (lower === 'true' || lower === 'false') return { value: lower === 'true', text: lower }
      return invalid(name, raw, 'Expected value to be either true or false')
    }
    case 'SHORT':
    case 'INT':
    case 'LONG':
      return parseInteger(name, type, raw, trimmed)
    case 'DOUBLE': {
      if (!DOUBLE.test(trimmed)) return invalid(name, raw, 'Not a number of type DOUBLE')
      const value = Number(trimmed.replace(/[fFdD]$/, ''))
      return { value, text: javaDouble(value) }
    }
    case 'LIST': {
      const items = trimmed === '' ? [] : trimmed.split(/\s*,\s*/)
      return { value: items, text: items.join(',') }
    }
    case 'STRING':
    case 'CLASS':
    case 'PASSWORD':
      return { value: trimmed, text: trimmed }
  }
}

function parseInteger(
  name: string,
  type: 'SHORT' | 'INT' | 'LONG',
  raw: string,
  trimmed: string,
): ParseResult {
  const refused = () => invalid(name, raw, `Not a number of type ${type}`)
  if (!INTEGER.test(trimmed)) return refused()
  const exact = BigInt(trimmed.replace(/^\+/, ''))
  if (BigInt.asIntN(Number(INTEGER_BITS[type]), exact) !== exact) return refused()
  const value = Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Number(exact)))
  return { value, text: exact.toString() }
}

function invalid(name: string, shown: string, reason: string): { error: string } {
  return { error: `Invalid value ${shown} for configuration ${name}: ${reason}` }
}

/** Java's Double.toString. */
function javaDouble(value: number): string {
  const magnitude = Math.abs(value)
  if (magnitude !== 0 && (magnitude < 1e-3 || magnitude >= 1e7)) {
    const [mantissa = '0', exponent = '0'] = value.toExponential().split('e')
    const digits = mantissa.includes('.') ? mantissa : `${mantissa}.0`
    return `${digits}E${exponent.replace('+', '')}`
  }
  return Number.isInteger(value) ? `${value}.0` : String(value)
}

const RANGE = /^\[(-?[\d.]*?),\.\.\.(?:,(-?[\d.]+))?\]( or -1)?$/
const ONE_OF = /^(\(case insensitive\) )?\[(.+)\]$/
const THROTTLED_REPLICAS = '[partitionId]:[brokerId],[partitionId]:[brokerId],...'
const DURATION = 'by_duration:PnDTnHnMn.nS'

/**
 * Checks a parsed value against `validator`, which is in Kafka's notation ('[1,...]', '[a, b]', …).
 * Null when it is accepted, else Kafka's message.
 */
export function checkConfigValue(
  name: string,
  validator: string,
  parsed: { value: ConfigValue; text: string },
): string | null {
  if (validator === '') return null
  if (validator === THROTTLED_REPLICAS) return checkThrottledReplicas(name, parsed.value)
  if (validator.startsWith('non-empty')) {
    return parsed.text === '' && validator === 'non-empty string'
      ? invalid(name, parsed.text, 'String must be non-empty').error
      : null
  }
  if (validator === 'non-null string') return null
  const range = RANGE.exec(validator)
  if (range) return checkRange(name, { min: range[1], max: range[2], orMinusOne: range[3] }, parsed)
  const oneOf = ONE_OF.exec(validator)
  if (!oneOf) return null
  return checkOneOf(name, oneOf[2] ?? '', oneOf[1] !== undefined, parsed)
}

function checkRange(
  name: string,
  range: { min?: string | undefined; max?: string | undefined; orMinusOne?: string | undefined },
  { value, text }: { value: ConfigValue; text: string },
): string | null {
  const number = value as number
  const { min, max } = range
  if (range.orMinusOne !== undefined) {
    if (number === -1 || (number >= Number(min) && number <= Number(max))) return null
    return invalid(name, text, `Value must be between ${min} and ${max} or equal to -1`).error
  }
  if (min !== undefined && number < Number(min)) {
    return invalid(name, text, `Value must be at least ${min}`).error
  }
  if (max !== undefined && number > Number(max)) {
    return invalid(name, text, `Value must be no more than ${max}`).error
  }
  return null
}

function checkOneOf(
  name: string,
  list: string,
  ignoresCase: boolean,
  { value, text }: { value: ConfigValue; text: string },
): string | null {
  const allowed = list.split(', ')
  const fold = (item: string) => (ignoresCase ? item.toUpperCase() : item)
  const allowedFolded = new Set(allowed.map(fold))
  const items = Array.isArray(value) ? (value as readonly string[]) : [text]
  for (const item of items) {
    if (item === '' && Array.isArray(value)) {
      return `Configuration '${name}' values must not be empty.`
    }
    if (allowedFolded.has(fold(item))) continue
    if (allowed.includes(DURATION) && /^by_duration:P/.test(item)) continue
    const among = ignoresCase ? 'String must be one of (case insensitive)' : 'String must be one of'
    return invalid(name, item, `${among}: ${allowed.join(', ')}`).error
  }
  return null
}

function checkThrottledReplicas(name: string, value: ConfigValue): string | null {
  const items = value as readonly string[]
  if (items.length === 1 && items[0] === '*') return null
  if (items.every((item) => /^(\d+:\d+)?$/.test(item))) return null
  const reason =
    `${name} must be the literal '*' or a list of replicas in the following format: ` +
    THROTTLED_REPLICAS
  return invalid(name, `[${items.join(', ')}]`, reason).error
}
