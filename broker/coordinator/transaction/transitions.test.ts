// The state machine of one transactional id as transcripts: who asks what, and what it leads to.
import { expect, test } from 'vitest'
import { ErrorCode, errorName } from '../../../protocol/errors.ts'
import { newTransactionMetadata, type TransactionMetadata } from './metadata.ts'
import {
  completed,
  type Decision,
  type DecisionContext,
  decideAddPartitions,
  decideEnd,
  decideInit,
  fenced,
  isTimedOut,
  type Transaction,
  verifyPartitions,
} from './transitions.ts'

const TV2 = 2
const LAST_EPOCH = 0x7fff

class Transcript {
  readonly transaction: Transaction
  nowMs = 1000

  constructor(overrides: Partial<TransactionMetadata> = {}) {
    const metadata = { ...newTransactionMetadata(7, 60_000, 1000), ...overrides }
    this.transaction = { metadata, pendingState: null }
  }

  get metadata(): TransactionMetadata {
    return this.transaction.metadata
  }

  /** What a decision leads to, written at once. */
  #apply(decide: (context: DecisionContext) => Decision): string {
    this.nowMs += 10
    let decision = decide({ nowMs: this.nowMs, spareProducerId: null })
    let note = ''
    if (decision.type === 'needsProducerId') {
      decision = decide({ nowMs: this.nowMs, spareProducerId: 99 })
      note = ' with a new producer id'
    }
    if (decision.type === 'refuse') return errorName(decision.errorCode)
    if (decision.type === 'needsProducerId') return 'asks twice'
    this.transaction.metadata = decision.next
    return `${decision.type} ${decision.next.state}${note}`
  }

  init(expected: [number, number] | null = null, transactionVersion = TV2): string {
    const [producerId, producerEpoch] = expected ?? [0, 0]
    return this.#apply((context) =>
      decideInit(
        this.transaction,
        {
          timeoutMs: 60_000,
          expected: expected && { producerId, producerEpoch },
          transactionVersion,
        },
        context,
      ),
    )
  }

  add(producer: [number, number], ...partitions: string[]): string {
    const [producerId, producerEpoch] = producer
    const request = { producerId, producerEpoch, partitions, transactionVersion: TV2 }
    return this.#apply(({ nowMs }) => decideAddPartitions(this.transaction, request, nowMs))
  }

  end(producer: [number, number], kind: 'commit' | 'abort', transactionVersion = TV2): string {
    const [producerId, producerEpoch] = producer
    const isCommit = kind === 'commit'
    const request = { producerId, producerEpoch, isCommit, transactionVersion }
    return this.#apply((context) => decideEnd(this.transaction, request, context))
  }

  markersWritten(): string {
    this.transaction.metadata = completed(this.metadata, this.nowMs)
    return this.metadata.state
  }

  get producer(): [number, number] {
    return [this.metadata.producerId, this.metadata.producerEpoch]
  }
}

test('transaction.version 2: every end bumps the epoch, and its repetition is told apart', () => {
  const t = new Transcript()
  expect(t.init()).toBe('write Empty')
  expect(t.producer).toEqual([7, 0])
  expect(t.add([7, 0], 'a-0')).toBe('write Ongoing')
  expect(t.add([7, 0], 'a-0')).toBe('NONE')
  expect(t.end([7, 0], 'commit')).toBe('write PrepareCommit')
  expect(t.producer).toEqual([7, 1])
  expect(t.end([7, 0], 'commit')).toBe('CONCURRENT_TRANSACTIONS')
  expect(t.end([7, 0], 'abort')).toBe('INVALID_TXN_STATE')
  expect(t.add([7, 1], 'a-0')).toBe('CONCURRENT_TRANSACTIONS')
  expect(t.markersWritten()).toBe('CompleteCommit')
  expect(t.end([7, 0], 'commit')).toBe('NONE')
  expect(t.end([7, 0], 'abort')).toBe('INVALID_TXN_STATE')
  expect(t.end([7, 1], 'commit')).toBe('INVALID_TXN_STATE')
  expect(t.add([7, 0], 'a-0')).toBe('PRODUCER_FENCED')
  expect(t.add([7, 1], 'b-3')).toBe('write Ongoing')
  expect(t.end([7, 1], 'abort')).toBe('write PrepareAbort')
  expect(t.markersWritten()).toBe('CompleteAbort')
  expect(t.end([7, 1], 'abort')).toBe('NONE')
  expect(t.producer).toEqual([7, 2])
})

