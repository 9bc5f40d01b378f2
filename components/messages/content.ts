import { isLosslessNumber, parse, stringify } from 'lossless-json'
import type { ContentFormat, Message } from '../../contracts/messages.ts'

export type JsonNode =
  | { readonly kind: 'object'; readonly entries: readonly (readonly [string, JsonNode])[] }
  | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'literal'; readonly text: string }

const nodeOf = (value: unknown): JsonNode => {
  if (isLosslessNumber(value)) return { kind: 'number', text: value.value }
  if (typeof value === 'string') return { kind: 'string', text: value }
  if (Array.isArray(value)) return { kind: 'array', items: value.map(nodeOf) }
  if (typeof value === 'object' && value !== null) {
    return {
      kind: 'object',
      entries: Object.entries(value).map(([key, child]) => [key, nodeOf(child)] as const),
    }
  }
  return { kind: 'literal', text: String(value) }
}

/** Numbers keep the digits that were written; null when the text is not JSON (it may be cut). */
export const jsonTree = (text: string): JsonNode | null => {
  try {
    return nodeOf(parse(text))
  } catch {
    return null
  }
}

/** Indented, with every number as it was written; the text itself when it is not JSON. */
export const prettyJson = (text: string): string => {
  try {
    return stringify(parse(text), undefined, 2) ?? text
  } catch {
    return text
  }
}

export const contentBytes = (content: string, format: ContentFormat): Uint8Array => {
  if (format !== 'binary') return new TextEncoder().encode(content)
  const binary = atob(content)
  return Uint8Array.from(binary, (char) => char.charCodeAt(0))
}

export type HexLine = { readonly at: string; readonly hex: string; readonly text: string }

const printable = (byte: number): string =>
  byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·'

/** Sixteen bytes a line, as `hexdump -C` has them. */
export const hexLines = (bytes: Uint8Array, limit = 16_384): readonly HexLine[] => {
  const lines: HexLine[] = []
  for (let at = 0; at < Math.min(bytes.length, limit); at += 16) {
    const row = [...bytes.subarray(at, at + 16)]
    const pairs = row.map((byte) => byte.toString(16).padStart(2, '0'))
    lines.push({
      at: at.toString(16).padStart(8, '0'),
      hex: `${pairs.slice(0, 8).join(' ').padEnd(23)}  ${pairs.slice(8).join(' ').padEnd(23)}`,
      text: row.map(printable).join(''),
    })
  }
  return lines
}

const oneLineJson = (text: string): string => {
  if (!/[\r\n]/.test(text)) return text
  try {
    return stringify(parse(text)) ?? JSON.stringify(text)
  } catch {
    return JSON.stringify(text)
  }
}

const jsonOf = (content: string | null, format: ContentFormat): string => {
  if (content === null || format === 'null') return 'null'
  return format === 'json' ? oneLineJson(content) : JSON.stringify(content)
}

const lineOf = (message: Message): string => {
  const headers = message.headers.map(
    (header) =>
      `{"key":${JSON.stringify(header.key)},"value":${jsonOf(header.value, header.format)},"format":"${header.format}"}`,
  )
  return (
    `{"partition":${message.partition},"offset":${message.offset},"timestamp":${message.timestamp},` +
    `"key":${jsonOf(message.key, message.keyFormat)},"keyFormat":"${message.keyFormat}",` +
    `"value":${jsonOf(message.value, message.valueFormat)},"valueFormat":"${message.valueFormat}",` +
    `"headers":[${headers.join(',')}]}`
  )
}

/** One JSON object a line; JSON contents go in verbatim, so that 64-bit integers keep every digit. */
export const messagesJsonLines = (messages: readonly Message[]): string =>
  messages.map((message) => `${lineOf(message)}\n`).join('')

const PREVIEW_CHARACTERS = 240

/** One line of it, for a list. */
export const previewOf = (content: string | null, format: ContentFormat): string => {
  if (content === null || format === 'null') return ''
  if (format !== 'binary') return content.slice(0, PREVIEW_CHARACTERS).replace(/\s+/g, ' ')
  const pairs = [...contentBytes(content.slice(0, 64), 'binary')]
  return `0x${pairs.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
}
