// The transaction index of one segment: aborted transactions whose end marker lies in it. Pure.
//
// 34 bytes an entry, big endian: version i16 (0), producerId i64, firstOffset i64, lastOffset i64 (of the
// marker), lastStableOffset i64 (when the marker came). The file exists only once there is an entry.
import type { AbortedTransaction } from './types.ts'

export const TRANSACTION_ENTRY_BYTES = 34
const VERSION = 0

export interface AbortedEntry extends AbortedTransaction {
  lastOffset: number
  lastStableOffset: number
}

export function encodeAborted(entry: AbortedEntry): Buffer {
  const bytes = Buffer.alloc(TRANSACTION_ENTRY_BYTES)
  bytes.writeInt16BE(VERSION, 0)
  bytes.writeBigInt64BE(BigInt(entry.producerId), 2)
  bytes.writeBigInt64BE(BigInt(entry.firstOffset), 10)
  bytes.writeBigInt64BE(BigInt(entry.lastOffset), 18)
  bytes.writeBigInt64BE(BigInt(entry.lastStableOffset), 26)
  return bytes
}

/** All whole entries; stops at one of another version. */
export function decodeAborted(file: Buffer): AbortedEntry[] {
  const entries: AbortedEntry[] = []
  for (let at = 0; at + TRANSACTION_ENTRY_BYTES <= file.length; at += TRANSACTION_ENTRY_BYTES) {
    if (file.readInt16BE(at) !== VERSION) break
    entries.push({
      producerId: Number(file.readBigInt64BE(at + 2)),
      firstOffset: Number(file.readBigInt64BE(at + 10)),
      lastOffset: Number(file.readBigInt64BE(at + 18)),
      lastStableOffset: Number(file.readBigInt64BE(at + 26)),
    })
  }
  return entries
}

/** Those that touch [startOffset, endOffsetExclusive). */
export function abortedIn(
  entries: readonly AbortedEntry[],
  startOffset: number,
  endOffsetExclusive: number,
): AbortedTransaction[] {
  return entries
    .filter((entry) => entry.lastOffset >= startOffset && entry.firstOffset < endOffsetExclusive)
    .map(({ producerId, firstOffset }) => ({ producerId, firstOffset }))
}
