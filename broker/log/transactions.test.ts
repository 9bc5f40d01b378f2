// Transactions as one partition sees them: what is stable, what was aborted, who may go on.
import { describe, expect, test } from 'vitest'
import { ErrorCode } from '../../protocol/errors.ts'
import type { EndTransactionKind } from '../../protocol/records/control.ts'
import { openTestLog } from '../../tests/support/log-fixtures.ts'
import { createWorld, type World } from '../../tests/support/memory-runtime.ts'
import {
  coordinator,
  data,
  everything,
  leader,
  marker,
  type SentData,
} from '../../tests/support/transaction-model.ts'
import { createLogShared } from './log-shared.ts'
import { offsetName, TRANSACTION_INDEX_SUFFIX } from './names.ts'
import type { PartitionLog } from './partition-log.ts'
import type { AppendOptions } from './types.ts'

async function codeOf(append: Promise<unknown>): Promise<number> {
  return append.then(
    () => ErrorCode.NONE,
    (error: { code: number }) => error.code,
  )
}

interface Scene {
  world: World
  log: PartitionLog
  send: (producerId: number, sent: SentData, more?: Partial<AppendOptions>) => Promise<number>
  end: (
    producerId: number,
    kind: EndTransactionKind,
    epochs?: { epoch?: number; coordinatorEpoch?: number; transactionVersion?: number },
  ) => Promise<number>
}

async function withLog(
  check: (scene: Scene) => Promise<void>,
  mustVerifyTransactions = false,
): Promise<void> {
  const world = createWorld({ seed: 1 })
  const run = async () => {
    const shared = createLogShared(world.host('a'))
    shared.mustVerifyTransactions = mustVerifyTransactions
    const log = await openTestLog(world.host('a'), { shared })
    await check({
      world,
      log,
      send: (producerId, sent, more) =>
        codeOf(log.append(data(producerId, sent), { ...leader, ...more })),
      end: (producerId, kind, { transactionVersion = 0, ...epochs } = {}) =>
        codeOf(
          log.append(marker(producerId, kind, epochs), { ...coordinator, transactionVersion }),
        ),
    })
  }
  await world.run(run())
}

describe('the last stable offset', () => {
  test('stays at the first open transaction until its marker is committed', () =>
    withLog(async ({ log, send, end }) => {
      await send(1, { sequence: 0, isTransactional: false })
      await send(2, { sequence: 0 })
      await send(3, { sequence: 0 })
      await send(2, { sequence: 1 })
      log.setHighWatermark(4)
      expect(log.lastStableOffset).toBe(1)
      await end(2, 'commit')
      expect(log.lastStableOffset).toBe(1)
      log.setHighWatermark(4)
      expect(log.lastStableOffset).toBe(1)
      log.setHighWatermark(5)
      expect(log.lastStableOffset).toBe(2)
      await end(3, 'abort')
      log.setHighWatermark(6)
      expect(log.lastStableOffset).toBe(6)
    }))

  test('never passes the high watermark, and follows a log start that passes it', () =>
    withLog(async ({ log, send }) => {
      await send(2, { sequence: 0 })
      await send(1, { sequence: 0, count: 5, isTransactional: false })
      expect(log.lastStableOffset).toBe(0)
      log.setHighWatermark(6)
      expect(log.lastStableOffset).toBe(0)
      await log.advanceLogStartOffset(3)
      expect(log.lastStableOffset).toBe(3)
    }))

  test('is the same on a follower that got the batches from its leader', () =>
    withLog(async ({ world, log, send, end }) => {
      await send(2, { sequence: 0, count: 2 })
      await send(3, { sequence: 0 })
      await end(2, 'abort')
      const follower = await openTestLog(world.host('b'))
      const { records } = await log.read(everything(log))
      await follower.append(Buffer.from(records), { origin: 'replica', leaderEpoch: 0 })
      for (const replica of [log, follower]) {
        replica.setHighWatermark(4)
        expect(replica.lastStableOffset).toBe(2)
        expect(await replica.abortedTransactions(0, 4)).toEqual([{ producerId: 2, firstOffset: 0 }])
      }
    }))
})

