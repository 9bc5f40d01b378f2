// The transaction coordinator over a log that outlives it: what it answers, what it writes, and that the next
// coordinator goes on from every state.
import { beforeEach, describe, expect, test } from 'vitest'
import { ErrorCode, errorName } from '../../../protocol/errors.ts'
import { buildBatch } from '../../../protocol/records/build.ts'
import {
  contextOf,
  TextProducer,
  TransactionWorld,
  TV0,
  TV2,
  transactionSettings,
} from '../../../tests/support/transaction-world.ts'
import { newTransactionMetadata } from './metadata.ts'
import { transactionRecord } from './records.ts'
import type { LogTransactionCoordinator } from './transaction-coordinator.ts'

let world: TransactionWorld
let first: ReturnType<TransactionWorld['coordinator']>
let producer: TextProducer

beforeEach(async () => {
  world = new TransactionWorld()
  first = world.coordinator(3)
  producer = new TextProducer(world, first.coordinator)
  await world.simulation.runFor(10)
})

/** The old coordinator is gone without a word; the next one reads the log. */
async function failOver(epoch = 4): Promise<void> {
  first.resign()
  first = world.coordinator(epoch)
  producer.coordinator = first.coordinator
  await world.simulation.runFor(10)
}

test('a commit: decision, markers to each leader, completion, in this order', async () => {
  expect(await producer.init()).toBe('7:0')
  expect(await producer.add([0, 1])).toBe('NONE NONE')
  expect(await producer.addOffsets()).toBe('NONE')
  expect(await producer.describe()).toBe('Ongoing orders 0,1 __consumer_offsets 0')
  expect(await producer.end(true)).toBe('7:1')
  await world.simulation.runFor(10)
  expect(await producer.describe()).toBe('CompleteCommit')
  expect(world.markers).toEqual([
    'commit 7:1 of 3 to 1: orders-0 NONE',
    'commit 7:1 of 3 to 2: orders-1 __consumer_offsets-0 NONE',
  ])
  expect(world.states()).toEqual(['Empty', 'Ongoing', 'Ongoing', 'PrepareCommit', 'CompleteCommit'])
})

test('no marker leaves before its decision is committed', async () => {
  await producer.init()
  await producer.add([0])
  const release = world.topic.hold()
  const { producerId, producerEpoch } = producer
  const request = { transactionalId: 't', producerId, producerEpoch, committed: true }
  const answer = first.coordinator.endTransaction(contextOf(TV2), request)
  await world.simulation.runFor(1000)
  expect(world.states().at(-1)).toBe('PrepareCommit')
  expect(world.markers).toEqual([])
  expect(await producer.add([1])).toBe('CONCURRENT_TRANSACTIONS')
  release()
  expect((await world.simulation.run(answer)).errorCode).toBe(ErrorCode.NONE)
  await world.simulation.runFor(10)
  expect(world.markers).toEqual(['commit 7:1 of 3 to 1: orders-0 NONE'])
})

