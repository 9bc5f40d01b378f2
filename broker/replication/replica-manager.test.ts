// Replica managers over real logs and connections in a memory world; the controller is scripted.
import { expect, test } from 'vitest'
import { ErrorCode } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import {
  ReplicationCluster,
  type TestBroker,
  valuesIn,
} from '../../tests/support/replication-cluster.ts'
import type { FetchEntry, FetchOptions, FetchResult } from './types.ts'

const RF3 = [[1, 2, 3]]

function entry(topic: string, fetchOffset: number, more: Partial<FetchEntry> = {}): FetchEntry {
  return {
    topic,
    partition: 0,
    topicId: ZERO_UUID,
    fetchOffset,
    maxBytes: 1024 * 1024,
    currentLeaderEpoch: -1,
    lastFetchedEpoch: -1,
    logStartOffset: -1,
    ...more,
  }
}

const asConsumer: FetchOptions = {
  replicaId: -1,
  replicaEpoch: -1,
  maxWaitMs: 0,
  minBytes: 1,
  maxBytes: 10 * 1024 * 1024,
  isolationLevel: 0,
  isCancelled: () => false,
}

async function fetchOne(
  cluster: ReplicationCluster,
  broker: TestBroker,
  what: FetchEntry,
  options: Partial<FetchOptions> = {},
): Promise<FetchResult> {
  const fetching = broker.replicas.fetch([what], { ...asConsumer, ...options })
  return (await cluster.world.run(fetching))[0]!
}

async function startWithTopic(
  seed: string,
  options: { minIsr?: number; assignments?: number[][] } = {},
): Promise<ReplicationCluster> {
  const cluster = await ReplicationCluster.start({ seed })
  const config = { 'min.insync.replicas': String(options.minIsr ?? 1) }
  cluster.createTopic('orders', options.assignments ?? RF3, config)
  await cluster.settle()
  return cluster
}

test('acks=all answers once every replica holds the records', async () => {
  const cluster = await startWithTopic('acks-all')
  const result = await cluster.produce('orders', ['a', 'b'])
  expect(result).toMatchObject({ errorCode: 0, info: { firstOffset: 0, lastOffset: 1 } })
  for (const id of [1, 2, 3]) expect(await cluster.valuesOn(id, 'orders')).toEqual(['a', 'b'])
  expect(cluster.leader('orders').replicas.get({ topic: 'orders', partition: 0 })).toMatchObject({
    highWatermark: 2,
    isLeader: true,
  })
})

test('acks=1 answers without the followers', async () => {
  const cluster = await startWithTopic('acks-1')
  cluster.world.partition('broker1', 'broker2')
  cluster.world.partition('broker1', 'broker3')
  const result = await cluster.produce('orders', ['a'], { acks: 1 })
  expect(result.errorCode).toBe(0)
  expect(cluster.broker(1).replicas.get({ topic: 'orders', partition: 0 })?.highWatermark).toBe(0)
})

test('acks=all times out while a follower of the ISR is silent', async () => {
  const cluster = await startWithTopic('acks-timeout')
  cluster.world.partition('broker1', 'broker3')
  const result = await cluster.produce('orders', ['a'], { timeoutMs: 2_000 })
  expect(result.errorCode).toBe(ErrorCode.REQUEST_TIMED_OUT)
})

test('appends of one caller keep their order, however many are under way', async () => {
  const cluster = await startWithTopic('order')
  const values = Array.from({ length: 50 }, (_, at) => `v${at}`)
  const leader = cluster.leader('orders')
  const produced = values.map((value) => cluster.produceTo(leader, 'orders', [value]))
  const results = await cluster.world.run(Promise.all(produced))
  expect(results.map((result) => result.info?.firstOffset)).toEqual(values.map((_, at) => at))
  expect(await cluster.valuesOn(2, 'orders')).toEqual(values)
})

