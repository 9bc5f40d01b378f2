// A log with transactions against a model over its batches: at random, and with a crash at every disk operation.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  batchBaseSequence,
  batchNextOffset,
  batchPositions,
  batchSizeBytes,
} from '../../protocol/records/batch.ts'
import { openTestLog } from '../../tests/support/log-fixtures.ts'
import { createWorld, type World } from '../../tests/support/memory-runtime.ts'
import {
  coordinator,
  data,
  everything,
  leader,
  marker,
  TransactionModel,
} from '../../tests/support/transaction-model.ts'
import type { PartitionLog } from './partition-log.ts'
import type { AppendOptions } from './types.ts'

const producerId = fc.integer({ min: 1, max: 4 })
const share = fc.double({ min: 0, max: 1, noNaN: true })
const step = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      type: fc.constant('send' as const),
      producerId,
      count: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('end' as const),
      producerId,
      isAbort: fc.boolean(),
      isBump: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('commit' as const), share }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('truncate' as const), share }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('flush' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('deleteRecords' as const), share }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('restart' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('crash' as const), powerLoss: fc.boolean() }),
  },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

const config = { segmentBytes: 700, indexIntervalBytes: 150, fileDeleteDelayMs: 5 }

/** One log, and beside it what the model makes of the same steps. */
class Run {
  readonly #world: World
  readonly #model = new TransactionModel()
  #log!: PartitionLog
  #inFlight: Buffer | null = null
  #checkpoint = { recoveryPoint: 0, logStartOffset: 0 }

  constructor(seed: number) {
    this.#world = createWorld({ seed })
  }

  async open(hadCleanShutdown: boolean): Promise<void> {
    const { recoveryPoint, logStartOffset } = this.#checkpoint
    this.#log = await openTestLog(this.#world.host('a'), {
      config,
      hadCleanShutdown,
      recoveryPoint,
      logStartOffset,
      onRecoveryPointLowered: async () => this.#remember(),
    })
  }

  #remember(): void {
    const { recoveryPoint, logStartOffset } = this.#log
    this.#checkpoint = { recoveryPoint, logStartOffset }
  }

  async take(one: Step): Promise<void> {
    const log = this.#log
    switch (one.type) {
      case 'send':
        return this.#send(one.producerId, one.count)
      case 'end':
        return this.#end(one.producerId, one)
      case 'commit': {
        const ends = this.#model.batches.map((batch) => batchNextOffset(batch, 0))
        const ahead = ends.filter((end) => end > log.highWatermark)
        return log.setHighWatermark(ahead[Math.floor(ahead.length * one.share)] ?? log.logEndOffset)
      }
      case 'truncate': {
        const room = log.logEndOffset - log.highWatermark
        await log.truncateTo(log.highWatermark + Math.floor(room * one.share))
        return this.#model.truncate(log.logEndOffset)
      }
      case 'flush':
        await log.flush()
        return this.#remember()
      case 'deleteRecords': {
        const room = log.highWatermark - log.logStartOffset
        await log.advanceLogStartOffset(log.logStartOffset + Math.floor((room * one.share) / 2))
        await log.applyRetention(0)
        return this.#remember()
      }
      case 'restart':
        await log.close()
        this.#remember()
        await this.open(true)
        return this.#settle()
      case 'crash':
        this.#world.crash('a', { powerLoss: one.powerLoss, tornWrites: one.powerLoss })
        await this.open(false)
        return this.#settle()
    }
  }

  /** After a start all there is counts as committed; what the disk lost is nowhere. */
  #settle(): void {
    this.#model.truncate(this.#log.logEndOffset)
    this.#log.setHighWatermark(this.#log.logEndOffset)
  }

  async #append(batch: Buffer, options: AppendOptions): Promise<void> {
    this.#inFlight = batch
    await this.#log.append(batch, options)
    this.#inFlight = null
    this.#model.batches.push(batch)
  }

  async #send(id: number, count: number): Promise<void> {
    const { epoch, sequence } = this.#model.producer(id)
    const batch = data(id, { epoch, sequence, count, isTransactional: id !== 4 })
    await this.#append(batch, leader)
  }

  async #end(
    id: number,
    { isAbort, isBump }: { isAbort: boolean; isBump: boolean },
  ): Promise<void> {
    const { epoch } = this.#model.producer(id)
    if (id === 4) return
    const batch = marker(id, isAbort ? 'abort' : 'commit', { epoch: isBump ? epoch + 1 : epoch })
    await this.#append(batch, coordinator)
  }

  async check(): Promise<void> {
    const log = this.#log
    const model = this.#model
    // A log that lost all it held begins anew at its start.
    expect(log.logEndOffset).toBe(Math.max(model.endOffset, log.logStartOffset))
    expect(model.lastStableOffsets(log)).toContain(log.lastStableOffset)
    const { logStartOffset: from, logEndOffset: to } = log
    const middle = Math.floor((from + to) / 2)
    for (const [start, end] of [
      [from, to],
      [from, middle],
      [middle, to],
    ] as const) {
      const told = model.from(await log.abortedTransactions(start, end), end, from)
      expect(told).toEqual(model.aborted(start, end, from))
    }
  }

  async compareBytes(): Promise<void> {
    const { records, baseOffset } = await this.#log.read(everything(this.#log))
    const sent = this.#model.batches.filter((batch) => batchNextOffset(batch, 0) > baseOffset)
    const read = [...batchPositions(records)].map((at) =>
      records.subarray(at, at + batchSizeBytes(records, at)),
    )
    expect(read.length).toBeLessThanOrEqual(sent.length)
    read.forEach((batch, at) => {
      expect(batchBaseSequence(batch, 0)).toBe(batchBaseSequence(sent[at] as Buffer, 0))
    })
  }

  run<T>(work: Promise<T>): Promise<T> {
    return this.#world.run(work)
  }

  diskOperations(): number {
    return this.#world.diskOperations('a')
  }

  crashAt(operation: number, how: { powerLoss: boolean; tornWrites: boolean }): void {
    this.#world.crashAtDiskOperation('a', operation, how)
  }

  /** False when the host crashed in between. */
  async playTo(steps: readonly Step[]): Promise<boolean> {
    let isDone = false
    const play = async () => {
      await this.open(false)
      for (const one of steps) await this.take(one)
      isDone = true
    }
    play().catch((error: unknown) => {
      // What a dead process makes of its disk is nothing.
      if (this.#world.isRunning('a')) throw error
    })
    await this.#world.runUntil(() => isDone || !this.#world.isRunning('a'))
    return isDone
  }

  /** What was begun when the host crashed may have come to the disk or not. */
  async recover(): Promise<void> {
    await this.run(this.open(false))
    const end = this.#log.logEndOffset
    if (end > this.#model.endOffset && this.#inFlight !== null)
      this.#model.batches.push(this.#inFlight)
    this.#settle()
  }
}

test('stable offset and aborted transactions are those of a model over the batches', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer(),
      fc.array(step, { minLength: 20, maxLength: 80, size: 'max' }),
      async (seed, steps) => {
        const run = new Run(seed)
        await run.run(run.open(false))
        for (const one of steps) {
          await run.run(run.take(one))
          await run.run(run.check())
        }
        await run.run(run.compareBytes())
      },
    ),
    // Shrinking would take longer than the test may; the seed tells all.
    { numRuns: 25, endOnFailure: true },
  )
}, 180_000)