describe('the next coordinator goes on', () => {
  test('from Empty: the epoch moves on', async () => {
    await producer.init()
    await failOver()
    expect(await producer.describe()).toBe('Empty')
    expect(await producer.init()).toBe('7:1')
  })

  test('from Ongoing: the transaction is still open', async () => {
    await producer.init()
    await producer.add([0])
    await failOver()
    expect(await producer.describe()).toBe('Ongoing orders 0')
    expect(await producer.add([1])).toBe('NONE')
    expect(await producer.end(true)).toBe('7:1')
    await world.simulation.runFor(10)
    expect(await producer.describe()).toBe('CompleteCommit')
  })

  for (const committed of [true, false]) {
    const kind = committed ? 'commit' : 'abort'
    test(`from Prepare (${kind}): markers are written again, under its own epoch`, async () => {
      await producer.init()
      await producer.add([0, 1])
      world.answers.set(1, null).set(2, ErrorCode.NOT_LEADER_OR_FOLLOWER)
      expect(await producer.end(committed)).toBe('7:1')
      await world.simulation.runFor(250)
      expect(await producer.describe()).toBe(`Prepare${committed ? 'Commit' : 'Abort'} orders 0,1`)
      world.markers.length = 0
      first.resign()
      world.answers.clear()
      await failOver()
      await world.simulation.runFor(250)
      expect(world.markers).toEqual([
        `${kind} 7:1 of 4 to 1: orders-0 NONE`,
        `${kind} 7:1 of 4 to 2: orders-1 NONE`,
      ])
      expect(await producer.describe()).toBe(committed ? 'CompleteCommit' : 'CompleteAbort')
    })

    test(`from Complete (${kind}): a repeated end is answered as the first`, async () => {
      await producer.init()
      await producer.add([0])
      expect(await producer.end(committed)).toBe('7:1')
      await world.simulation.runFor(10)
      await failOver()
      producer.producerEpoch = 0
      expect(await producer.end(!committed)).toBe('INVALID_TXN_STATE')
      expect(await producer.end(committed)).toBe('7:1')
      expect(world.states().filter((state) => state.startsWith('Prepare'))).toHaveLength(1)
    })
  }

  test('from a fence that was not answered: the abort is carried through', async () => {
    await producer.init()
    await producer.add([0])
    world.answers.set(1, null)
    expect(await producer.init()).toBe('CONCURRENT_TRANSACTIONS')
    expect(await producer.describe()).toBe('PrepareAbort orders 0')
    await failOver()
    world.answers.clear()
    await world.simulation.runFor(250)
    expect(world.markers).toEqual(['abort 7:1 of 4 to 1: orders-0 NONE'])
    expect(await producer.init()).toBe('7:2')
  })

  test('from an end at the last epoch: with the next producer id', async () => {
    const last = {
      ...newTransactionMetadata(7, 60_000, 0),
      producerEpoch: 0x7ffe,
      state: 'Ongoing' as const,
      partitions: new Set(['orders-0']),
      startMs: world.simulation.nowMs(),
    }
    world.topic.append(buildBatch({ records: [transactionRecord('t', last, 2)] }))
    await failOver()
    Object.assign(producer, { producerId: 7, producerEpoch: 0x7ffe })
    world.nextProducerId = 8
    world.answers.set(1, null)
    expect(await producer.end(true)).toBe('8:0')
    await failOver(5)
    world.answers.clear()
    await world.simulation.runFor(250)
    expect(world.markers).toEqual(['commit 7:32767 of 5 to 1: orders-0 NONE'])
    expect(await producer.add([0])).toBe('NONE')
    Object.assign(producer, { producerId: 7, producerEpoch: 0x7ffe })
    expect(await producer.add([0])).toBe('INVALID_PRODUCER_ID_MAPPING')
  })
})

