// Brokers with several log directories on a disk in memory: where replicas go, what a failing directory takes with it,
// and that nothing acknowledged is lost when it comes back.
import { afterEach, expect, test } from 'vitest'
import type { Api, Encodable } from '../protocol/api.ts'
import { ErrorCode } from '../protocol/errors.ts'
import { ZERO_UUID } from '../protocol/primitives.ts'
import { batchPositions } from '../protocol/records/batch.ts'
import { buildBatch } from '../protocol/records/build.ts'
import { readRecordsSync } from '../protocol/records/read.ts'
import { Produce } from '../protocol/schemas/00-produce.ts'
import { Fetch } from '../protocol/schemas/01-fetch.ts'
import { CreateTopics } from '../protocol/schemas/19-create-topics.ts'
import { DeleteTopics } from '../protocol/schemas/20-delete-topics.ts'
import { AlterReplicaLogDirs } from '../protocol/schemas/34-alter-replica-log-dirs.ts'
import { DescribeLogDirs } from '../protocol/schemas/35-describe-log-dirs.ts'
import { IncrementalAlterConfigs } from '../protocol/schemas/44-incremental-alter-configs.ts'
import { createWorld, type World } from '../tests/support/memory-runtime.ts'
import { BrokerServer } from './broker-server.ts'
import { loadBrokerConfig } from './config.ts'
import { Registry } from './metrics/registry.ts'
import { connectPeer } from './network/peer-client.ts'

const IDS = [1, 2, 3]
const PORT = 9092
const hostOf = (id: number) => `b${id}`

let world: World
let servers: Map<number, BrokerServer>
let metrics: Map<number, Registry>
let fatal: string[] = []
let expectedFatal: RegExp[] = []

afterEach(() => {
  expect(fatal).toHaveLength(expectedFatal.length)
  for (const [index, pattern] of expectedFatal.entries()) expect(fatal[index]).toMatch(pattern)
})

function propertiesOf(id: number): string {
  return [
    'process.roles=broker,controller',
    `node.id=${id}`,
    `listeners=PLAINTEXT://${hostOf(id)}:${PORT},CONTROLLER://${hostOf(id)}:9192`,
    'controller.listener.names=CONTROLLER',
    'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    `controller.quorum.voters=${IDS.map((voter) => `${voter}@${hostOf(voter)}:9192`).join(',')}`,
    'log.dirs=/d1,/d2',
    'metadata.log.dir=/meta',
    'min.insync.replicas=2',
    'eyrie.cluster.id=AAAAAAAAQACAAAAAAAAAAA',
  ].join('\n')
}

async function open(id: number): Promise<void> {
  const runtime = world.host(hostOf(id))
  const { config } = loadBrokerConfig('server.properties', propertiesOf(id), hostOf(id))
  const registry = new Registry(runtime)
  const server = await BrokerServer.open({
    runtime,
    config,
    metrics: registry,
    onFatal: (error) => {
      fatal.push(error.message)
      world.crash(hostOf(id), { powerLoss: false })
    },
  })
  servers.set(id, server)
  metrics.set(id, registry)
  await server.serve()
}

async function startAll(seed: number): Promise<void> {
  world = createWorld({ seed })
  servers = new Map()
  metrics = new Map()
  fatal = []
  expectedFatal = []
  await world.run(Promise.all(IDS.map(open)))
}

async function ask<Request, Response>(
  id: number,
  api: Api<Request, Response>,
  request: Encodable<Request>,
): Promise<Response> {
  const runtime = world.host('client')
  const endpoint = { host: hostOf(id), port: PORT }
  const client = connectPeer({ endpoint, clientId: 'test', runtime })
  const response = await world.run(client.send(api, request, { timeoutMs: 30_000 }))
  client.close()
  return response
}

const part = (id: number) => {
  const server = servers.get(id)
  if (server === undefined) throw new Error(`broker ${id} was never started`)
  return server.parts
}

