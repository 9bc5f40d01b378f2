// Record batches for the fuzzer: sound ones, and such as a broken or hostile client sends.
import { buildBatch } from '../../protocol/records/build.ts'
import type { SeededRandom } from '../support/memory-runtime.ts'

const START_MS = 1_700_000_000_000

export function randomRecords(random: SeededRandom): Buffer | null {
  const roll = random.next()
  if (roll < 0.05) return null
  if (roll < 0.1) return Buffer.from(Array.from({ length: random.int(200) }, () => random.int(256)))
  const batches = Array.from({ length: 1 + (random.next() < 0.1 ? random.int(3) : 0) }, () =>
    randomBatch(random),
  )
  const records = Buffer.concat(batches)
  if (random.next() < 0.4) mutate(random, records)
  if (random.next() < 0.1) return records.subarray(0, random.int(records.length + 1))
  return records
}

function randomBatch(random: SeededRandom): Buffer {
  const count = 1 + random.int(4)
  const isIdempotent = random.next() < 0.5
  const batch = buildBatch({
    records: Array.from({ length: count }, (_, index) => ({
      key: random.next() < 0.3 ? null : Buffer.from(`k${index}`),
      value: random.next() < 0.1 ? null : Buffer.alloc(random.int(60), index),
      headers: random.next() < 0.1 ? [{ key: 'h', value: Buffer.from('v') }] : [],
      timestampMs: START_MS + random.int(100_000),
    })),
    ...(isIdempotent
      ? {
          producerId: random.int(5),
          producerEpoch: random.int(3),
          baseSequence: random.int(10),
          isTransactional: random.next() < 0.3,
        }
      : {}),
  })
  return batch
}

/** A few bytes or bits changed: in the header more often than not, since there the meaning lies. */
export function mutate(random: SeededRandom, bytes: Buffer): void {
  if (bytes.length === 0) return
  for (let count = 1 + random.int(4); count > 0; count--) {
    const span = random.next() < 0.7 ? Math.min(bytes.length, 64) : bytes.length
    const at = random.int(span)
    const byte = bytes[at] ?? 0
    const values = [0, 1, 0x7f, 0x80, 0xff, byte ^ (1 << random.int(8)), random.int(256)]
    bytes[at] = values[random.int(values.length)] ?? 0
  }
}
