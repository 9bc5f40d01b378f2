// What waits for transaction coordinators: order within a partition, patience, and what producers are told.
import { describe, expect, test } from 'vitest'
import { ErrorCode } from '../../protocol/errors.ts'
import { openTestLog } from '../../tests/support/log-fixtures.ts'
import { createWorld, type World } from '../../tests/support/memory-runtime.ts'
import { coordinator, data, leader, marker } from '../../tests/support/transaction-model.ts'
import { createLogShared } from '../log/log-shared.ts'
import type { PartitionLog } from '../log/partition-log.ts'
import { Registry } from '../metrics/registry.ts'
import { type PeerClient, PeerError } from '../network/types.ts'
import type { HostedPartitions } from './hosted-partitions.ts'
import { TransactionGate } from './transaction-gate.ts'
import { CoordinatorVerifier } from './transaction-verifier.ts'
import type { ProduceEntry, ProduceResult, TransactionOperation } from './types.ts'

interface Asked {
  partition: number
  answer: (errorCode: number) => void
}

class Scene {
  readonly world: World
  readonly log: PartitionLog
  readonly asked: Asked[] = []
  readonly gate: TransactionGate

  constructor(world: World, log: PartitionLog) {
    this.world = world
    this.log = log
    const { clock, timers } = world.host('a')
    const hosted = { get: () => ({ isLeader: true, log }) } as unknown as HostedPartitions
    this.gate = new TransactionGate({
      hosted,
      clock,
      timers,
      verifier: {
        verify: ({ partition }) => new Promise((answer) => this.asked.push({ partition, answer })),
        close: () => undefined,
      },
      settings: { retryBackoffMs: 20, retryBackoffMaxMs: 100, mustVerify: () => true },
      produce: (entries) => Promise.all(entries.map((entry) => this.#append(entry))),
    })
  }

  static async open(): Promise<Scene> {
    const world = createWorld({ seed: 1 })
    const shared = createLogShared(world.host('a'))
    shared.mustVerifyTransactions = true
    return new Scene(world, await world.run(openTestLog(world.host('a'), { shared })))
  }

  async #append(entry: ProduceEntry): Promise<ProduceResult> {
    const { verificationGuard = null } = entry
    const outcome = await this.log.append(entry.records, { ...leader, verificationGuard }).then(
      (info) => ({ errorCode: ErrorCode.NONE, info }),
      (error: { code: number }) => ({ errorCode: error.code, info: null }),
    )
    const { topic, partition } = entry
    const rest = { errorMessage: null, logStartOffset: -1, recordErrors: [], currentLeader: null }
    return { topic, partition, ...outcome, ...rest }
  }

  send(records: Buffer, operation: TransactionOperation = 'abortable-errors') {
    const outcome: { code: number | null } = { code: null }
    const transaction = { transactionalId: 'tx', operation }
    const options = {
      acks: -1,
      timeoutMs: 1,
      origin: 'client',
      allowInternalTopics: false,
    } as const
    void this.gate
      .produce([{ topic: 't', partition: 0, records }], { ...options, transaction })
      .then(([result]) => {
        outcome.code = result?.errorCode ?? null
      })
    return outcome
  }

  /** Answers the oldest question, once it is asked. */
  async answer(errorCode: number): Promise<void> {
    await this.world.runUntil(() => this.asked.length > 0, 1_000)
    this.asked.shift()?.answer(errorCode)
    await this.world.runFor(1)
  }
}

test('batches behind one that is being verified keep their order, and are not asked about', async () => {
  const scene = await Scene.open()
  const sent = [0, 1, 2].map((sequence) => scene.send(data(2, { sequence })))
  await scene.world.runFor(10)
  expect(scene.asked).toHaveLength(1)
  await scene.answer(ErrorCode.NONE)
  expect(sent.map(({ code }) => code)).toEqual([0, 0, 0])
  expect(scene.asked).toHaveLength(0)
  const later = scene.send(data(2, { sequence: 3 }))
  await scene.world.runFor(1)
  expect([later.code, scene.asked.length]).toEqual([0, 0])
})

test('batches outside transactions do not wait', async () => {
  const scene = await Scene.open()
  const waiting = scene.send(data(2, { sequence: 0 }))
  const plain = scene.send(data(1, { sequence: 0, isTransactional: false }))
  await scene.world.runFor(1)
  expect([waiting.code, plain.code]).toEqual([null, 0])
})

test('a batch that could not be verified is refused, and what came behind it too', async () => {
  const scene = await Scene.open()
  const sent = [0, 1].map((sequence) => scene.send(data(2, { sequence })))
  await scene.answer(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
  await scene.answer(ErrorCode.NONE)
  expect(sent.map(({ code }) => code)).toEqual([
    ErrorCode.NOT_ENOUGH_REPLICAS,
    ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
  ])
  const again = scene.send(data(2, { sequence: 0, count: 2 }))
  await scene.answer(ErrorCode.NONE)
  expect(again.code).toBe(0)
})

test.each([
  ['default-errors', ErrorCode.INVALID_TXN_STATE, ErrorCode.INVALID_TXN_STATE],
  ['abortable-errors', ErrorCode.TRANSACTION_ABORTABLE, ErrorCode.TRANSACTION_ABORTABLE],
  ['abortable-errors', ErrorCode.CONCURRENT_TRANSACTIONS, ErrorCode.NOT_ENOUGH_REPLICAS],
  ['abortable-errors', ErrorCode.NETWORK_EXCEPTION, ErrorCode.NOT_ENOUGH_REPLICAS],
  ['add-partition', ErrorCode.NOT_COORDINATOR, ErrorCode.NOT_ENOUGH_REPLICAS],
  ['add-partition', ErrorCode.INVALID_PRODUCER_EPOCH, ErrorCode.INVALID_PRODUCER_EPOCH],
] as const)('%s: producers hear of %i as %i', async (operation, answered, told) => {
  const scene = await Scene.open()
  const sent = scene.send(data(2, { sequence: 0 }), operation)
  await scene.answer(answered)
  expect(sent.code).toBe(told)
})

test('an ending transaction is waited for a while, then the producer is told', async () => {
  const scene = await Scene.open()
  const patient = scene.send(data(2, { sequence: 0 }), 'add-partition')
  await scene.answer(ErrorCode.CONCURRENT_TRANSACTIONS)
  expect(patient.code).toBeNull()
  await scene.answer(ErrorCode.NONE)
  expect(patient.code).toBe(0)
  await scene.world.run(scene.log.append(marker(2, 'commit', { epoch: 1 }), coordinator))
  const told = scene.send(data(2, { epoch: 1, sequence: 0 }), 'add-partition')
  let questions = 0
  while (told.code === null) {
    await scene.answer(ErrorCode.CONCURRENT_TRANSACTIONS)
    questions += 1
  }
  expect(told.code).toBe(ErrorCode.CONCURRENT_TRANSACTIONS)
  expect(questions).toBeGreaterThan(2)
})

test('a marker that overtakes the verification has it made again', async () => {
  const scene = await Scene.open()
  const sent = scene.send(data(2, { epoch: 1, sequence: 0 }), 'add-partition')
  await scene.world.runFor(1)
  await scene.world.run(scene.log.append(marker(2, 'commit', { epoch: 1 }), coordinator))
  await scene.answer(ErrorCode.NONE)
  expect(sent.code).toBeNull()
  await scene.answer(ErrorCode.NONE)
  expect(sent.code).toBe(0)
})

describe('the verifier', () => {
  interface Sent {
    request: {
      transactions: {
        transactionalId: string
        producerEpoch: number
        verifyOnly: boolean
        topics: { name: string; partitions: number[] }[]
      }[]
    }
    resolve: (response: unknown) => void
    reject: (error: Error) => void
  }

  function open(hasCoordinator = true) {
    const world = createWorld({ seed: 1 })
    const { clock, timers, logger } = world.host('a')
    const sent: Sent[] = []
    const client = {
      endpoint: { host: 'h', port: 1 },
      state: 'connected',
      send: (_api: unknown, request: Sent['request']) =>
        new Promise((resolve, reject) => sent.push({ request, resolve, reject })),
      close: () => undefined,
    } as unknown as PeerClient
    const verifier = new CoordinatorVerifier({
      coordinatorOf: () => (hasCoordinator ? { brokerId: 1, endpoint: client.endpoint } : null),
      connect: () => client,
      requestTimeoutMs: 1_000,
      clock,
      timers,
      logger,
      metrics: new Registry(world.host('a')),
    })
    const ask = (
      partition: number,
      more: { id?: string; epoch?: number; operation?: TransactionOperation } = {},
    ) => {
      const { id = 'tx', epoch = 0, operation = 'abortable-errors' } = more
      const transaction = { transactionalId: id, producerId: 5, producerEpoch: epoch, operation }
      return verifier.verify({ topic: 't', partition }, transaction)
    }
    return { world, sent, ask, verifier }
  }

  /** Says the same of every partition that was asked about. */
  function answer({ request, resolve }: Sent, errorCode: number): void {
    resolve({
      errorCode: 0,
      resultsByTransaction: request.transactions.map(({ transactionalId, topics }) => ({
        transactionalId,
        topicResults: topics.map(({ name, partitions }) => ({
          name,
          resultsByPartition: partitions.map((partitionIndex) => ({
            partitionIndex,
            partitionErrorCode: errorCode,
          })),
        })),
      })),
    })
  }

  test('asks in one request what is asked in one turn, and the rest with the next', async () => {
    const { world, sent, ask } = open()
    const first = [ask(0), ask(1), ask(0, { id: 'other' })]
    await world.runFor(1)
    const second = [ask(2), ask(3)]
    await world.runFor(1)
    expect(sent).toHaveLength(1)
    expect(sent[0]?.request.transactions).toMatchObject([
      { transactionalId: 'tx', verifyOnly: true, topics: [{ name: 't', partitions: [0, 1] }] },
      { transactionalId: 'other', topics: [{ name: 't', partitions: [0] }] },
    ])
    answer(sent[0] as Sent, ErrorCode.NONE)
    expect(await world.run(Promise.all(first))).toEqual([0, 0, 0])
    await world.runFor(1)
    expect(sent[1]?.request.transactions[0]?.topics).toEqual([{ name: 't', partitions: [2, 3] }])
    answer(sent[1] as Sent, ErrorCode.TRANSACTION_ABORTABLE)
    expect(await world.run(Promise.all(second))).toEqual([120, 120])
  })

  test('a newer epoch answers for the older one; adding and verifying do not mix', async () => {
    const { world, sent, ask } = open()
    const asked = [ask(0), ask(1, { epoch: 1 }), ask(2, { epoch: 1, operation: 'add-partition' })]
    await world.runFor(1)
    expect(await asked[0]).toBe(ErrorCode.INVALID_PRODUCER_EPOCH)
    expect(sent[0]?.request.transactions).toMatchObject([{ producerEpoch: 1, verifyOnly: true }])
    answer(sent[0] as Sent, ErrorCode.PRODUCER_FENCED)
    await world.runFor(1)
    expect(sent[1]?.request.transactions).toMatchObject([{ producerEpoch: 1, verifyOnly: false }])
    answer(sent[1] as Sent, ErrorCode.NONE)
    expect(await world.run(Promise.all(asked))).toEqual([47, ErrorCode.INVALID_PRODUCER_EPOCH, 0])
  })

  test('a coordinator that is unknown or does not answer is an error to retry', async () => {
    const unknown = open(false)
    expect(await unknown.ask(0)).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE)
    const { world, sent, ask, verifier } = open()
    const lost = ask(0)
    await world.runFor(1)
    sent[0]?.reject(new PeerError('ECONNRESET', 'gone'))
    expect(await world.run(lost)).toBe(ErrorCode.NETWORK_EXCEPTION)
    const unsupported = ask(0, { operation: 'default-errors' })
    await world.runFor(1)
    answer(sent[1] as Sent, ErrorCode.TRANSACTION_ABORTABLE)
    expect(await world.run(unsupported)).toBe(ErrorCode.INVALID_TXN_STATE)
    verifier.close()
    expect(await ask(0)).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE)
  })
})