const partitionImage = (viewer: number, partition: number) =>
  part(viewer).publisher.image.topicsByName.get('t')?.partitions[partition]

async function createTopic(partitions: number): Promise<void> {
  const topics = [{ name: 't', numPartitions: partitions, replicationFactor: 3 }]
  const response = await ask(2, CreateTopics, { topics, timeoutMs: 10_000 })
  expect(response.topics).toMatchObject([{ errorCode: ErrorCode.NONE }])
  await world.runUntil(() => IDS.every((id) => isPlacedAsAssigned(id, partitions)), 20_000)
}

/** Metadata knows in which directory each replica of the broker is. */
function isPlacedAsAssigned(id: number, partitions: number): boolean {
  for (let partition = 0; partition < partitions; partition++) {
    const image = partitionImage(id, partition)
    const place = part(id).logs.directoryIdOf({ topic: 't', partition })
    if (image === undefined || place === null) return false
    if (image.directories[image.replicas.indexOf(id)] !== place) return false
  }
  return true
}

async function produce(partition: number, value: string): Promise<number> {
  const { publisher } = part(2)
  const leader = publisher.image.topicsByName.get('t')?.partitions[partition]?.leader ?? -1
  const topicId = publisher.image.topicsByName.get('t')?.id
  const records = buildBatch({ baseOffset: 0, records: [{ key: null, value: Buffer.from(value) }] })
  const topicData = [{ name: 't', topicId, partitionData: [{ index: partition, records }] }]
  const response = await ask(leader, Produce, { acks: -1, timeoutMs: 10_000, topicData })
  return response.responses[0]?.partitionResponses[0]?.errorCode ?? -99
}

async function fetchError(id: number, partition: number): Promise<number> {
  const topicId = part(2).publisher.image.topicsByName.get('t')?.id
  const partitions = [{ partition, fetchOffset: 0, partitionMaxBytes: 1_000_000 }]
  const request = {
    maxWaitMs: 0,
    maxBytes: 1_000_000,
    topics: [{ topic: 't', topicId, partitions }],
  }
  const response = await ask(id, Fetch, { ...request, sessionEpoch: -1 })
  return response.responses[0]?.partitions[0]?.errorCode ?? -99
}

const directories = (id: number) => ask(id, DescribeLogDirs, { topics: null })

/** The directory of the replica that leads partition 0, and one of another partition elsewhere on its broker. */
function findLeader() {
  const leader = partitionImage(2, 0)?.leader ?? -1
  const { logs } = part(leader)
  const directory = logs.get({ topic: 't', partition: 0 })?.directory.split('/')[1] ?? ''
  const inIt = [...logs.all()].filter((log) => log.directory.startsWith(`/${directory}/`))
  return { leader, directory: `/${directory}`, lost: inIt.map((log) => log.partition) }
}

function fail(id: number, directory: string, code: string): void {
  world.disk(hostOf(id)).fault = ({ kind, path }) =>
    kind !== 'read' && path.startsWith(`${directory}/`) ? code : null
}

test('replicas spread over the directories, and the controller is told where they are', async () => {
  await startAll(11)
  await createTopic(6)
  for (const id of IDS) {
    const { results } = await directories(id)
    expect(results.map(({ logDir }) => logDir).sort()).toEqual(['/d1', '/d2'])
    for (const { topics, errorCode, totalBytes } of results) {
      expect(errorCode).toBe(ErrorCode.NONE)
      expect(topics[0]?.partitions).toHaveLength(3)
      expect(totalBytes).toBeGreaterThan(0)
    }
  }
})

