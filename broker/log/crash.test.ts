import { expect, test } from 'vitest'
import { batchPositions } from '../../protocol/records/batch.ts'
import { readRecordsSync } from '../../protocol/records/read.ts'
import { client, testBatch, testLogConfig } from '../../tests/support/log-fixtures.ts'
import { createWorld, type World } from '../../tests/support/memory-runtime.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { checkIndexes } from './index-check.fixture.ts'
import { defaultLogManagerSettings, LogManager } from './log-manager.ts'
import type { PartitionLog } from './partition-log.ts'
import type { LogConfig } from './types.ts'

/** Thousands of small worlds: slow on a busy machine. */
const TIMEOUT_MS = 240_000

const config: LogConfig = {
  ...testLogConfig,
  segmentBytes: 700,
  indexIntervalBytes: 150,
  fileDeleteDelayMs: 5,
}
const tp = { topic: 't', partition: 0 }

/** `recovery`: where what a crash left is checked. */
function openLogs(runtime: Runtime, recovery: 'in place' | 'worker'): Promise<LogManager> {
  return LogManager.open({
    runtime,
    settings: {
      ...defaultLogManagerSettings,
      recoverInPlaceBytesMax: recovery === 'worker' ? -1 : Number.MAX_SAFE_INTEGER,
      directories: ['/data'],
      clusterId: 'c',
      nodeId: 1,
      defaultConfig: config,
    },
  })
}

/** What the workload was told before the crash. */
interface Told {
  /** Value at each offset, as long as nothing took it back. */
  values: string[]
  /** Offsets below were acknowledged and not truncated since. */
  acknowledged: number
  /** Offsets below were flushed and not truncated since. */
  synced: number
  /** A truncation was begun: offsets from here may or may not be there. */
  truncatingTo: number | null
  isDone: boolean
}

/** Appends, rolls, flushes, truncates and closes; ends somewhere in between when the host crashes. */
async function workload(runtime: Runtime, told: Told): Promise<void> {
  const logs = await openLogs(runtime, 'in place')
  const log = await logs.getOrCreate(tp, 'abcdefghijklmnopqrstuw', config)
  let sequence = 0
  let epoch = 0
  const append = async (count: number) => {
    for (let i = 0; i < count; i++) {
      const at = log.nextOffset
      const values = [`${epoch}:${at}`, `${epoch}:${at + 1}`]
      const producer = { producerId: 5, producerEpoch: epoch, baseSequence: sequence }
      sequence += 2
      const batch = testBatch(values, { ...producer, timestampMs: 1000 + at })
      told.values = [...told.values.slice(0, at), ...values]
      const info = await log.append(batch, { ...client, leaderEpoch: epoch })
      told.acknowledged = info.lastOffset + 1
    }
  }
  const flush = async () => {
    const end = log.logEndOffset
    await log.flush()
    told.synced = end
    await logs.checkpoint()
  }
  await append(9)
  await flush()
  await append(5)
  told.truncatingTo = 12
  told.acknowledged = Math.min(told.acknowledged, 12)
  told.synced = Math.min(told.synced, 12)
  await log.truncateTo(12)
  told.truncatingTo = null
  told.synced = 12
  epoch = 1
  sequence = 0
  await append(8)
  await flush()
  await append(3)
  await logs.close(7)
  told.synced = log.logEndOffset
  told.isDone = true
}

async function readAll(log: PartitionLog): Promise<string[]> {
  const values: string[] = []
  for (let next = log.logStartOffset; next < log.logEndOffset; ) {
    const request = { offset: next, maxBytes: 400, minOneBatch: true }
    const result = await log.read({ ...request, endOffsetExclusive: log.logEndOffset })
    for (const at of batchPositions(result.records)) {
      for (const record of readRecordsSync(result.records, at)) {
        values[record.offset] = String(record.value)
      }
    }
    next = result.nextOffset
  }
  return values
}

interface How {
  powerLoss: boolean
  recovery: 'in place' | 'worker'
}