test('a leader that leads on in another epoch sends nobody away, and takes all in order', async () => {
  const cluster = await startWithTopic('lead-on')
  const leader = cluster.leader('orders')
  const values = Array.from({ length: 60 }, (_, at) => `v${at}`)
  const produced: Promise<{ errorCode: number; info: { firstOffset: number } | null }>[] = []
  for (const [at, value] of values.entries()) {
    if (at % 10 === 5) cluster.reelect('orders')
    produced.push(cluster.produceTo(leader, 'orders', [value]))
    await cluster.world.runFor(1)
  }
  const results = await cluster.world.run(Promise.all(produced))
  expect(results.map(({ errorCode }) => errorCode)).toEqual(values.map(() => ErrorCode.NONE))
  expect(results.map(({ info }) => info?.firstOffset)).toEqual(values.map((_, at) => at))
  await cluster.settle()
  for (const id of [1, 2, 3]) expect(await cluster.valuesOn(id, 'orders')).toEqual(values)
  expect(leader.logs.get({ topic: 'orders', partition: 0 })?.latestEpoch).toBe(6)
})

test('acknowledged records survive the death of the leader', async () => {
  const cluster = await startWithTopic('leader-death', { minIsr: 2 })
  await cluster.produce('orders', ['a', 'b', 'c'])
  cluster.crash(1)
  cluster.fence(1)
  await cluster.world.runUntil(() => leads(cluster.leader('orders')))
  expect((await cluster.produce('orders', ['d'])).errorCode).toBe(0)
  await cluster.startBroker(1)
  await cluster.settle()
  for (const id of [1, 2, 3]) {
    expect(await cluster.valuesOn(id, 'orders')).toEqual(['a', 'b', 'c', 'd'])
  }
})

test('what a follower is sent was read under the leadership that it asked, however long the disk took', async () => {
  const cluster = await startWithTopic('slow-read')
  await cluster.produce('orders', ['a', 'b'])
  const tp = { topic: 'orders', partition: 0 }
  const { logs, replicas, runtime } = cluster.broker(1)
  const log = logs.get(tp)!
  const read = log.read.bind(log)
  log.read = (request) =>
    new Promise((resolve) => {
      cluster.elect('orders', 2, [1, 2, 3])
      const look = () => {
        if (replicas.get(tp)?.isLeader === true) runtime.timers.set(1, look)
        else resolve(read(request))
      }
      look()
    })
  const asFollower = { replicaId: 3, replicaEpoch: cluster.broker(3).epoch }
  const asked = entry('orders', 0, { currentLeaderEpoch: 0 })
  const result = await fetchOne(cluster, cluster.broker(1), asked, asFollower)
  expect(result).toMatchObject({ errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER })
  expect(result.records).toHaveLength(0)
})

test('what only a deposed leader holds is cut off when it follows', async () => {
  const cluster = await startWithTopic('divergence')
  await cluster.produce('orders', ['a', 'b'])
  const old = cluster.leader('orders')
  for (const id of [2, 3]) cluster.world.partition('broker1', `broker${id}`)
  await cluster.produce('orders', ['lost1', 'lost2', 'lost3'], { acks: 1 })
  cluster.elect('orders', 2, [2, 3])
  await cluster.world.runUntil(() => !leads(old) && leads(cluster.broker(2)))
  expect((await cluster.produce('orders', ['c'])).errorCode).toBe(0)
  cluster.world.healAll()
  await cluster.settle()
  for (const id of [1, 2, 3]) {
    expect(await cluster.valuesOn(id, 'orders')).toEqual(['a', 'b', 'c'])
  }
})

test('a producer that waits on a deposed leader hears NOT_LEADER_OR_FOLLOWER and who leads', async () => {
  const cluster = await startWithTopic('deposed')
  for (const id of [2, 3]) cluster.world.partition('broker1', `broker${id}`)
  const waiting = cluster.produceTo(cluster.broker(1), 'orders', ['a'], { timeoutMs: 60_000 })
  await cluster.world.runFor(50)
  cluster.elect('orders', 2, [2, 3])
  const result = await cluster.world.run(waiting, 5_000)
  expect(result.errorCode).toBe(ErrorCode.NOT_LEADER_OR_FOLLOWER)
  expect(result.currentLeader).toEqual({ leaderId: 2, leaderEpoch: 1 })
})