test('a coordinator that resigned answers NOT_COORDINATOR, a loading one to wait', async () => {
  await producer.init()
  first.resign()
  expect(await producer.add([0])).toBe('NOT_COORDINATOR')
  expect(await producer.end(true)).toBe('NOT_COORDINATOR')
  expect(await producer.init()).toBe('NOT_COORDINATOR')
  expect(await producer.describe()).toBe('NOT_COORDINATOR')
  first.elect(4)
  expect(await producer.describe()).toBe('COORDINATOR_LOAD_IN_PROGRESS')
  const list = await first.coordinator.list(contextOf(2), listRequest({}))
  expect(list.errorCode).toBe(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
})

test('markers follow their partitions to new leaders and forget deleted topics', async () => {
  await producer.init()
  await producer.add([0, 1])
  world.leaders.set('orders', [-1, 2])
  await producer.end(true)
  await world.simulation.runFor(1000)
  expect(await producer.describe()).toBe('PrepareCommit orders 0')
  expect(world.markers).toEqual(['commit 7:1 of 3 to 2: orders-1 NONE'])
  world.answers.set(1, ErrorCode.NOT_ENOUGH_REPLICAS)
  world.leaders.set('orders', [1, 2])
  await world.publish()
  await world.simulation.runFor(1000)
  expect(await producer.describe()).toBe('PrepareCommit orders 0')
  expect(await producer.add([1])).toBe('CONCURRENT_TRANSACTIONS')
  world.leaders.delete('orders')
  await world.publish()
  await world.simulation.runFor(1000)
  expect(await producer.describe()).toBe('CompleteCommit')
})

test('an end that cannot be written yet is written later', async () => {
  await producer.init()
  await producer.add([0])
  world.answers.set(1, null)
  await producer.end(true)
  world.topic.errorCode = ErrorCode.NOT_ENOUGH_REPLICAS
  world.answers.clear()
  await world.simulation.runFor(1000)
  expect(await producer.describe()).toBe('PrepareCommit')
  world.topic.errorCode = ErrorCode.NONE
  await world.simulation.runFor(1000)
  expect(await producer.describe()).toBe('CompleteCommit')
  expect(world.states().filter((state) => state === 'CompleteCommit')).toHaveLength(1)
})

test('what could not be written did not happen', async () => {
  await producer.init()
  world.topic.errorCode = ErrorCode.NOT_ENOUGH_REPLICAS
  expect(await producer.add([0])).toBe('COORDINATOR_NOT_AVAILABLE')
  expect(await producer.describe()).toBe('Empty')
  world.topic.errorCode = ErrorCode.NOT_LEADER_OR_FOLLOWER
  expect(await producer.add([0])).toBe('NOT_COORDINATOR')
  world.topic.errorCode = ErrorCode.NONE
  expect(await producer.add([0])).toBe('NONE')
})

test('a transaction past its time is aborted and its producer fenced', async () => {
  await producer.init({ timeoutMs: 5000 })
  await producer.add([0])
  await world.simulation.runFor(4000)
  expect(await producer.describe()).toBe('Ongoing orders 0')
  await world.simulation.runFor(20_000)
  expect(await producer.describe()).toBe('CompleteAbort')
  expect(world.markers).toEqual(['abort 7:1 of 3 to 1: orders-0 NONE'])
  expect(await producer.add([1])).toBe('PRODUCER_FENCED')
  expect(await producer.end(true, TV0)).toBe('PRODUCER_FENCED')
  expect(await producer.init({ timeoutMs: 900_001 })).toBe('INVALID_TRANSACTION_TIMEOUT')
  expect(await producer.init({ timeoutMs: 0 })).toBe('INVALID_TRANSACTION_TIMEOUT')
})

test('an id that is not used any more is forgotten', async () => {
  await producer.init()
  await world.simulation.runFor(transactionSettings.expirationMs - 3_600_000)
  expect(await producer.describe()).toBe('Empty')
  await world.simulation.runFor(2 * 3_600_000 + 1)
  expect(await producer.describe()).toBe('TRANSACTIONAL_ID_NOT_FOUND')
  expect(world.states().at(-1)).toBe('tombstone')
  await failOver()
  expect(await producer.describe()).toBe('TRANSACTIONAL_ID_NOT_FOUND')
  expect(await producer.add([0])).toBe('INVALID_PRODUCER_ID_MAPPING')
})

test('clients that do not know PRODUCER_FENCED hear INVALID_PRODUCER_EPOCH', async () => {
  await producer.init()
  await producer.init()
  producer.producerEpoch = 0
  expect(await producer.add([0], { apiVersion: 1 })).toBe('INVALID_PRODUCER_EPOCH')
  expect(await producer.add([0], { apiVersion: 2 })).toBe('PRODUCER_FENCED')
  expect(await producer.end(true, 1)).toBe('INVALID_PRODUCER_EPOCH')
  expect(await producer.end(true, 2)).toBe('PRODUCER_FENCED')
  expect(await producer.init({ isFresh: false, apiVersion: 4 })).toBe('PRODUCER_FENCED')
  await producer.init()
  producer.producerEpoch = 0
  expect(await producer.init({ isFresh: false, apiVersion: 3 })).toBe('INVALID_PRODUCER_EPOCH')
})

test('without the feature records are of version 0, with it of version 1', async () => {
  world.transactionVersion = 0
  await producer.init()
  world.transactionVersion = 2
  await producer.add([0])
  expect(world.topic.records().map(({ value }) => value?.readInt16BE(0))).toEqual([0, 1])
  await failOver()
  expect(await producer.describe()).toBe('Ongoing orders 0')
})

test('without producer ids from the controller nothing begins', async () => {
  world.hasProducerIds = false
  expect(await producer.init()).toBe('COORDINATOR_LOAD_IN_PROGRESS')
  world.hasProducerIds = true
  expect(await producer.init()).toBe('7:0')
})

const listRequest = (filters: Partial<Parameters<LogTransactionCoordinator['list']>[1]>) => ({
  stateFilters: [],
  producerIdFilters: [],
  durationFilter: -1,
  transactionalIdPattern: null,
  ...filters,
})

test('transactions are listed by state, producer, age and pattern', async () => {
  await producer.init()
  await producer.add([0])
  await world.simulation.runFor(1000)
  const list = async (filters: Parameters<typeof listRequest>[0]) => {
    const answer = await first.coordinator.list(contextOf(2), listRequest(filters))
    const ids = answer.transactionStates?.map(
      ({ transactionalId, producerId, transactionState }) =>
        `${transactionalId} ${producerId} ${transactionState}`,
    )
    return answer.errorCode === ErrorCode.NONE ? ids : errorName(answer.errorCode ?? -1)
  }
  const found = ['t 7 Ongoing']
  expect(await list({})).toEqual(found)
  expect(await list({ stateFilters: ['Ongoing', 'Nonsense'] })).toEqual(found)
  expect(await list({ stateFilters: ['Nonsense'] })).toEqual([])
  expect(await list({ producerIdFilters: [7] })).toEqual(found)
  expect(await list({ producerIdFilters: [8] })).toEqual([])
  expect(await list({ durationFilter: 500 })).toEqual(found)
  expect(await list({ durationFilter: 5000 })).toEqual([])
  expect(await list({ transactionalIdPattern: '[s-u]' })).toEqual(found)
  expect(await list({ transactionalIdPattern: 'u.*' })).toEqual([])
  expect(await list({ transactionalIdPattern: '(' })).toBe('INVALID_REGULAR_EXPRESSION')
  const unknown = await first.coordinator.list(contextOf(2), listRequest({ stateFilters: ['X'] }))
  expect(unknown.unknownStateFilters).toEqual(['X'])
})