test.each(['EIO', 'ENOSPC'])(
  '%s in one directory: its leaders move, the rest serves on, and a restart brings it back',
  async (code) => {
    await startAll(12)
    await createTopic(6)
    for (let partition = 0; partition < 6; partition++) {
      expect(await produce(partition, 'before')).toBe(ErrorCode.NONE)
    }
    const { leader, directory, lost } = findLeader()
    fail(leader, directory, code)
    expect(await produce(0, 'fails')).toBe(ErrorCode.KAFKA_STORAGE_ERROR)
    const viewer = IDS.find((id) => id !== leader) ?? 0
    await world.runUntil(() =>
      lost.every((partition) => {
        const image = partitionImage(viewer, partition)
        return image?.leader !== leader && !image?.isr.includes(leader)
      }),
    )
    expect(await fetchError(leader, 0)).toBe(ErrorCode.KAFKA_STORAGE_ERROR)
    for (let partition = 0; partition < 6; partition++) {
      expect(await produce(partition, 'meanwhile')).toBe(ErrorCode.NONE)
    }
    const kept = [0, 1, 2, 3, 4, 5].filter((partition) => !lost.includes(partition))
    for (const partition of kept) {
      await world.runUntil(() => partitionImage(viewer, partition)?.isr.length === 3)
    }
    const { results } = await directories(leader)
    const described = new Map(results.map((result) => [result.logDir, result.errorCode]))
    expect(described.get(directory)).toBe(ErrorCode.KAFKA_STORAGE_ERROR)
    const offline = metrics
      .get(leader)
      ?.find('kafka.log:type=LogManager,name=OfflineLogDirectoryCount')
      ?.read()
    expect(offline).toMatchObject({ Value: 1 })

    world.crash(hostOf(leader), { powerLoss: false })
    world.disk(hostOf(leader)).fault = null
    await world.run(open(leader))
    for (let partition = 0; partition < 6; partition++) {
      await world.runUntil(() => partitionImage(viewer, partition)?.isr.length === 3)
    }
    expect(isPlacedAsAssigned(leader, 6)).toBe(true)
    for (let partition = 0; partition < 6; partition++) {
      expect(await produce(partition, 'after')).toBe(ErrorCode.NONE)
      const ends = IDS.map((id) => part(id).logs.get({ topic: 't', partition })?.logEndOffset)
      expect(new Set(ends)).toEqual(new Set([3]))
    }
  },
)

test('a restart without the failed directory serves the others and makes nothing anew', async () => {
  await startAll(13)
  await createTopic(4)
  for (let partition = 0; partition < 4; partition++) await produce(partition, 'x')
  const { leader, directory, lost } = findLeader()
  const viewer = IDS.find((id) => id !== leader) ?? 0
  world.crash(hostOf(leader), { powerLoss: false })
  world.disk(hostOf(leader)).fault = ({ path }) =>
    path === directory || path.startsWith(`${directory}/`) ? 'EIO' : null
  await world.run(open(leader))
  await world.runUntil(() => partitionImage(viewer, 0)?.leader !== leader)
  const kept = [0, 1, 2, 3].filter((partition) => !lost.includes(partition))
  for (const partition of kept) {
    await world.runUntil(() => partitionImage(viewer, partition)?.isr.length === 3)
  }
  for (const partition of lost) {
    expect(part(leader).logs.get({ topic: 't', partition })).toBeNull()
    expect(partitionImage(viewer, partition)?.isr).not.toContain(leader)
    expect(await fetchError(leader, partition)).toBe(ErrorCode.KAFKA_STORAGE_ERROR)
  }
  const { results } = await directories(leader)
  expect(results.find(({ logDir }) => logDir === directory)?.errorCode).toBe(
    ErrorCode.KAFKA_STORAGE_ERROR,
  )
})