describe('a marker', () => {
  test('of an older coordinator is fenced, of the same one is not', () =>
    withLog(async ({ send, end }) => {
      await send(2, { sequence: 0 })
      expect(await end(2, 'commit', { coordinatorEpoch: 5 })).toBe(ErrorCode.NONE)
      expect(await end(2, 'commit', { coordinatorEpoch: 4 })).toBe(
        ErrorCode.TRANSACTION_COORDINATOR_FENCED,
      )
      expect(await end(2, 'commit', { coordinatorEpoch: 5 })).toBe(ErrorCode.NONE)
    }))

  test('with a newer epoch fences the producer that went on', () =>
    withLog(async ({ log, send, end }) => {
      await send(2, { sequence: 0 })
      expect(await end(2, 'abort', { epoch: 1 })).toBe(ErrorCode.NONE)
      expect(await send(2, { sequence: 1 })).toBe(ErrorCode.INVALID_PRODUCER_EPOCH)
      expect(await send(2, { epoch: 1, sequence: 0 })).toBe(ErrorCode.NONE)
      expect(await end(2, 'abort', { epoch: 0 })).toBe(ErrorCode.INVALID_PRODUCER_EPOCH)
      expect(log.activeProducers()[0]).toMatchObject({ producerEpoch: 1, currentTxnStartOffset: 2 })
    }))

  test('of transaction version 2 has a newer epoch than its data, unless it comes again', () =>
    withLog(async ({ send, end }) => {
      await send(2, { sequence: 0 })
      const bumped = { transactionVersion: 2 }
      expect(await end(2, 'commit', bumped)).toBe(ErrorCode.INVALID_PRODUCER_EPOCH)
      expect(await end(2, 'commit', { ...bumped, epoch: 1 })).toBe(ErrorCode.NONE)
      expect(await end(2, 'commit', { ...bumped, epoch: 1 })).toBe(ErrorCode.NONE)
      expect(await send(2, { epoch: 1, sequence: 0 })).toBe(ErrorCode.NONE)
      expect(await end(2, 'commit', { ...bumped, epoch: 1 })).toBe(ErrorCode.INVALID_PRODUCER_EPOCH)
    }))

  test('without a transaction to end changes nothing but epochs', () =>
    withLog(async ({ log, end }) => {
      expect(await end(9, 'abort', { epoch: 4, coordinatorEpoch: 2 })).toBe(ErrorCode.NONE)
      log.setHighWatermark(1)
      expect(log.lastStableOffset).toBe(1)
      expect(await log.abortedTransactions(0, 1)).toEqual([])
      expect(log.activeProducers()[0]).toMatchObject({ producerEpoch: 4, coordinatorEpoch: 2 })
    }))
})

describe('a transaction that must be verified', () => {
  const verified = (check: (scene: Scene) => Promise<void>) => withLog(check, true)
  const start = { producerId: 2, producerEpoch: 0, baseSequence: 0, supportsEpochBump: false }

  test('begins with its guard only, and goes on without', () =>
    verified(async ({ log, send, end }) => {
      expect(await send(2, { sequence: 0 })).toBe(ErrorCode.INVALID_TXN_STATE)
      const verificationGuard = log.beginVerification(start)
      expect(await send(2, { sequence: 0 }, { verificationGuard })).toBe(ErrorCode.NONE)
      expect(log.beginVerification(start)).toBeNull()
      expect(await send(2, { sequence: 1 })).toBe(ErrorCode.NONE)
      expect(await end(2, 'commit')).toBe(ErrorCode.NONE)
      expect(await send(2, { sequence: 2 }, { verificationGuard })).toBe(
        ErrorCode.INVALID_TXN_STATE,
      )
    }))

  test('does not begin with a guard from before the last marker', () =>
    verified(async ({ log, send, end }) => {
      const verificationGuard = log.beginVerification(start)
      await end(2, 'abort')
      expect(await send(2, { sequence: 0 }, { verificationGuard })).toBe(
        ErrorCode.INVALID_TXN_STATE,
      )
    }))

  test('lets no later batch go ahead of one that failed to be verified', () =>
    verified(async ({ log, send }) => {
      log.beginVerification({ ...start, baseSequence: 5 })
      const verificationGuard = log.beginVerification({ ...start, baseSequence: 8 })
      expect(await send(2, { sequence: 8 }, { verificationGuard })).toBe(
        ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
      )
      expect(await send(2, { sequence: 5, count: 3 }, { verificationGuard })).toBe(ErrorCode.NONE)
    }))

  test('of transaction version 2 begins at sequence 0 where nothing is known', () =>
    verified(async ({ log, send }) => {
      const bumping = { ...start, baseSequence: 3, supportsEpochBump: true }
      const verificationGuard = log.beginVerification(bumping)
      expect(await send(2, { sequence: 3 }, { verificationGuard })).toBe(
        ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
      )
    }))

  test('is not asked of markers, followers and those outside transactions', () =>
    verified(async ({ log, send, end }) => {
      expect(await send(1, { sequence: 0, isTransactional: false })).toBe(ErrorCode.NONE)
      expect(await end(2, 'commit')).toBe(ErrorCode.NONE)
      const replicated = data(3, { sequence: 0 })
      replicated.writeBigInt64BE(BigInt(log.logEndOffset), 0)
      const replica = { origin: 'replica', leaderEpoch: 0 } as const
      expect(await codeOf(log.append(replicated, replica))).toBe(ErrorCode.NONE)
    }))
})

test('a damaged transaction index is made anew from the segment', () =>
  withLog(async ({ world, log, send, end }) => {
    await send(2, { sequence: 0 })
    await send(3, { sequence: 0 })
    await end(2, 'abort')
    await end(3, 'abort')
    await log.close()
    const { disk } = world.host('a')
    const file = `/data/t-0/${offsetName(0)}${TRANSACTION_INDEX_SUFFIX}`
    expect(await disk.readFile(file)).toHaveLength(2 * 34)
    await disk.writeFileAtomic(file, Buffer.alloc(40, 7))
    const again = await openTestLog(world.host('a'), { hadCleanShutdown: true })
    const aborted = [
      { producerId: 2, firstOffset: 0 },
      { producerId: 3, firstOffset: 1 },
    ]
    expect(await again.abortedTransactions(0, 4)).toEqual(aborted)
    expect(await disk.readFile(file)).toHaveLength(2 * 34)
  }))