test('leaders that begin and end without records leave nothing to truncate', async () => {
  const cluster = await startWithTopic('empty-epochs')
  await cluster.produce('orders', ['a'])
  for (const leader of [2, 3, 1, 2, 1]) {
    cluster.elect('orders', leader, [1, 2, 3])
    await cluster.settle()
  }
  expect((await cluster.produce('orders', ['b'])).errorCode).toBe(0)
  for (const id of [1, 2, 3]) expect(await cluster.valuesOn(id, 'orders')).toEqual(['a', 'b'])
})

test('the next produce after an election does not wait out a long poll', async () => {
  const cluster = await startWithTopic('nudge', { minIsr: 3 })
  await cluster.produce('orders', ['a'])
  await cluster.world.runFor(300)
  cluster.elect('orders', 2, [1, 2, 3])
  await cluster.settle()
  const beforeMs = cluster.world.elapsedMs()
  expect((await cluster.produce('orders', ['b'])).errorCode).toBe(0)
  expect(cluster.world.elapsedMs() - beforeMs).toBeLessThan(100)
})

test('a silent follower leaves the ISR after the lag time, and comes back once it has caught up', async () => {
  const cluster = await startWithTopic('shrink')
  cluster.world.partition('broker3', 'broker1')
  const produced = cluster.produce('orders', ['a'], { timeoutMs: 120_000 })
  expect((await produced).errorCode).toBe(0)
  expect(cluster.partition('orders').isr).toEqual([1, 2])
  cluster.world.healAll()
  await cluster.settle(120_000)
  expect(await cluster.valuesOn(3, 'orders')).toEqual(['a'])
  await cluster.world.runFor(10)
  expect(meterCount(cluster, 1, 'IsrShrinksPerSec')).toBe(1)
  expect(meterCount(cluster, 1, 'IsrExpandsPerSec')).toBe(1)
})

test('below min.insync.replicas acks=all is refused and nothing is committed', async () => {
  const cluster = await startWithTopic('min-isr', { minIsr: 2 })
  for (const id of [2, 3]) {
    cluster.crash(id)
    cluster.fence(id)
  }
  await cluster.world.runFor(100)
  const refused = await cluster.produce('orders', ['a'])
  expect(refused).toMatchObject({ errorCode: ErrorCode.NOT_ENOUGH_REPLICAS, info: null })
  expect((await cluster.produce('orders', ['b'], { acks: 1 })).errorCode).toBe(0)
  const view = cluster.broker(1).replicas.get({ topic: 'orders', partition: 0 })
  expect([view?.log?.logEndOffset, view?.highWatermark]).toEqual([1, 0])
  await cluster.startBroker(2)
  await cluster.world.runUntil(() => view?.highWatermark === 1, 120_000)
  expect(cluster.partition('orders').isr).toEqual([1, 2])
})

test('a controller that does not answer holds the ISR, not the broker', async () => {
  const cluster = await startWithTopic('controller-down')
  cluster.isControllerDown = true
  cluster.world.partition('broker3', 'broker1')
  expect((await cluster.produce('orders', ['a'], { acks: 1 })).errorCode).toBe(0)
  await cluster.world.runFor(60_000)
  expect(cluster.partition('orders').isr).toEqual([1, 2, 3])
  expect(cluster.broker(1).replicas.get({ topic: 'orders', partition: 0 })?.highWatermark).toBe(0)
})

test('a long poll is answered when the records are committed, not before', async () => {
  const cluster = await startWithTopic('long-poll')
  const broker = cluster.broker(1)
  for (const id of [2, 3]) cluster.world.partition('broker1', `broker${id}`)
  let isAnswered = false
  const polled = broker.replicas.fetch([entry('orders', 0)], { ...asConsumer, maxWaitMs: 20_000 })
  polled.then(() => {
    isAnswered = true
  })
  await cluster.produce('orders', ['a'], { acks: 1 })
  await cluster.world.runFor(1_000)
  expect(isAnswered).toBe(false)
  cluster.world.healAll()
  const [result] = await cluster.world.run(polled, 15_000)
  expect(valuesIn(result!.records!)).toEqual(['a'])
  expect(result!.highWatermark).toBe(1)
})