async function inspect(world: World, told: Told, { powerLoss, recovery }: How): Promise<void> {
  const runtime = world.host('a')
  const logs = await world.run(openLogs(runtime, recovery))
  const log = logs.get(tp)
  const kept = powerLoss ? told.synced : told.acknowledged
  if (log === null) {
    expect(kept).toBe(0)
    return
  }
  expect(log.logEndOffset).toBeGreaterThanOrEqual(kept)
  const values = await world.run(readAll(log))
  expect(values).toHaveLength(log.logEndOffset)
  const certain = Math.min(told.truncatingTo ?? Number.POSITIVE_INFINITY, log.logEndOffset)
  for (let offset = 0; offset < certain; offset++) {
    // Beyond what was told, only an older life of the same offset may come back.
    if (offset < kept) expect(values[offset]).toBe(told.values[offset])
    else expect(values[offset]).toMatch(new RegExp(`^\\d:${offset}$`))
  }
  await world.run(checkIndexes(runtime, log))
  // The log goes on: epochs and producers are those of what is there.
  expect(log.latestEpoch).toBe(log.logEndOffset === 0 ? log.latestEpoch : lastEpoch(values))
  const producer = log.activeProducers()[0]
  if (log.logEndOffset > 0) {
    const epoch = lastEpoch(values)
    const first = values.findIndex((value) => value.startsWith(`${epoch}:`))
    expect(producer).toMatchObject({
      producerEpoch: epoch,
      lastSequence: log.logEndOffset - 1 - (epoch === 0 ? 0 : first),
    })
  }
  const next = log.logEndOffset
  const info = await world.run(log.append(testBatch(['next']), { ...client, leaderEpoch: 2 }))
  expect(info.firstOffset).toBe(next)
  await world.run(logs.close(8))
}

const lastEpoch = (values: string[]) => Number(values.at(-1)?.split(':')[0])

function fresh(): Told {
  return { values: [], acknowledged: 0, synced: 0, truncatingTo: null, isDone: false }
}

async function countOperations(): Promise<number> {
  const world = createWorld({ seed: 0 })
  const told = fresh()
  await world.run(workload(world.host('a'), told))
  expect(told.isDone).toBe(true)
  await inspect(world, told, { powerLoss: false, recovery: 'in place' })
  return world.diskOperations('a')
}

test.each([
  { powerLoss: false, tornWrites: false, seeds: 1 },
  { powerLoss: false, tornWrites: true, seeds: 1 },
  { powerLoss: true, tornWrites: false, seeds: 1 },
  { powerLoss: true, tornWrites: true, seeds: 2 },
])(
  'a crash at every disk operation loses nothing that was promised: %o',
  async (how) => {
    const operations = await countOperations()
    expect(operations).toBeGreaterThan(100)
    for (let seed = 1; seed <= how.seeds; seed++) {
      for (let operation = 1; operation <= operations; operation++) {
        const world = createWorld({ seed })
        const told = fresh()
        world.crashAtDiskOperation('a', operation, how)
        void workload(world.host('a'), told)
        try {
          await world.runUntil(() => told.isDone || !world.isRunning('a'))
          if (told.isDone) world.crash('a', how)
          const recovery = operation % 2 === 0 ? 'worker' : 'in place'
          // Another crash while the first one is recovered from.
          world.crashAtDiskOperation('a', 1 + ((operation * 7) % 31), how)
          let isOpen = false
          void openLogs(world.host('a'), recovery).then(() => {
            isOpen = true
          })
          await world.runUntil(() => isOpen || !world.isRunning('a'))
          if (isOpen) world.crash('a', how)
          await inspect(world, told, { ...how, recovery })
        } catch (cause) {
          const where = `seed ${seed}, operation ${operation}, ${JSON.stringify(how)}`
          throw new Error(`${where}: ${(cause as Error).message}`, { cause })
        }
      }
    }
  },
  TIMEOUT_MS,
)
