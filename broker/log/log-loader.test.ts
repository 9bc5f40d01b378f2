import { expect, test } from 'vitest'
import {
  client,
  TEST_TOPIC_ID,
  testBatch,
  testLogConfig,
} from '../../tests/support/log-fixtures.ts'
import { createWorld, type World } from '../../tests/support/memory-runtime.ts'
import type { Runtime, Workers } from '../runtime/runtime.ts'
import { checkIndexes } from './index-check.fixture.ts'
import { defaultLogManagerSettings, LogManager, type LogManagerSettings } from './log-manager.ts'
import type { PartitionLog } from './partition-log.ts'

const config = { ...testLogConfig, segmentBytes: 600, indexIntervalBytes: 150 }
const LOGS = 3

function settings(more: Partial<LogManagerSettings> = {}): LogManagerSettings {
  return {
    ...defaultLogManagerSettings,
    directories: ['/d'],
    clusterId: 'c',
    nodeId: 1,
    defaultConfig: config,
    recoverInPlaceBytesMax: 0,
    ...more,
  }
}

/** Three logs of 60 offsets, the first 20 flushed; then the process is killed. */
async function killed(): Promise<World> {
  const world = createWorld({ seed: 3 })
  const runtime = world.host('a')
  const logs = await world.run(LogManager.open({ runtime, settings: settings() }))
  const all: PartitionLog[] = []
  for (let partition = 0; partition < LOGS; partition++) {
    const tp = { topic: 't', partition }
    all.push(await world.run(logs.getOrCreate(tp, TEST_TOPIC_ID, config)))
  }
  const append = async (from: number, to: number) => {
    for (const log of all) {
      for (let i = from; i < to; i++) {
        const producer = { producerId: 7, producerEpoch: 0, baseSequence: i * 2 }
        const batch = testBatch(['a', 'b'], { ...producer, timestampMs: 1000 + i })
        await world.run(log.append(batch, { ...client, leaderEpoch: i >> 3 }))
      }
    }
  }
  await append(0, 10)
  for (const log of all) {
    log.setHighWatermark(20)
    await world.run(log.flush())
  }
  await world.run(logs.checkpoint())
  await append(10, 30)
  world.crash('a', { powerLoss: false })
  return world
}

/** Counts what is run, and how much of it side by side. */
function counting(runtime: Runtime, wrap: Partial<Workers> = {}) {
  const seen = { runs: [] as string[], underWay: 0, underWayMax: 0 }
  const workers: Workers = {
    async run(task, input, options) {
      seen.runs.push((input as { name: string }).name)
      seen.underWayMax = Math.max(seen.underWayMax, ++seen.underWay)
      try {
        return await runtime.workers.run(task, input, options)
      } finally {
        seen.underWay--
      }
    },
    close: async () => undefined,
    ...wrap,
  }
  return { seen, runtime: { ...runtime, workers } }
}

async function checkContents(world: World, runtime: Runtime, logs: LogManager): Promise<void> {
  expect([...logs.all()]).toHaveLength(LOGS)
  for (const log of logs.all()) {
    const { logEndOffset, recoveryPoint, highWatermark, latestEpoch, topicId } = log
    expect([logEndOffset, recoveryPoint, highWatermark, latestEpoch]).toEqual([60, 20, 20, 3])
    expect(topicId).toBe(TEST_TOPIC_ID)
    expect(log.epochs()).toHaveLength(4)
    expect(log.activeProducers()).toMatchObject([{ producerId: 7, lastSequence: 59 }])
    await world.run(checkIndexes(runtime, log))
    const next = testBatch(['x'], { producerId: 7, producerEpoch: 0, baseSequence: 60 })
    expect((await world.run(log.append(next, client))).firstOffset).toBe(60)
  }
}