test('an empty disk in the place of a failed one is filled again by replication', async () => {
  await startAll(14)
  await createTopic(4)
  for (let partition = 0; partition < 4; partition++) await produce(partition, 'x')
  const { leader, directory } = findLeader()
  const viewer = IDS.find((id) => id !== leader) ?? 0
  const runtime = world.host(hostOf(leader))
  world.crash(hostOf(leader), { powerLoss: false })
  await world.run(world.host(hostOf(leader)).disk.remove(directory))
  expect(runtime).not.toBe(world.host(hostOf(leader)))
  await world.run(open(leader))
  for (let partition = 0; partition < 4; partition++) {
    await world.runUntil(() => partitionImage(viewer, partition)?.isr.length === 3)
    expect(part(leader).logs.get({ topic: 't', partition })?.logEndOffset).toBe(1)
  }
  await world.runUntil(() => isPlacedAsAssigned(leader, 4))
})

test('the broker ends when its last directory fails', async () => {
  await startAll(15)
  await createTopic(4)
  const { leader } = findLeader()
  expectedFatal = [/no log directory is left: \/d1, \/d2/]
  world.disk(hostOf(leader)).fault = ({ kind, path }) =>
    kind !== 'read' && /^\/d[12]\//.test(path) ? 'EIO' : null
  const { logs } = part(leader)
  // The checkpoints that are written now and then meet it, were nobody to produce.
  await world.runUntil(() => fatal.length > 0)
  expect(logs.directories.every(({ isOnline }) => !isOnline)).toBe(true)
})

test('the broker ends when the controller cannot be told of the failure in time', async () => {
  await startAll(16)
  await createTopic(4)
  const { leader, directory } = findLeader()
  expectedFatal = [/the controller could not be told that \/d\d is offline/]
  for (const id of IDS) if (id !== leader) world.partition(hostOf(leader), hostOf(id))
  const brokerHost = hostOf(leader)
  fail(leader, directory, 'EIO')
  await world.runUntil(() => fatal.length > 0 || !world.isRunning(brokerHost))
})

interface Move {
  id: number
  partition: number
  from: string
  to: string
}

/** A replica and the directory it is not in. */
function someMove(): Move {
  const { leader, directory } = findLeader()
  return { id: leader, partition: 0, from: directory, to: directory === '/d1' ? '/d2' : '/d1' }
}

async function move({ id, partition, to }: Move): Promise<number> {
  const dirs = [{ path: to, topics: [{ name: 't', partitions: [partition] }] }]
  const { results } = await ask(id, AlterReplicaLogDirs, { dirs })
  return results[0]?.partitions[0]?.errorCode ?? -99
}

async function valuesOf(id: number, partition: number): Promise<string[]> {
  const log = part(id).logs.get({ topic: 't', partition })
  const values: string[] = []
  for (let offset = 0; log !== null && offset < log.logEndOffset; ) {
    const request = { offset, maxBytes: 10_000, minOneBatch: true }
    const reading = log.read({ ...request, endOffsetExclusive: log.logEndOffset })
    const { records, nextOffset } = await world.run(Promise.resolve(reading))
    for (const at of batchPositions(records)) {
      for (const record of readRecordsSync(records, at)) values.push(String(record.value))
    }
    offset = nextOffset
  }
  return values
}

const isIn = ({ id, partition }: Move, directory: string) =>
  part(id).logs.get({ topic: 't', partition })?.directory === `${directory}/t-${partition}`

