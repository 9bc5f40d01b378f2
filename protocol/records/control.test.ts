import { expect, test } from 'vitest'
import {
  batchBaseSequence,
  batchProducerEpoch,
  batchProducerId,
  isControlBatch,
  isTransactionalBatch,
  NO_SEQUENCE,
  verifyBatchCrc,
} from './batch.ts'
import { buildBatch } from './build.ts'
import { buildEndTransactionMarker, readEndTransactionMarker } from './control.ts'
import { readRecordsSync } from './read.ts'

const marker = { producerId: 7, producerEpoch: 3, coordinatorEpoch: 11, timestampMs: 5000 }

test.each(['commit', 'abort'] as const)('a %s marker says what it was made of', (kind) => {
  const batch = buildEndTransactionMarker({ ...marker, kind })
  expect(readEndTransactionMarker(batch)).toEqual({
    isCommit: kind === 'commit',
    coordinatorEpoch: 11,
  })
  expect([batchProducerId(batch, 0), batchProducerEpoch(batch, 0)]).toEqual([7, 3])
  expect(batchBaseSequence(batch, 0)).toBe(NO_SEQUENCE)
  expect([isControlBatch(batch, 0), isTransactionalBatch(batch, 0)]).toEqual([true, true])
  expect(verifyBatchCrc(batch, 0)).toBe(true)
})

test("a marker has Kafka's key and value", () => {
  const [record] = readRecordsSync(buildEndTransactionMarker({ ...marker, kind: 'commit' }))
  expect(record?.key?.toString('hex')).toBe('00000001')
  expect(record?.value?.toString('hex')).toBe('00000000000b')
  expect(record?.timestampMs).toBe(5000)
})

test('other control records are no end of a transaction', () => {
  const key = Buffer.from('00000002', 'hex')
  const leaderChange = buildBatch({ records: [{ key, value: Buffer.alloc(8) }], isControl: true })
  expect(readEndTransactionMarker(leaderChange)).toBeNull()
  const short = buildBatch({ records: [{ key: Buffer.alloc(1), value: null }], isControl: true })
  expect(readEndTransactionMarker(short)).toBeNull()
})