test('transaction.version 2: an abort of nothing bumps the epoch, a commit of nothing is an error', () => {
  const t = new Transcript()
  t.init()
  expect(t.end([7, 0], 'commit')).toBe('INVALID_TXN_STATE')
  expect(t.end([7, 0], 'abort')).toBe('write PrepareAbort')
  expect(t.metadata.partitions.size).toBe(0)
  expect(t.markersWritten()).toBe('CompleteAbort')
  expect(t.end([7, 1], 'abort')).toBe('write PrepareAbort')
  t.markersWritten()
  expect(t.producer).toEqual([7, 2])
})

test('before transaction.version 2 the epoch stays through commits and aborts', () => {
  const t = new Transcript()
  t.init(null, 0)
  expect(t.end([7, 0], 'abort', 0)).toBe('INVALID_TXN_STATE')
  t.add([7, 0], 'a-0')
  expect(t.end([7, 1], 'commit', 0)).toBe('PRODUCER_FENCED')
  expect(t.end([8, 0], 'commit', 0)).toBe('INVALID_PRODUCER_ID_MAPPING')
  expect(t.end([7, 0], 'commit', 0)).toBe('write PrepareCommit')
  expect(t.end([7, 0], 'commit', 0)).toBe('CONCURRENT_TRANSACTIONS')
  expect(t.end([7, 0], 'abort', 0)).toBe('INVALID_TXN_STATE')
  t.markersWritten()
  expect(t.producer).toEqual([7, 0])
  expect(t.end([7, 0], 'commit', 0)).toBe('NONE')
  expect(t.end([7, 0], 'abort', 0)).toBe('INVALID_TXN_STATE')
  expect(t.add([7, 0], 'a-0')).toBe('write Ongoing')
})

test('a new producer aborts the transaction in its way, and the old one is fenced', () => {
  for (const version of [0, TV2]) {
    const t = new Transcript()
    t.init(null, version)
    t.add([7, 0], 'a-0')
    expect(t.init(null, version)).toBe('fence PrepareAbort')
    expect(t.producer).toEqual([7, 1])
    expect(t.init(null, version)).toBe('CONCURRENT_TRANSACTIONS')
    expect(t.add([7, 0], 'a-1')).toBe('PRODUCER_FENCED')
    expect(t.end([7, 0], 'commit', version)).toBe(
      version === 0 ? 'PRODUCER_FENCED' : 'INVALID_TXN_STATE',
    )
    t.markersWritten()
    expect(t.init(null, version)).toBe('write Empty')
    expect(t.producer).toEqual([7, 2])
    expect(t.add([7, 0], 'a-0')).toBe('PRODUCER_FENCED')
    expect(t.end([7, 0], 'commit', version)).toBe('PRODUCER_FENCED')
  }
})

test('a producer that goes on after an error keeps its place unless another has begun (KIP-360)', () => {
  const t = new Transcript()
  t.init()
  expect(t.init([7, 0])).toBe('write Empty')
  expect(t.producer).toEqual([7, 1])
  // The answer was lost: the same call gives the same epoch.
  expect(t.init([7, 0])).toBe('write Empty')
  expect(t.producer).toEqual([7, 1])
  t.init()
  expect(t.producer).toEqual([7, 2])
  expect(t.init([7, 1])).toBe('PRODUCER_FENCED')
  expect(t.init([8, 2])).toBe('PRODUCER_FENCED')
})