test('a marker that was truncated away does not come back with a loss of power', async () => {
  const send = (producerId: number) => ({ type: 'send', producerId, count: 2 }) as const
  const steps: Step[] = [
    ...[send(1), send(2), { type: 'end', producerId: 2, isAbort: true, isBump: false } as const],
    ...[{ type: 'flush' } as const, { type: 'truncate', share: 0.8 } as const],
    ...Array.from({ length: 12 }, () => send(1)),
    ...[{ type: 'flush' } as const, { type: 'crash', powerLoss: true } as const],
  ]
  const run = new Run(1)
  await run.run(run.open(false))
  for (const one of steps) {
    await run.run(run.take(one))
    await run.run(run.check())
  }
})

/** Transactions that span segments, a truncation into one of them, an abort after each of its states. */
const script: readonly Step[] = [
  ...[1, 2, 3, 4, 1, 2].map((id) => ({ type: 'send', producerId: id, count: 2 }) as const),
  { type: 'end', producerId: 1, isAbort: true, isBump: false },
  ...[1, 3, 4, 2].map((id) => ({ type: 'send', producerId: id, count: 3 }) as const),
  { type: 'commit', share: 0.4 },
  { type: 'flush' },
  { type: 'end', producerId: 2, isAbort: true, isBump: true },
  { type: 'end', producerId: 3, isAbort: false, isBump: true },
  { type: 'send', producerId: 2, count: 2 },
  { type: 'truncate', share: 0.7 },
  { type: 'end', producerId: 2, isAbort: true, isBump: true },
  { type: 'send', producerId: 3, count: 2 },
  { type: 'commit', share: 0.9 },
  { type: 'deleteRecords', share: 0.8 },
  { type: 'end', producerId: 3, isAbort: true, isBump: false },
  { type: 'restart' },
  { type: 'send', producerId: 1, count: 1 },
]

/** An abort, then flushes of which one ends where its segment does, so that the next record rolls a new one. */
const flushedToTheEnd: readonly Step[] = [
  { type: 'send', producerId: 2, count: 2 },
  { type: 'end', producerId: 2, isAbort: true, isBump: false },
  ...Array.from({ length: 8 }, () => [
    { type: 'flush' } as const,
    { type: 'send', producerId: 1, count: 2 } as const,
  ]).flat(),
]

async function playUntilCrash(
  operation: number | null,
  how: { powerLoss: boolean; tornWrites: boolean },
  { steps = script, seed = 0 } = {},
): Promise<number> {
  const run = new Run(seed + (operation ?? 0))
  if (operation !== null) run.crashAt(operation, how)
  const isDone = await run.playTo(steps)
  if (isDone !== (operation === null)) return run.diskOperations()
  if (operation !== null) await run.recover()
  await run.run(run.check())
  return run.diskOperations()
}

test.each([
  { powerLoss: false, tornWrites: false },
  { powerLoss: true, tornWrites: true },
])(
  'after a crash at any disk operation transactions are those of the batches that are left: %o',
  async (how) => {
    const operations = await playUntilCrash(null, how)
    expect(operations).toBeGreaterThan(60)
    for (let operation = 1; operation <= operations; operation++) {
      await playUntilCrash(operation, how)
    }
  },
  240_000,
)

test('a segment flushed to its very end, as the active one, keeps its aborts through a loss of power', async () => {
  const how = { powerLoss: true, tornWrites: true }
  const operations = await playUntilCrash(null, how, { steps: flushedToTheEnd })
  for (let operation = 1; operation <= operations; operation++) {
    for (let seed = 0; seed < 24_000; seed += 1000) {
      await playUntilCrash(operation, how, { steps: flushedToTheEnd, seed })
    }
  }
}, 240_000)
