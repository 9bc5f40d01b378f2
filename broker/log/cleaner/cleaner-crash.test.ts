import { expect, test } from 'vitest'
import { client, testBatch, testLogConfig } from '../../../tests/support/log-fixtures.ts'
import { createWorld, SeededRandom, type World } from '../../../tests/support/memory-runtime.ts'
import type { Runtime } from '../../runtime/runtime.ts'
import { checkIndexes } from '../index-check.fixture.ts'
import { defaultLogManagerSettings, LogManager } from '../log-manager.ts'
import type { LogConfig } from '../types.ts'
import { checkAgainstModel, type ModelRecord, RandomWork } from './cleaner.fixture.ts'

/** Hundreds of small worlds: slow on a busy machine. */
const TIMEOUT_MS = 240_000

const config: LogConfig = {
  ...testLogConfig,
  cleanupDelete: false,
  cleanupCompact: true,
  segmentBytes: 900,
  indexIntervalBytes: 300,
  fileDeleteDelayMs: 5,
  minCleanableDirtyRatio: 0,
  deleteRetentionMs: 5,
}
const tp = { topic: 't', partition: 0 }

function openLogs(runtime: Runtime): Promise<LogManager> {
  return LogManager.open({
    runtime,
    settings: {
      ...defaultLogManagerSettings,
      directories: ['/data'],
      clusterId: 'c',
      nodeId: 1,
      defaultConfig: config,
      tailRingBytes: 0,
    },
  })
}

interface Told {
  records: readonly ModelRecord[]
  /** Everything below was flushed. */
  synced: number
  cleanings: number
  isDone: boolean
}

/** Appends, flushes, and compacts twice; ends somewhere in between when the host crashes. */
async function workload(runtime: Runtime, told: Told): Promise<void> {
  const logs = await openLogs(runtime)
  const log = await logs.getOrCreate(tp, 'abcdefghijklmnopqrstuw', config)
  const work = new RandomWork(log, new SeededRandom('crash'), {
    keys: 6,
    isCompressed: false,
  })
  told.records = work.records
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 14; i++) await work.step(runtime.clock.nowMs())
    await work.settle(runtime.clock.nowMs())
    await log.flush()
    await logs.checkpoint()
    told.synced = log.logEndOffset
    while (await logs.cleaner.cleanNext()) told.cleanings++
  }
  told.isDone = true
}

async function inspect(world: World, told: Told): Promise<void> {
  const runtime = world.host('a')
  const logs = await world.run(openLogs(runtime))
  const log = logs.get(tp)
  if (log === null) {
    expect(told.synced).toBe(0)
    return
  }
  expect(log.logEndOffset).toBeGreaterThanOrEqual(told.synced)
  log.setHighWatermark(log.logEndOffset)
  await world.run(checkAgainstModel(log, present(told.records, log.lastStableOffset)))
  await world.run(checkIndexes(runtime, log))
  const files = await world.run(runtime.disk.readdir('/data/t-0'))
  expect(files.filter((name) => /\.(cleaned|swap|deleted)$/.test(name))).toEqual([])
  // It goes on, and can be cleaned again.
  await world.run(log.append(testBatch(['next']), client))
  while (await world.run(logs.cleaner.cleanNext()));
  expect(logs.cleaner.uncleanable.size).toBe(0)
  await world.run(logs.close(8))
}

/** Of a transaction that had not ended when the host crashed, the end is not known. */
function present(records: readonly ModelRecord[], lastStableOffset: number): ModelRecord[] {
  return records.filter((record) => record.offset < lastStableOffset)
}

const fresh = (): Told => ({ records: [], synced: 0, cleanings: 0, isDone: false })

async function countOperations(): Promise<number> {
  const world = createWorld({ seed: 0 })
  const told = fresh()
  await world.run(workload(world.host('a'), told))
  expect(told.cleanings).toBeGreaterThanOrEqual(2)
  return world.diskOperations('a')
}

test.each([
  { powerLoss: false, tornWrites: false, seeds: 1 },
  { powerLoss: true, tornWrites: true, seeds: 1 },
])(
  'a crash at every disk operation of a compaction leaves each key its last value: %o',
  async (how) => {
    const operations = await countOperations()
    for (let seed = 1; seed <= how.seeds; seed++) {
      for (let operation = 1; operation <= operations; operation++) {
        const world = createWorld({ seed })
        const told = fresh()
        world.crashAtDiskOperation('a', operation, how)
        void workload(world.host('a'), told)
        try {
          await world.runUntil(() => told.isDone || !world.isRunning('a'))
          if (told.isDone) world.crash('a', how)
          await inspect(world, told)
        } catch (cause) {
          const where = `seed ${seed}, operation ${operation}, ${JSON.stringify(how)}`
          throw new Error(`${where}: ${(cause as Error).message}`, { cause })
        }
      }
    }
  },
  TIMEOUT_MS,
)