test('exhausted epochs give way to a new producer id', () => {
  const t = new Transcript({ producerEpoch: LAST_EPOCH - 2 })
  expect(t.init()).toBe('write Empty')
  expect(t.producer).toEqual([7, LAST_EPOCH - 1])
  expect(t.init([7, LAST_EPOCH - 1])).toBe('write Empty with a new producer id')
  expect(t.producer).toEqual([99, 0])
  expect(t.init([7, LAST_EPOCH - 1])).toBe('write Empty')
  expect(t.producer).toEqual([99, 0])
})

test('an end at the last epoch writes its markers there and hands the next producer id out', () => {
  const t = new Transcript({ producerEpoch: LAST_EPOCH - 1 })
  const last: [number, number] = [7, LAST_EPOCH - 1]
  t.add(last, 'a-0')
  expect(t.end(last, 'commit')).toBe('write PrepareCommit with a new producer id')
  expect(t.metadata).toMatchObject({ producerId: 7, producerEpoch: LAST_EPOCH, nextProducerId: 99 })
  expect(t.end(last, 'commit')).toBe('CONCURRENT_TRANSACTIONS')
  t.markersWritten()
  expect(t.producer).toEqual([99, 0])
  expect(t.end(last, 'commit')).toBe('NONE')
  expect(t.end(last, 'abort')).toBe('INVALID_TXN_STATE')
  expect(t.add([99, 0], 'a-0')).toBe('write Ongoing')
})

test('fencing at the last epoch of clients leaves one for the coordinator', () => {
  const t = new Transcript({ producerEpoch: LAST_EPOCH - 1 })
  t.add([7, LAST_EPOCH - 1], 'a-0')
  expect(t.init()).toBe('fence PrepareAbort')
  expect(t.producer).toEqual([7, LAST_EPOCH])
  t.markersWritten()
  expect(t.init()).toBe('write Empty with a new producer id')
  expect(t.producer).toEqual([99, 0])
})

test('nothing is decided while a write is under way', () => {
  const t = new Transcript({ producerEpoch: 0 })
  t.transaction.pendingState = 'Ongoing'
  expect(t.init()).toBe('CONCURRENT_TRANSACTIONS')
  expect(t.add([7, 0], 'a-0')).toBe('CONCURRENT_TRANSACTIONS')
  expect(t.end([7, 0], 'commit')).toBe('CONCURRENT_TRANSACTIONS')
  expect(t.end([7, 0], 'commit', 0)).toBe('CONCURRENT_TRANSACTIONS')
})

test('verification answers by partition', () => {
  const t = new Transcript()
  t.init()
  t.add([7, 0], 'a-0')
  const verify = (producerId: number, producerEpoch: number) =>
    verifyPartitions(t.transaction, { producerId, producerEpoch, partitions: ['a-0', 'a-1'] })
  expect(verify(7, 0)).toEqual([ErrorCode.NONE, ErrorCode.TRANSACTION_ABORTABLE])
  expect(verify(8, 0)).toEqual(Array(2).fill(ErrorCode.INVALID_PRODUCER_ID_MAPPING))
  expect(verify(7, 1)).toEqual(Array(2).fill(ErrorCode.PRODUCER_FENCED))
  t.end([7, 0], 'commit', 0)
  expect(verify(7, 0)).toEqual(Array(2).fill(ErrorCode.CONCURRENT_TRANSACTIONS))
})

test('only a transaction that is open and idle runs out of time', () => {
  const t = new Transcript({ timeoutMs: 100 })
  expect(isTimedOut(t.transaction, 10_000)).toBe(false)
  t.init()
  t.add(t.producer, 'a-0')
  const startMs = t.metadata.startMs
  t.add(t.producer, 'a-1')
  expect(t.metadata.startMs).toBe(startMs)
  expect(isTimedOut(t.transaction, startMs + 60_000)).toBe(false)
  expect(isTimedOut(t.transaction, startMs + 60_001)).toBe(true)
  t.transaction.pendingState = 'Ongoing'
  expect(isTimedOut(t.transaction, startMs + 60_001)).toBe(false)
  t.transaction.pendingState = null
  t.transaction.metadata = fenced(t.metadata, 0, startMs + 60_001)
  expect(isTimedOut(t.transaction, startMs + 90_000)).toBe(false)
})
