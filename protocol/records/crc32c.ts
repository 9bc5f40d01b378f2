// CRC-32C (Castagnoli), as record batches carry it. Native where a build exists, else slice-by-8.
import { createRequire } from 'node:module'

type Crc = (data: Uint8Array) => number

const POLYNOMIAL = 0x82f63b78

function makeTables(): Uint32Array {
  const tables = new Uint32Array(8 * 256)
  for (let i = 0; i < 256; i++) {
    let crc = i
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
    tables[i] = crc >>> 0
  }
  for (let i = 256; i < 8 * 256; i++) {
    const previous = tables[i - 256] as number
    tables[i] = ((tables[previous & 0xff] as number) ^ (previous >>> 8)) >>> 0
  }
  return tables
}

/** Slice-by-8 in JavaScript. */
export function makePortableCrc32c(): Crc {
  const tables = makeTables()
  const at = (slice: number, byte: number): number => tables[slice * 256 + (byte & 0xff)] as number
  return (data) => {
    let crc = ~0
    let i = 0
    for (const end = data.length - 7; i < end; i += 8) {
      const low =
        crc ^
        ((data[i] as number) |
          ((data[i + 1] as number) << 8) |
          ((data[i + 2] as number) << 16) |
          ((data[i + 3] as number) << 24))
      crc =
        at(7, low) ^
        at(6, low >>> 8) ^
        at(5, low >>> 16) ^
        at(4, low >>> 24) ^
        at(3, data[i + 4] as number) ^
        at(2, data[i + 5] as number) ^
        at(1, data[i + 6] as number) ^
        at(0, data[i + 7] as number)
    }
    for (; i < data.length; i++) crc = at(0, crc ^ (data[i] as number)) ^ (crc >>> 8)
    return ~crc >>> 0
  }
}

function load(): Crc {
  try {
    const native = createRequire(import.meta.url)('@node-rs/crc32') as { crc32c: Crc }
    // A build for another platform may load and then fail: ask it the check value first.
    if (native.crc32c(Buffer.from('123456789')) === 0xe3069283) return (data) => native.crc32c(data)
  } catch {
    return makePortableCrc32c()
  }
  return makePortableCrc32c()
}

/** Unsigned 32 bits. */
export const crc32c: Crc = load()
