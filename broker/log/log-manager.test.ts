import { expect, test } from 'vitest'
import { client, testBatch, testLogConfig } from '../../tests/support/log-fixtures.ts'
import { createMemoryRuntime, createWorld, type World } from '../../tests/support/memory-runtime.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { defaultLogManagerSettings, LogManager, type LogManagerSettings } from './log-manager.ts'

const topicId = 'abcdefghijklmnopqrstuw'
const otherId = 'zyxwvutsrqponmlkjihgfw'
const t0 = { topic: 'my.topic-x', partition: 0 }

function open(runtime: Runtime, settings: Partial<LogManagerSettings> = {}): Promise<LogManager> {
  return LogManager.open({
    runtime,
    settings: {
      ...defaultLogManagerSettings,
      directories: ['/data'],
      clusterId: 'cluster',
      nodeId: 1,
      defaultConfig: testLogConfig,
      ...settings,
    },
  })
}

const text = async (runtime: Runtime, file: string) =>
  (await runtime.disk.readFile(file)).toString()

test('logs, offsets and the broker epoch come back after a clean close', async () => {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  let logs = await open(runtime)
  expect(logs.previousBrokerEpoch).toBe(-1)
  const log = await logs.getOrCreate(t0, topicId, testLogConfig)
  await log.append(testBatch(['a', 'b', 'c']), client)
  log.setHighWatermark(2)
  await log.advanceLogStartOffset(1)
  await logs.close(42)
  expect(await text(runtime, '/data/.kafka_cleanshutdown')).toBe('{"version":0,"brokerEpoch":42}')
  expect(await text(runtime, '/data/recovery-point-offset-checkpoint')).toBe(
    '0\n1\nmy.topic-x 0 3\n',
  )
  expect(await text(runtime, '/data/replication-offset-checkpoint')).toBe('0\n1\nmy.topic-x 0 2\n')
  expect(await text(runtime, '/data/log-start-offset-checkpoint')).toBe('0\n1\nmy.topic-x 0 1\n')
  expect(await text(runtime, '/data/my.topic-x-0/partition.metadata')).toBe(
    `version: 0\ntopic_id: ${topicId}\n`,
  )
  logs = await open(runtime)
  expect(logs.previousBrokerEpoch).toBe(42)
  expect(logs.get(t0)).toMatchObject({
    topicId,
    logStartOffset: 1,
    highWatermark: 2,
    logEndOffset: 3,
    recoveryPoint: 3,
  })
  expect(await runtime.disk.stat('/data/.kafka_cleanshutdown')).toBeNull()
  await logs.close(43)
})

test('a second owner is refused, as is the directory of another cluster or node', async () => {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  const logs = await open(runtime)
  const [{ directoryId } = { directoryId: '' }] = logs.directories
  expect(await text(runtime, '/data/meta.properties')).toBe(
    `version=1\ncluster.id=cluster\ndirectory.id=${directoryId}\nnode.id=1\n`,
  )
  await expect(open(runtime)).rejects.toMatchObject({ code: 'ELOCKED' })
  await logs.close(1)
  await expect(open(runtime, { clusterId: 'other' })).rejects.toThrow(/cluster\.id=cluster/)
  await expect(open(runtime, { nodeId: 2 })).rejects.toThrow(/node\.id=1/)
  const again = await open(runtime)
  expect(again.directories).toEqual([
    { path: '/data', directoryId, isOnline: true, isCordoned: false },
  ])
})

test('a removed log is out of sight at once and gone after file.delete.delay.ms', async () => {
  const { runtime, world } = createMemoryRuntime({ seed: 1 })
  const logs = await open(runtime)
  const log = await logs.getOrCreate(t0, topicId, testLogConfig)
  await log.append(testBatch(['a']), client)
  await logs.remove(t0)
  expect(logs.get(t0)).toBeNull()
  await expect(log.append(testBatch(['b']), client)).rejects.toThrow(/closed/)
  const left = async () =>
    (await runtime.disk.readdir('/data')).filter((name) => name.startsWith('my.'))
  expect(await left()).toEqual([expect.stringMatching(/^my\.topic-x-0\.[0-9a-f]{32}-delete$/)])
  const fresh = await logs.getOrCreate(t0, otherId, testLogConfig)
  expect(fresh.logEndOffset).toBe(0)
  await world.runFor(60_000)
  expect(await left()).toEqual(['my.topic-x-0'])
})

