// Snappy as Kafka's clients write it: raw blocks, or blocks in the framing of snappy-java (xerial):
// magic 82 'S' 'N' 'A' 'P' 'P' 'Y' 00, version i32, compatible i32, then (length i32, block)*.
import { createRequire } from 'node:module'
import { SchemaError } from '../primitives.ts'

interface Snappy {
  compress(data: Uint8Array): Promise<Buffer>
  uncompress(data: Uint8Array, options: { asBuffer: true }): Promise<Buffer>
}

const require = createRequire(import.meta.url)
const snappy = (): Snappy => require('snappy') as Snappy

const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0])
const XERIAL_HEADER_BYTES = 16
const BLOCK_BYTES = 32 * 1024

/** A raw block starts with its uncompressed size as an unsigned varint. */
function uncompressedSize(block: Buffer): number {
  let size = 0
  for (let i = 0; i < 5; i++) {
    const byte = block[i]
    if (byte === undefined) break
    size += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) return size
  }
  throw new SchemaError('a snappy block without its size')
}

function blocksOf(data: Buffer): Buffer[] {
  if (!data.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return [data]
  const blocks: Buffer[] = []
  for (let at = XERIAL_HEADER_BYTES; at < data.length; ) {
    if (at + 4 > data.length) throw new SchemaError('a snappy frame that is cut off')
    const length = data.readInt32BE(at)
    if (length < 0 || at + 4 + length > data.length) {
      throw new SchemaError('a snappy frame that is cut off')
    }
    blocks.push(data.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return blocks
}

export async function snappyDecode(data: Buffer, maxBytes: number): Promise<Buffer> {
  const blocks = blocksOf(data)
  let total = 0
  for (const block of blocks) total += uncompressedSize(block)
  if (total > maxBytes) throw new SchemaError(`snappy data of ${total} bytes`)
  const parts: Buffer[] = []
  for (const block of blocks) parts.push(await snappy().uncompress(block, { asBuffer: true }))
  const [only] = parts
  return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts)
}

/** In snappy-java's framing, which every client reads. */
export async function snappyEncode(data: Buffer): Promise<Buffer> {
  const header = Buffer.alloc(XERIAL_HEADER_BYTES)
  XERIAL_MAGIC.copy(header)
  header.writeInt32BE(1, 8)
  header.writeInt32BE(1, 12)
  const parts: Buffer[] = [header]
  for (let at = 0; at < data.length; at += BLOCK_BYTES) {
    const block = await snappy().compress(data.subarray(at, at + BLOCK_BYTES))
    const length = Buffer.alloc(4)
    length.writeInt32BE(block.length)
    parts.push(length, block)
  }
  return Buffer.concat(parts)
}
