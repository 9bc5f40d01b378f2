import { expect, test } from 'vitest'
import { ErrorCode } from '../../protocol/errors.ts'
import { buildBatch } from '../../protocol/records/build.ts'
import { testBatch } from '../../tests/support/log-fixtures.ts'
import { decodeSnapshot, encodeSnapshot } from './producer-snapshot-format.ts'
import { ProducerStates } from './producer-state.ts'

interface Sent {
  epoch?: number
  sequence: number
  count?: number
  offset?: number
  isTransactional?: boolean
}

function batch({
  epoch = 0,
  sequence,
  count = 1,
  offset = 0,
  isTransactional = false,
}: Sent): Buffer {
  const values = Array.from({ length: count }, () => 'v')
  const producer = { producerId: 4, producerEpoch: epoch, baseSequence: sequence }
  return testBatch(values, { ...producer, baseOffset: offset, isTransactional })
}

function codeOf(states: ProducerStates, sent: Sent, origin: 'client' | 'coordinator' = 'client') {
  try {
    states.check(batch(sent), 0, { origin })
    return ErrorCode.NONE
  } catch (error) {
    return (error as { code: number }).code
  }
}

function after(...sent: Sent[]): ProducerStates {
  const states = new ProducerStates()
  for (const one of sent) states.update(batch(one), 0)
  return states
}

test('an unknown producer may begin with any sequence', () => {
  expect(codeOf(new ProducerStates(), { sequence: 77 })).toBe(ErrorCode.NONE)
})

test('sequences go on without a gap and wrap to 0', () => {
  const states = after({ sequence: 5, count: 3 })
  expect(codeOf(states, { sequence: 8 })).toBe(ErrorCode.NONE)
  expect(codeOf(states, { sequence: 9 })).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
  expect(codeOf(states, { sequence: 5 })).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
  const wrapping = after({ sequence: 0x7fffffff })
  expect(codeOf(wrapping, { sequence: 0 })).toBe(ErrorCode.NONE)
})

test('a new epoch begins at 0, an old one is refused', () => {
  const states = after({ sequence: 0, epoch: 3 })
  expect(codeOf(states, { sequence: 0, epoch: 4 })).toBe(ErrorCode.NONE)
  expect(codeOf(states, { sequence: 1, epoch: 4 })).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
  expect(codeOf(states, { sequence: 1, epoch: 2 })).toBe(ErrorCode.INVALID_PRODUCER_EPOCH)
  // Coordinators write without sequences; their epochs count.
  expect(codeOf(states, { sequence: 99, epoch: 3 }, 'coordinator')).toBe(ErrorCode.NONE)
  expect(codeOf(states, { sequence: 0, epoch: 2 }, 'coordinator')).toBe(47)
})

test('the last five batches are recognised', () => {
  const sent = Array.from({ length: 7 }, (_, i) => ({
    sequence: i * 2,
    count: 2,
    offset: 100 + i * 2,
  }))
  const states = after(...sent)
  const found = sent.map((one) => states.findDuplicate(batch(one), 0)?.firstOffset ?? null)
  expect(found).toEqual([null, null, 104, 106, 108, 110, 112])
  expect(states.findDuplicate(batch({ sequence: 12, count: 1 }), 0)).toBeNull()
  expect(states.findDuplicate(batch({ sequence: 12, count: 2, epoch: 1 }), 0)).toBeNull()
})

test('a snapshot has Kafka bytes and brings the last batch back', () => {
  const states = after({ sequence: 0x7ffffffe, count: 3, offset: 10, epoch: 2 })
  const bytes = encodeSnapshot(states.all())
  expect(bytes.length).toBe(10 + 46)
  expect(bytes.toString('hex').replace(/^(.{4}).{8}/, '$1········')).toBe(
    '0001········00000001' +
      '0000000000000004' +
      '0002' +
      '00000000' +
      '000000000000000c' +
      '00000002' +
      '00000000000003ea' +
      'ffffffff' +
      'ffffffffffffffff',
  )
  const restored = new ProducerStates()
  restored.restore(decodeSnapshot(bytes) ?? [])
  const same = { sequence: 0x7ffffffe, count: 3, epoch: 2 }
  expect(restored.findDuplicate(batch(same), 0)).toMatchObject({ firstOffset: 10, lastOffset: 12 })
  expect(codeOf(restored, { sequence: 1, epoch: 2 })).toBe(ErrorCode.NONE)
})

test('what was in flight when a snapshot was taken is recognised after it', () => {
  const sent = Array.from({ length: 7 }, (_, i) => ({ sequence: i, offset: 100 + i }))
  const states = after({ sequence: 9, epoch: 0 }, ...sent.map((one) => ({ ...one, epoch: 1 })))
  const restored = new ProducerStates()
  restored.restore(decodeSnapshot(encodeSnapshot(states.all())) ?? [])
  expect([...restored.all()]).toEqual([...states.all()])
  const found = sent.map((one) => restored.findDuplicate(batch({ ...one, epoch: 1 }), 0))
  expect(found.map((one) => one?.firstOffset ?? null)).toEqual([
    null,
    null,
    102,
    103,
    104,
    105,
    106,
  ])
})

test('an open transaction is open after a snapshot, of several batches too', () => {
  const isTransactional = true
  const sent = [0, 1, 2].map((i) => ({ sequence: i, offset: 50 + i, isTransactional }))
  const restored = new ProducerStates()
  restored.restore(decodeSnapshot(encodeSnapshot(after(...sent).all())) ?? [])
  expect(restored.firstUnstableOffset).toBe(50)
  expect(restored.describe()).toMatchObject([{ lastSequence: 2, currentTxnStartOffset: 50 }])
})

test('a torn or changed snapshot is not read', () => {
  const bytes = encodeSnapshot(after({ sequence: 0 }).all())
  for (let at = 0; at < bytes.length; at++) {
    expect(decodeSnapshot(bytes.subarray(0, at))).toBeNull()
    const changed = Buffer.from(bytes)
    changed[at] = (changed[at] as number) ^ 0x40
    expect(decodeSnapshot(changed)).toBeNull()
  }
})

test('silent producers expire, those in a transaction do not', () => {
  const states = after({ sequence: 0 })
  states.expire(1000)
  expect(states.count).toBe(1)
  states.expire(1001)
  expect(states.count).toBe(0)
  const open = after({ sequence: 0, isTransactional: true })
  open.expire(1e12)
  expect(open.count).toBe(1)
})

test('a transaction is open from its first batch to its marker', () => {
  const states = after({ sequence: 0, offset: 40, isTransactional: true })
  expect(states.describe()[0]).toMatchObject({ currentTxnStartOffset: 40, coordinatorEpoch: -1 })
  expect(codeOf(states, { sequence: 1 })).toBe(ErrorCode.INVALID_TXN_STATE)
  expect(codeOf(states, { sequence: 1, isTransactional: true })).toBe(ErrorCode.NONE)
  const marker = buildBatch({
    baseOffset: 41,
    records: [{ key: Buffer.from('00000001', 'hex'), value: Buffer.from('000000000009', 'hex') }],
    producerId: 4,
    producerEpoch: 0,
    isTransactional: true,
    isControl: true,
  })
  states.update(marker, 0)
  expect(states.describe()[0]).toMatchObject({ currentTxnStartOffset: -1, coordinatorEpoch: 9 })
})