test('what a crash left of a removal is swept on the next start', async () => {
  const world = createWorld({ seed: 1 })
  let logs = await world.run(open(world.host('a')))
  await world.run(logs.getOrCreate(t0, topicId, testLogConfig))
  await world.run(logs.remove(t0))
  world.crash('a', { powerLoss: false })
  logs = await world.run(open(world.host('a')))
  expect([...logs.all()]).toEqual([])
  await world.runFor(60_001)
  const names = await world.host('a').disk.readdir('/data')
  expect(names.filter((name) => name.startsWith('my.'))).toEqual([])
})

test('a log of another topic id is moved aside, one that lost its id is adopted', async () => {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  let logs = await open(runtime)
  const log = await logs.getOrCreate(t0, topicId, testLogConfig)
  await log.append(testBatch(['a']), client)
  expect(await logs.getOrCreate(t0, topicId, testLogConfig)).toBe(log)
  const other = await logs.getOrCreate(t0, otherId, testLogConfig)
  expect(other).toMatchObject({ logEndOffset: 0, topicId: otherId })
  expect(await runtime.disk.readdir('/data')).toContainEqual(
    expect.stringMatching(/^my\.topic-x-0\.[0-9a-f]{32}-stray$/),
  )
  await logs.close(1)
  await runtime.disk.unlink('/data/my.topic-x-0/partition.metadata')
  logs = await open(runtime)
  expect(logs.get(t0)?.topicId).toBe('')
  expect(await logs.getOrCreate(t0, topicId, testLogConfig)).toMatchObject({ topicId })
})

test('calls for one partition at once make one log', async () => {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  const logs = await open(runtime)
  const made = await Promise.all([1, 2, 3].map(() => logs.getOrCreate(t0, topicId, testLogConfig)))
  expect(new Set(made).size).toBe(1)
})

test('new logs go to the directory with the fewest', async () => {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  const logs = await open(runtime, { directories: ['/d1', '/d2'] })
  for (let partition = 0; partition < 6; partition++) {
    await logs.getOrCreate({ topic: 't', partition }, topicId, testLogConfig)
  }
  const counts = ['/d1/', '/d2/'].map(
    (lead) => [...logs.all()].filter((log) => log.directory.startsWith(lead)).length,
  )
  expect(counts).toEqual([3, 3])
})

test('new logs go to a cordoned directory only where there is no other', async () => {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  const logs = await open(runtime, { directories: ['/d1', '/d2'] })
  const places = async (count: number, topic: string) => {
    for (let partition = 0; partition < count; partition++) {
      await logs.getOrCreate({ topic, partition }, topicId, testLogConfig)
    }
    const ofTopic = [...logs.all()].filter((log) => log.topic === topic)
    return ['/d1/', '/d2/'].map((d) => ofTopic.filter((log) => log.directory.startsWith(d)).length)
  }
  logs.cordon(new Set(['/d1']))
  expect(logs.directories.map(({ isCordoned }) => isCordoned)).toEqual([true, false])
  expect(await places(3, 'a')).toEqual([0, 3])
  logs.cordon(new Set(['/d1', '/d2']))
  expect(await places(3, 'b')).toEqual([3, 0])
  logs.cordon(new Set())
  expect(await places(2, 'c')).toEqual([1, 1])
})

test('a failing disk takes its directory offline and leaves no clean marker', async () => {
  const { runtime, world } = createMemoryRuntime({ seed: 1 })
  const failed: string[] = []
  const logs = await LogManager.open({
    runtime,
    settings: {
      ...defaultLogManagerSettings,
      directories: ['/d1', '/d2'],
      clusterId: 'cluster',
      nodeId: 1,
      defaultConfig: testLogConfig,
    },
    onDirectoryFailure: ({ path }) => failed.push(path),
  })
  const log = await logs.getOrCreate(t0, topicId, testLogConfig)
  world.disk('local').fault = ({ kind, path }) =>
    kind === 'write' && path.startsWith('/d1') ? 'EIO' : null
  await expect(log.append(testBatch(['a']), client)).rejects.toMatchObject({ code: 'EIO' })
  expect(failed).toEqual(['/d1'])
  expect(logs.directories.map((directory) => directory.isOnline)).toEqual([false, true])
  const next = await logs.getOrCreate({ topic: 't', partition: 9 }, topicId, testLogConfig)
  expect(next.directory).toBe('/d2/t-9')
  await logs.close(5)
  expect(await runtime.disk.stat('/d1/.kafka_cleanshutdown')).toBeNull()
  expect(await runtime.disk.stat('/d2/.kafka_cleanshutdown')).not.toBeNull()
})

