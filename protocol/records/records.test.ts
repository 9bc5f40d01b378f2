import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { codecNames, compress, decompress } from '../compression/index.ts'
import { SchemaError } from '../primitives.ts'
import {
  batchCodec,
  batchLastOffset,
  batchLastSequence,
  batchPositions,
  batchRecordCount,
  setBatchBaseOffset,
  setBatchLeaderEpoch,
  setBatchLogAppendTime,
  verifyBatchCrc,
} from './batch.ts'
import { buildBatch, compressBatch } from './build.ts'
import { crc32c, makePortableCrc32c } from './crc32c.ts'
import { readRecords, readRecordsSync } from './read.ts'

test('both CRC-32C implementations give the check value and agree', () => {
  const portable = makePortableCrc32c()
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(portable(bytes)).toBe(crc32c(bytes))
    }),
  )
})

const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array))
const record = fc.record({
  key: fc.option(bytes, { nil: null }),
  value: fc.option(bytes, { nil: null }),
  headers: fc.array(fc.record({ key: fc.string(), value: fc.option(bytes, { nil: null }) }), {
    maxLength: 3,
  }),
  timestampMs: fc.integer({ min: 0, max: 4_000_000_000_000 }),
})

describe.each(codecNames)('a batch compressed with %s', (codec) => {
  test('gives back its records', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 20 }), async (records) => {
        const batch = await compressBatch(buildBatch({ baseOffset: 41, records }), codec)
        expect(verifyBatchCrc(batch, 0)).toBe(true)
        expect(codecNames[batchCodec(batch, 0)]).toBe(codec)
        expect(batchRecordCount(batch, 0)).toBe(records.length)
        const read = await readRecords(batch)
        expect(read).toMatchObject(records)
        expect(read.map((r) => r.offset)).toEqual(records.map((_r, i) => 41 + i))
      }),
      { numRuns: 25 },
    )
  })
  test('is refused past the bound on its output', async () => {
    const { bytes: packed } = await compress(codec, Buffer.alloc(4 * 1024 * 1024, 'a'))
    await expect(decompress(codec, packed, 1024 * 1024)).rejects.toThrow(SchemaError)
    expect((await decompress(codec, packed, 4 * 1024 * 1024)).length).toBe(4 * 1024 * 1024)
  })
})

test('base offset and leader epoch lie outside the CRC, log append time renews it', () => {
  const records = [{ key: null, value: Buffer.from('v'), timestampMs: 5 }]
  const batch = buildBatch({ records, producerId: 9, producerEpoch: 1, baseSequence: 0x7fffffff })
  setBatchBaseOffset(batch, 0, 2 ** 40 + 3)
  setBatchLeaderEpoch(batch, 0, 77)
  expect(verifyBatchCrc(batch, 0)).toBe(true)
  expect(batchLastOffset(batch, 0)).toBe(2 ** 40 + 3)
  setBatchLogAppendTime(batch, 0, 1_700_000_000_000)
  expect(verifyBatchCrc(batch, 0)).toBe(true)
  expect(readRecordsSync(batch)[0]?.timestampMs).toBe(1_700_000_000_000)
})

test('sequences wrap to 0 after 2^31-1', () => {
  const value = { key: null, value: null, timestampMs: 0 }
  const batch = buildBatch({ records: [value, value, value], baseSequence: 0x7ffffffe })
  expect(batchLastSequence(batch, 0)).toBe(0)
})

test('a partial batch at the end is not walked', () => {
  const batch = buildBatch({ records: [{ key: null, value: Buffer.from('abc') }] })
  const two = Buffer.concat([batch, batch])
  expect([...batchPositions(two)]).toEqual([0, batch.length])
  expect([...batchPositions(two.subarray(0, -1))]).toEqual([0])
})

test('any changed byte under the CRC is noticed', () => {
  const batch = buildBatch({ records: [{ key: null, value: Buffer.from('abc') }] })
  for (let at = 16; at < batch.length; at++) {
    if (at >= 8 && at < 12) continue
    const damaged = Buffer.from(batch)
    damaged[at] = (damaged[at] as number) ^ 1
    if (at !== 16) expect(verifyBatchCrc(damaged, 0)).toBe(false)
  }
})
