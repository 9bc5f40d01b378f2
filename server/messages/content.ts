import type { ContentFormat, Message, MessageHeader } from '../../contracts/messages.ts'
import { codecNames } from '../../protocol/compression/index.ts'
import type { DecodedRecord } from '../../protocol/records/read.ts'

export interface ScannedRecord {
  readonly partition: number
  readonly record: DecodedRecord
  readonly isAppendTime: boolean
  /** Of the batch, 0 to 4. */
  readonly codec: number
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
// Text that people wrote has no control characters but tab and line ends.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/

interface Content {
  readonly text: string | null
  readonly format: ContentFormat
  readonly isTruncated: boolean
}

/**
 * Bytes for people: JSON (objects and arrays) and text verbatim, so that every digit of a 64-bit
 * integer stays; anything else as base64. What is longer than `maxBytes` is cut, JSON then is text.
 */
export function contentOf(bytes: Buffer | null, maxBytes: number): Content {
  if (bytes === null) return { text: null, format: 'null', isTruncated: false }
  const isTruncated = bytes.length > maxBytes
  const shown = isTruncated ? cutUtf8(bytes, maxBytes) : bytes
  const text = textOf(shown)
  if (text === null) return { text: shown.toString('base64'), format: 'binary', isTruncated }
  const format = !isTruncated && isJsonDocument(text) ? 'json' : 'text'
  return { text, format, isTruncated }
}

function textOf(bytes: Buffer): string | null {
  try {
    const text = utf8.decode(bytes)
    return CONTROL.test(text) ? null : text
  } catch {
    // Not UTF-8: binary.
    return null
  }
}

/** At most `maxBytes`, not ending inside a character. */
function cutUtf8(bytes: Buffer, maxBytes: number): Buffer {
  let end = maxBytes
  // Continuation bytes are 10xxxxxx; a character has at most three.
  while (end > maxBytes - 4 && end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return bytes.subarray(0, end)
}

function isJsonDocument(text: string): boolean {
  const first = /\S/.exec(text)?.[0]
  if (first !== '{' && first !== '[') return false
  try {
    JSON.parse(text)
    return true
  } catch {
    // It only looked like it.
    return false
  }
}

export function messageOf(scanned: ScannedRecord, maxBytes: number): Message {
  const { record, partition } = scanned
  const key = contentOf(record.key, maxBytes)
  const value = contentOf(record.value, maxBytes)
  let headerBytes = 0
  const headers = record.headers.map((header): MessageHeader => {
    headerBytes += Buffer.byteLength(header.key) + (header.value?.length ?? 0)
    const content = contentOf(header.value, maxBytes)
    return { key: header.key, value: content.text, format: content.format }
  })
  const keySizeBytes = record.key?.length ?? 0
  const valueSizeBytes = record.value?.length ?? 0
  return {
    partition,
    offset: record.offset,
    timestamp: record.timestampMs,
    timestampType: scanned.isAppendTime ? 'append' : 'create',
    key: key.text,
    keyFormat: key.format,
    value: value.text,
    valueFormat: value.format,
    headers,
    keySizeBytes,
    valueSizeBytes,
    sizeBytes: keySizeBytes + valueSizeBytes + headerBytes,
    compression: codecNames[scanned.codec] ?? 'none',
    isTruncated: key.isTruncated || value.isTruncated,
  }
}