test('retention and checkpoints run in the background once started', async () => {
  const world = createWorld({ seed: 1 })
  const runtime = world.host('a')
  const logs = await world.run(open(runtime))
  const config = { ...testLogConfig, retentionMs: 1000, segmentBytes: 200 }
  const log = await world.run(logs.getOrCreate(t0, topicId, config))
  for (let i = 0; i < 5; i++) {
    await world.run(log.append(testBatch(['x'.repeat(60)], { timestampMs: world.nowMs() }), client))
  }
  log.setHighWatermark(3)
  logs.start()
  await world.runFor(29_000)
  expect(log.logStartOffset).toBe(0)
  await world.runFor(2_000)
  expect(log).toMatchObject({ logStartOffset: 3, segmentCount: 2 })
  await world.runFor(60_000)
  expect(await world.run(text(runtime, '/data/log-start-offset-checkpoint'))).toMatch(/x 0 3\n$/)
  log.setHighWatermark(5)
  await world.runFor(300_000)
  expect(log).toMatchObject({ logStartOffset: 5, logEndOffset: 5, segmentCount: 1 })
})

/** Reopens after a crash and gives what the log still has. */
async function reopened(world: World) {
  const logs = await world.run(open(world.host('a')))
  return logs.get(t0)
}

test('each kind of offset is written as often as its own interval says', async () => {
  const world = createWorld({ seed: 3 })
  const runtime = world.host('broker')
  const logs = await world.run(
    open(runtime, {
      checkpointIntervalMs: 40_000,
      startOffsetCheckpointIntervalMs: 20_000,
      highWatermarkCheckpointIntervalMs: 5000,
    }),
  )
  const log = await world.run(logs.getOrCreate(t0, topicId, testLogConfig))
  await world.run(log.append(testBatch(['a', 'b', 'c']), client))
  await world.run(log.flush())
  log.setHighWatermark(2)
  await world.run(log.advanceLogStartOffset(1))
  const names = ['replication-offset', 'log-start-offset', 'recovery-point-offset']
  const written = async () => {
    const isThere = (name: string) => runtime.disk.stat(`/data/${name}-checkpoint`)
    const stats = await world.run(Promise.all(names.map(isThere)))
    return names.filter((_, at) => stats[at] !== null)
  }
  logs.start()
  const pass = (durationMs: number) =>
    world.run(new Promise<null>((resolve) => runtime.timers.set(durationMs, () => resolve(null))))
  expect(await written()).toEqual([])
  await pass(6000)
  expect(await written()).toEqual(['replication-offset'])
  await pass(15_000)
  expect(await written()).toEqual(['replication-offset', 'log-start-offset'])
  await pass(20_000)
  expect(await written()).toEqual(names)
  await world.run(logs.close(1))
})

test('a truncation below the checkpointed recovery point lowers it on disk before more is appended', async () => {
  const world = createWorld({ seed: 1 })
  const logs = await world.run(open(world.host('a')))
  const log = await world.run(logs.getOrCreate(t0, topicId, testLogConfig))
  for (let i = 0; i < 6; i++) await world.run(log.append(testBatch([`v${i}`]), client))
  await world.run(log.flush())
  await world.run(logs.checkpoint())
  await world.run(log.truncateTo(2))
  const file = '/data/recovery-point-offset-checkpoint'
  expect(await world.run(text(world.host('a'), file))).toMatch(/x 0 2\n$/)
  world.crash('a', { powerLoss: true })
  expect(await reopened(world)).toMatchObject({ logEndOffset: 2 })
})