test('workers recover what a kill left, so many at a time; a clean stop needs none', async () => {
  const world = await killed()
  const { runtime, seen } = counting(world.host('a'))
  const logs = await world.run(LogManager.open({ runtime, settings: settings() }))
  expect(seen.runs.sort()).toEqual(['t-0', 't-1', 't-2'])
  expect(seen.underWayMax).toBe(2)
  await checkContents(world, runtime, logs)
  await world.run(logs.close(4))
  const again = counting(runtime)
  const reopened = await world.run(
    LogManager.open({ runtime: again.runtime, settings: settings() }),
  )
  expect(again.seen.runs).toEqual([])
  expect(reopened.get({ topic: 't', partition: 0 })?.recoveryPoint).toBe(61)
})

test('little is recovered in place, and so is everything when a thread is lost', async () => {
  const world = await killed()
  const small = counting(world.host('a'))
  const inPlace = settings({ recoverInPlaceBytesMax: 1_000_000 })
  const logs = await world.run(LogManager.open({ runtime: small.runtime, settings: inPlace }))
  expect(small.seen.runs).toEqual([])
  expect([...logs.all()].map((log) => log.logEndOffset)).toEqual([60, 60, 60])
  world.crash('a', { powerLoss: false })
  const lost = Object.assign(new Error('the thread ended'), { code: 'EWORKER' })
  const { runtime } = counting(world.host('a'), { run: () => Promise.reject(lost) })
  await checkContents(
    world,
    runtime,
    await world.run(LogManager.open({ runtime, settings: settings() })),
  )
})

test('the log tells how much is left, and so does the manager', async () => {
  const world = await killed()
  let pass: () => void = () => undefined
  const held = new Promise<void>((resolve) => {
    pass = resolve
  })
  const host = world.host('a')
  const { runtime } = counting(host, {
    run: async (task, input, options) => {
      if ((input as { name: string }).name === 't-2') await held
      return host.workers.run(task, input, options)
    },
  })
  const logs = await world.run(LogManager.claim({ runtime, settings: settings() }))
  const loaded = logs.load()
  await world.runFor(2500)
  expect(logs.recovery).toMatchObject([{ path: '/d', logs: 1 }])
  const line = world.logLines.find(({ message }) => message === 'Recovering logs')
  expect(line?.fields).toMatchObject({ logsRemaining: 1, directory: '/d' })
  expect(line?.fields.segmentsRemaining).toBeGreaterThan(1)
  expect(line?.fields.bytesRemaining).toBeGreaterThan(500)
  pass()
  await world.run(loaded)
  expect(logs.recovery).toEqual([])
})

test('ended while loading, nothing counts as clean that was not', async () => {
  const world = await killed()
  const host = world.host('a')
  const never = new Promise<never>(() => undefined)
  const { runtime } = counting(host, {
    run: (_task, _input, options) =>
      new Promise((resolve, reject) => {
        const lost = Object.assign(new Error('given up'), { code: 'EWORKER' })
        options?.signal?.addEventListener('abort', () => reject(lost))
        never.then(resolve)
      }),
  })
  const logs = await world.run(LogManager.claim({ runtime, settings: settings() }))
  const loading = logs.load()
  const failed = loading.catch((error: Error) => error.name)
  await world.runFor(100)
  await world.run(logs.close(9))
  expect(await failed).toBe('AbortError')
  expect(await world.run(host.disk.stat('/d/.kafka_cleanshutdown'))).toBeNull()
  const after = await world.run(LogManager.open({ runtime: host, settings: settings() }))
  await checkContents(world, host, after)
  await world.run(after.close(9))
  // Claimed and let go without loading: it is as clean as it was.
  const claimed = await world.run(LogManager.claim({ runtime: host, settings: settings() }))
  expect(claimed.previousBrokerEpoch).toBe(9)
  await world.run(claimed.close(-1))
  const last = await world.run(LogManager.claim({ runtime: host, settings: settings() }))
  expect(last.previousBrokerEpoch).toBe(9)
})