test('a replica moves to the other directory while it is written to', async () => {
  await startAll(21)
  await createTopic(4)
  const sent: string[] = []
  for (let i = 0; i < 30; i++) {
    expect(await produce(0, `${i}`)).toBe(ErrorCode.NONE)
    sent.push(`${i}`)
  }
  const moving = someMove()
  expect(await move({ ...moving, to: '/nowhere' })).toBe(ErrorCode.LOG_DIR_NOT_FOUND)
  expect(await move({ ...moving, partition: 99 })).toBe(ErrorCode.REPLICA_NOT_AVAILABLE)
  expect(await move(moving)).toBe(ErrorCode.NONE)
  for (let i = 30; !isIn(moving, moving.to); i++) {
    expect(await produce(0, `${i}`)).toBe(ErrorCode.NONE)
    sent.push(`${i}`)
  }
  expect(await produce(0, 'last')).toBe(ErrorCode.NONE)
  for (const id of IDS) expect(await valuesOf(id, 0)).toEqual([...sent, 'last'])
  expect(part(moving.id).logs.allFutures()).toEqual([])
  await world.runUntil(() => isPlacedAsAssigned(moving.id, 4))
  // Back again, as a follower this time.
  const follower = { ...moving, id: IDS.find((id) => id !== moving.id) ?? 0 }
  const there = part(follower.id).logs.get({ topic: 't', partition: 0 })?.directory.slice(0, 3)
  follower.to = there === '/d1' ? '/d2' : '/d1'
  expect(await move(follower)).toBe(ErrorCode.NONE)
  await world.runUntil(() => isIn(follower, follower.to))
  expect(await produce(0, 'more')).toBe(ErrorCode.NONE)
  await world.runUntil(
    () =>
      part(follower.id).logs.get({ topic: 't', partition: 0 })?.logEndOffset === sent.length + 2,
  )
  expect(await valuesOf(follower.id, 0)).toEqual([...sent, 'last', 'more'])
})

test('a move keeps to its speed, is shown while it lasts, and can be given up', async () => {
  await startAll(22)
  await createTopic(4)
  for (let i = 0; i < 20; i++) await produce(0, 'x'.repeat(10_000))
  const moving = someMove()
  const configs = [
    { name: 'replica.alter.log.dirs.io.max.bytes.per.second', configOperation: 0, value: '1000' },
  ]
  const resources = [{ resourceType: 4, resourceName: String(moving.id), configs }]
  const altered = await ask(moving.id, IncrementalAlterConfigs, { resources })
  expect(altered.responses[0]?.errorCode).toBe(ErrorCode.NONE)
  await world.runFor(1000)
  expect(await move(moving)).toBe(ErrorCode.NONE)
  await world.runFor(20_000)
  await produce(0, 'behind')
  const { results } = await directories(moving.id)
  const partitionsIn = (directory: string) =>
    results
      .find(({ logDir }) => logDir === directory)
      ?.topics.flatMap(({ partitions }) => partitions)
  const future = partitionsIn(moving.to)?.find(({ isFutureKey }) => isFutureKey)
  expect(future?.partitionIndex).toBe(0)
  expect(future?.offsetLag).toBeGreaterThan(0)
  expect(isIn(moving, moving.from)).toBe(true)
  expect(await move({ ...moving, to: moving.from })).toBe(ErrorCode.NONE)
  expect(part(moving.id).logs.allFutures()).toEqual([])
  await world.runFor(200_000)
  expect(isIn(moving, moving.from)).toBe(true)
})

test('a cordoned directory takes no replica, is shown, and the controller hears of it', async () => {
  await startAll(25)
  await createTopic(4)
  const moving = someMove()
  const cordon = async (value: string) => {
    const configs = [{ name: 'cordoned.log.dirs', configOperation: 0, value }]
    const resources = [{ resourceType: 4, resourceName: String(moving.id), configs }]
    const altered = await ask(moving.id, IncrementalAlterConfigs, { resources })
    expect(altered.responses[0]?.errorCode).toBe(ErrorCode.NONE)
  }
  const isUsable = () => {
    const { logDirs, cordonedLogDirs = [] } = part(2).publisher.image.brokers.get(moving.id) ?? {}
    return logDirs?.some((id) => !cordonedLogDirs.includes(id))
  }
  await cordon(moving.to)
  await world.runFor(5000)
  const { results } = await directories(moving.id)
  expect(results.filter(({ isCordoned }) => isCordoned).map(({ logDir }) => logDir)).toEqual([
    moving.to,
  ])
  expect(await move(moving)).toBe(ErrorCode.INVALID_REPLICA_ASSIGNMENT)
  expect(isUsable()).toBe(true)
  await cordon('*')
  await world.runUntil(() => isUsable() === false, 10_000)
  await cordon('')
  await world.runUntil(() => isUsable() === true, 10_000)
  expect(await move(moving)).toBe(ErrorCode.NONE)
  await world.runUntil(() => isIn(moving, moving.to))
})