test('a long poll without records ends with its time', async () => {
  const cluster = await startWithTopic('long-poll-empty')
  const beforeMs = cluster.world.elapsedMs()
  const result = await fetchOne(cluster, cluster.broker(1), entry('orders', 0), { maxWaitMs: 700 })
  expect(result).toMatchObject({ errorCode: 0, highWatermark: 0 })
  expect(result.records?.length).toBe(0)
  expect(Math.round(cluster.world.elapsedMs() - beforeMs)).toBe(700)
})

test('a long poll waits for fetch.min.bytes', async () => {
  const cluster = await startWithTopic('min-bytes', { assignments: [[1]] })
  const polled = cluster
    .broker(1)
    .replicas.fetch([entry('orders', 0)], { ...asConsumer, maxWaitMs: 60_000, minBytes: 600 })
  await cluster.produce('orders', ['x'.repeat(200)])
  await cluster.world.runFor(1_000)
  await cluster.produce('orders', ['y'.repeat(200)])
  await cluster.world.runFor(1_000)
  await cluster.produce('orders', ['z'.repeat(200)])
  const [result] = await cluster.world.run(polled, 1_000)
  expect(valuesIn(result!.records!).map((value) => value[0])).toEqual(['x', 'y', 'z'])
})

test('a long poll on a leader that is deposed hears of it at once', async () => {
  const cluster = await startWithTopic('poll-deposed')
  const polled = cluster
    .broker(1)
    .replicas.fetch([entry('orders', 0)], { ...asConsumer, maxWaitMs: 60_000 })
  await cluster.world.runFor(10)
  cluster.elect('orders', 2, [1, 2, 3])
  const [result] = await cluster.world.run(polled, 1_000)
  expect(result).toMatchObject({
    errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER,
    currentLeader: { leaderId: 2, leaderEpoch: 1 },
  })
})

test('the first batch comes whole however small the limits; later partitions keep to them', async () => {
  const cluster = await startWithTopic('kip-74', { assignments: [[1], [1]] })
  const big = 'x'.repeat(5_000)
  await cluster.produce('orders', [big], { partition: 0 })
  await cluster.produce('orders', [big], { partition: 1 })
  const entries = [0, 1].map((partition) => entry('orders', 0, { partition, maxBytes: 100 }))
  const fetched = cluster.broker(1).replicas.fetch(entries, { ...asConsumer, maxBytes: 1_000 })
  const [first, second] = await cluster.world.run(fetched)
  expect(valuesIn(first!.records!)).toEqual([big])
  expect(second!.records!.length).toBe(0)
})

test('fetching checks offsets, epochs, topic ids and leadership', async () => {
  const cluster = await startWithTopic('checks')
  await cluster.produce('orders', ['a', 'b'])
  cluster.elect('orders', 2, [1, 2, 3])
  await cluster.settle()
  const leader = cluster.broker(2)
  const codes: Record<string, number> = {}
  const check = async (name: string, what: FetchEntry, broker = leader, more = {}) => {
    codes[name] = (await fetchOne(cluster, broker, what, more)).errorCode
  }
  await check('good', entry('orders', 0, { currentLeaderEpoch: 1 }))
  await check('beyond the end', entry('orders', 3))
  await check('old epoch', entry('orders', 0, { currentLeaderEpoch: 0 }))
  await check('future epoch', entry('orders', 0, { currentLeaderEpoch: 2 }))
  await check('other topic id', entry('orders', 0, { topicId: 'AAAAAAAAAAAAAAAAAAAAEA' }))
  await check('follower', entry('orders', 0), cluster.broker(1))
  await check('follower by KIP-392', entry('orders', 0), cluster.broker(1), {
    fetchOnlyLeader: false,
  })
  await check('no such topic', entry('nothing', 0))
  await check('not a replica', entry('orders', 0, { currentLeaderEpoch: 1 }), leader, {
    replicaId: 9,
  })
  expect(codes).toEqual({
    good: ErrorCode.NONE,
    'beyond the end': ErrorCode.OFFSET_OUT_OF_RANGE,
    'old epoch': ErrorCode.FENCED_LEADER_EPOCH,
    'future epoch': ErrorCode.UNKNOWN_LEADER_EPOCH,
    'other topic id': ErrorCode.INCONSISTENT_TOPIC_ID,
    follower: ErrorCode.NOT_LEADER_OR_FOLLOWER,
    'follower by KIP-392': ErrorCode.NONE,
    'no such topic': ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    'not a replica': ErrorCode.UNKNOWN_LEADER_EPOCH,
  })
})

test('a new leader does not tell its end before the high watermark reached its epoch', async () => {
  const cluster = await startWithTopic('offset-not-available')
  await cluster.produce('orders', ['a', 'b'])
  // Broker 2 holds both records, but has not been told that they are committed.
  for (const id of [1, 3]) cluster.world.partition('broker2', `broker${id}`)
  cluster.elect('orders', 2, [1, 2, 3])
  const broker = cluster.broker(2)
  const view = broker.replicas.get({ topic: 'orders', partition: 0 })
  await cluster.world.runUntil(() => leads(broker))
  const latest = () =>
    cluster.world.run(
      broker.replicas.listOffsets(
        { topic: 'orders', partition: 0, timestampMs: -1, currentLeaderEpoch: -1 },
        { replicaId: -1, isolationLevel: 0 },
      ),
    )
  if ((view?.highWatermark ?? 0) < 2) {
    expect((await latest()).errorCode).toBe(ErrorCode.OFFSET_NOT_AVAILABLE)
  }
  cluster.world.healAll()
  await cluster.settle()
  await cluster.world.runUntil(() => view?.highWatermark === 2)
  expect(await latest()).toEqual({ errorCode: 0, timestampMs: -1, offset: 2, leaderEpoch: 1 })
})

test('DeleteRecords waits for live replicas and not for fenced ones', async () => {
  const cluster = await startWithTopic('delete-records')
  for (const value of ['a', 'b', 'c']) await cluster.produce('orders', [value])
  const remove = (offset: number) =>
    cluster.world.run(
      cluster.broker(1).replicas.deleteRecords({ topic: 'orders', partition: 0, offset }, 5_000),
    )
  expect(await remove(2)).toEqual({ errorCode: 0, lowWatermark: 2 })
  for (const id of [1, 2, 3]) expect(await cluster.valuesOn(id, 'orders')).toEqual(['c'])
  expect((await remove(9)).errorCode).toBe(ErrorCode.OFFSET_OUT_OF_RANGE)
  cluster.world.partition('broker1', 'broker3')
  expect((await remove(-1)).errorCode).toBe(ErrorCode.REQUEST_TIMED_OUT)
  cluster.fence(3)
  await cluster.world.runFor(100)
  expect(await remove(-1)).toEqual({ errorCode: 0, lowWatermark: 3 })
})

test('a follower below the leader’s log start begins anew there', async () => {
  const cluster = await startWithTopic('out-of-range')
  await cluster.produce('orders', ['a', 'b'])
  cluster.crash(3)
  cluster.fence(3)
  await cluster.world.runFor(100)
  await cluster.produce('orders', ['c', 'd'])
  await cluster.produce('orders', ['e'])
  const removed = cluster
    .broker(1)
    .replicas.deleteRecords({ topic: 'orders', partition: 0, offset: 4 }, 5_000)
  expect((await cluster.world.run(removed)).errorCode).toBe(0)
  await cluster.startBroker(3)
  await cluster.settle()
  expect(await cluster.valuesOn(3, 'orders')).toEqual(['e'])
})