test('a deleted topic takes its moves with it', async () => {
  await startAll(23)
  await createTopic(4)
  for (let i = 0; i < 5; i++) await produce(0, `${i}`)
  const moving = someMove()
  expect(await move(moving)).toBe(ErrorCode.NONE)
  const topics = [{ name: 't', topicId: ZERO_UUID }]
  await ask(2, DeleteTopics, { topics, timeoutMs: 10_000 })
  await world.runUntil(() => [...part(moving.id).logs.all()].length === 0)
  await world.runUntil(() => part(moving.id).logs.allFutures().length === 0)
  await world.runFor(120_000)
  const { disk } = world.host(hostOf(moving.id))
  for (const directory of ['/d1', '/d2']) {
    const names = await world.run(disk.readdir(directory))
    expect(names.filter((name) => name.startsWith('t-'))).toEqual([])
  }
})

test.each([
  { powerLoss: false, first: 1 },
  { powerLoss: true, first: 2 },
])(
  'a crash at every other disk operation of a move loses nothing: %o',
  async ({ powerLoss, first }) => {
    await startAll(24)
    await createTopic(1)
    let moving = someMove()
    const { id } = moving
    const viewer = IDS.find((each) => each !== id) ?? 0
    const expected: string[] = []
    for (let round = 0; round < 20; round++) {
      expected.push(`${round}`)
      expect(await produce(0, `${round}`)).toBe(ErrorCode.NONE)
      const place = part(id).logs.get({ topic: 't', partition: 0 })?.directory.slice(0, 3) ?? ''
      moving = { ...moving, from: place, to: place === '/d1' ? '/d2' : '/d1' }
      world.crashAtDiskOperation(hostOf(id), first + 2 * round, {
        powerLoss,
        tornWrites: powerLoss,
      })
      void part(id).replicas.moveToDirectory({ topic: 't', partition: 0 }, moving.to)
      await world.runUntil(() => !world.isRunning(hostOf(id)) || isIn(moving, moving.to))
      if (world.isRunning(hostOf(id))) world.crash(hostOf(id), { powerLoss })
      await world.run(open(id))
      await world.runUntil(() => partitionImage(viewer, 0)?.isr.length === 3)
      // While one log takes the other's place there is none.
      const isThere = () => part(id).logs.get({ topic: 't', partition: 0 }) !== null
      await world.runUntil(() => part(id).logs.allFutures().length === 0 && isThere())
      expect(await valuesOf(id, 0)).toEqual(expected)
      await world.runUntil(() => isPlacedAsAssigned(id, 1))
    }
  },
  120_000,
)

test('a read that fails takes the directory offline too', async () => {
  await startAll(17)
  await createTopic(4)
  for (let partition = 0; partition < 4; partition++) await produce(partition, 'x')
  const { leader, directory } = findLeader()
  world.crash(hostOf(leader), { powerLoss: false })
  await world.run(open(leader))
  await world.runUntil(() => partitionImage(2, 0)?.isr.length === 3)
  world.disk(hostOf(leader)).fault = ({ kind, path }) =>
    kind === 'read' && path.startsWith(`${directory}/`) ? 'EIO' : null
  const log = part(leader).logs.get({ topic: 't', partition: 0 })
  const read = log?.read({ offset: 0, maxBytes: 1000, minOneBatch: true, endOffsetExclusive: 1 })
  await expect(world.run(Promise.resolve(read))).rejects.toMatchObject({
    code: ErrorCode.KAFKA_STORAGE_ERROR,
  })
  expect(part(leader).logs.directories).toContainEqual(
    expect.objectContaining({ path: directory, isOnline: false }),
  )
})