test('a deleted topic fails those who wait, and its name may be used again', async () => {
  const cluster = await startWithTopic('delete-topic')
  await cluster.produce('orders', ['a'])
  cluster.world.partition('broker1', 'broker2')
  const waiting = cluster.produceTo(cluster.broker(1), 'orders', ['b'], { timeoutMs: 60_000 })
  await cluster.world.runFor(100)
  cluster.deleteTopic('orders')
  expect((await cluster.world.run(waiting, 5_000)).errorCode).toBe(
    ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  )
  cluster.world.healAll()
  await cluster.world.runFor(100)
  expect(cluster.broker(1).logs.get({ topic: 'orders', partition: 0 })).toBeNull()
  cluster.createTopic('orders', RF3)
  await cluster.settle()
  expect((await cluster.produce('orders', ['new'])).info?.firstOffset).toBe(0)
  for (const id of [1, 2, 3]) expect(await cluster.valuesOn(id, 'orders')).toEqual(['new'])
})

test('logs that are no longer assigned when a broker comes back are set aside', async () => {
  const cluster = await startWithTopic('stray')
  await cluster.produce('orders', ['a'])
  cluster.createTopic('kept', RF3)
  await cluster.settle()
  cluster.crash(3)
  cluster.fence(3)
  cluster.deleteTopic('orders')
  const { logs, runtime } = await cluster.startBroker(3)
  await cluster.settle()
  expect([...logs.all()].map((log) => log.topic)).toEqual(['kept'])
  const names = await cluster.world.run(runtime.disk.readdir('/data'))
  expect(names.filter((name) => name.startsWith('orders'))).toEqual([
    expect.stringMatching(/^orders-0\.[0-9a-f]+-stray$/),
  ])
})

test('a broker that was stopped keeps its high watermark', async () => {
  const cluster = await startWithTopic('high-watermark')
  await cluster.produce('orders', ['a', 'b'])
  await cluster.produce('orders', ['c'])
  await cluster.world.runFor(6_000)
  cluster.crash(2)
  cluster.fence(2)
  const { logs } = await cluster.startBroker(2)
  expect(logs.get({ topic: 'orders', partition: 0 })?.highWatermark).toBe(3)
})

test('coordinators hear of leadership and of what is committed', async () => {
  const cluster = await ReplicationCluster.start({ seed: 'coordinators' })
  const heard: string[] = []
  for (const id of [1, 2]) {
    cluster.broker(id).replicas.onLeadership('__consumer_offsets', {
      elected: (partition, epoch) => heard.push(`${id} elected ${partition} epoch ${epoch}`),
      resigned: (partition, epoch) => heard.push(`${id} resigned ${partition} epoch ${epoch}`),
    })
  }
  cluster.createTopic('__consumer_offsets', RF3)
  await cluster.settle()
  const tp = { topic: '__consumer_offsets', partition: 0 }
  const first = cluster.broker(1).replicas
  const refused = await cluster.produce('__consumer_offsets', ['x'])
  expect(refused.errorCode).toBe(ErrorCode.INVALID_TOPIC_EXCEPTION)
  const committed = first.whenCommitted(tp, 0, 0)
  expect(await cluster.world.run(committed)).toBe('committed')
  const waiting = first.whenCommitted(tp, 5, 0)
  cluster.elect('__consumer_offsets', 2, [1, 2, 3])
  expect(await cluster.world.run(waiting)).toBe('lost')
  await cluster.settle()
  expect(heard.sort()).toEqual([
    '1 elected 0 epoch 0',
    '1 resigned 0 epoch 1',
    '2 elected 0 epoch 1',
  ])
})

test('metadata from before this incarnation is not acted upon', async () => {
  const cluster = await startWithTopic('stale-metadata')
  await cluster.produce('orders', ['a'])
  cluster.crash(1)
  // Not fenced: the old metadata still names broker 1 leader. Only its new registration counts.
  const broker = await cluster.startBroker(1)
  expect(broker.replicas.get({ topic: 'orders', partition: 0 })).not.toBeNull()
  expect(broker.metadata.image.brokers.get(1)?.epoch).toBe(broker.epoch)
})

function leads(broker: TestBroker): boolean {
  return broker.replicas.get({ topic: 'orders', partition: 0 })?.isLeader === true
}

function meterCount(cluster: ReplicationCluster, id: number, name: string): number {
  return cluster.broker(id).metrics.meter(`kafka.server:type=ReplicaManager,name=${name}`, '').count
}
