// Committed metadata on its way to listeners: order, merging, waiting, transactions, snapshots.
import { beforeEach, expect, test } from 'vitest'
import { createWorld, type World } from '../../tests/support/memory-runtime.ts'
import { OneNodeQuorum } from '../../tests/support/one-node-quorum.ts'
import type { MetadataDelta } from './image-types.ts'
import { MetadataPublisher, type MetadataPublisherSettings } from './publisher.ts'
import { createRecord, decodeRecords, type MetadataRecord } from './records.ts'
import { snapshotBytes } from './snapshot.ts'

let world: World
let quorum: OneNodeQuorum
let publisher: MetadataPublisher

function build(settings: Partial<MetadataPublisherSettings> = {}): void {
  world = createWorld({ seed: 1 })
  quorum = new OneNodeQuorum(1)
  publisher = new MetadataPublisher({ runtime: world.host('a'), clusterId: 'c', settings })
}

beforeEach(() => build())

let topics = 0

function topicId(): string {
  topics += 1
  return Buffer.from(`topic-id-${String(topics).padStart(7, '0')}`).toString('base64url')
}

const topic = (name: string) => createRecord('topic', { name, topicId: topicId() })
const noOp = () => createRecord('noOp', {})

function commit(...records: MetadataRecord[]): void {
  quorum.scheduleAppend(
    1,
    records.map(({ framed }) => framed),
  )
  quorum.commit()
}

function start(): void {
  publisher.start(quorum)
  quorum.lead()
}

test('listeners hear one after the other, in order of subscription, of what changed', async () => {
  const heard: string[] = []
  publisher.subscribe('first', async () => {
    await world.host('a').random
    heard.push('first')
  })
  publisher.subscribe('second', (delta) => {
    heard.push(`second ${[...delta.changedTopics]}`)
  })
  start()
  commit(topic('t'))
  await world.runFor(1)
  expect(heard).toEqual(['first', 'second t'])
  expect(publisher.image.topicsByName.has('t')).toBe(true)
})

test('commits that come while a listener is busy are told as one', async () => {
  const deltas: MetadataDelta[] = []
  let release: () => void = () => undefined
  publisher.subscribe('slow', (delta) => {
    deltas.push(delta)
    return deltas.length > 1
      ? undefined
      : new Promise((resolve) => {
          release = resolve
        })
  })
  start()
  commit(topic('a'))
  commit(topic('b'))
  commit(topic('c'))
  await world.runFor(1)
  expect(publisher.committedImage.topicsByName.size).toBe(3)
  expect([deltas.length, publisher.appliedOffset]).toEqual([1, -1])
  release()
  await world.runFor(1)
  expect(deltas.map(({ changedTopics }) => [...changedTopics])).toEqual([['a'], ['b', 'c']])
  expect(publisher.appliedOffset).toBe(2)
})

test('no-op records move the offset and wake nobody', async () => {
  let calls = 0
  publisher.subscribe('counting', () => {
    calls += 1
  })
  start()
  commit(noOp())
  commit(noOp())
  await world.runFor(1)
  expect([calls, publisher.image.offset]).toEqual([0, 1])
})

test('a listener that fails does not keep the others from hearing', async () => {
  const heard: number[] = []
  publisher.subscribe('broken', () => Promise.reject(new Error('oh')))
  publisher.subscribe('fine', (delta) => {
    heard.push(delta.image.offset)
  })
  start()
  commit(topic('t'))
  await world.runFor(1)
  expect(heard).toEqual([0])
})

test('who waits for an offset is told once every listener has dealt with it, or when time is up', async () => {
  let release: () => void = () => undefined
  publisher.subscribe('slow', () => new Promise((resolve) => (release = resolve)))
  start()
  const events: string[] = []
  const waiting = publisher.waitForOffset(0, 1000).then(() => events.push('reached'))
  const never = publisher.waitForOffset(7, 1000)
  const refused = expect(never).rejects.toMatchObject({ code: 7 })
  commit(topic('t'))
  await world.runFor(1)
  expect(events).toEqual([])
  release()
  await waiting
  await world.runFor(1000)
  await refused
  await publisher.waitForOffset(0, 1)
})

test('records of a metadata transaction count once it ends, those of an aborted one never', async () => {
  start()
  commit(createRecord('beginTransaction', { name: 'Bootstrap records' }), topic('kept'))
  await world.runFor(1)
  expect(publisher.image.topicsByName.size).toBe(0)
  commit(createRecord('endTransaction', {}))
  commit(
    createRecord('beginTransaction', {}),
    topic('dropped'),
    createRecord('abortTransaction', {}),
  )
  commit(topic('after'))
  await world.runFor(1)
  expect([...publisher.image.topicsByName.keys()].sort()).toEqual(['after', 'kept'])
})

test('a snapshot replaces everything and is told as the difference', async () => {
  start()
  commit(topic('old'), topic('kept'))
  await world.runFor(1)
  const kept = publisher.image.topicsByName.get('kept')!
  const deltas: MetadataDelta[] = []
  publisher.subscribe('listener', (delta) => {
    deltas.push(delta)
  })
  publisher.handleLoadSnapshot({
    endOffset: 100,
    epoch: 5,
    lastContainedLogTimestampMs: 0,
    records: [createRecord('topic', { name: 'kept', topicId: kept.id }), topic('new')].map(
      ({ framed }) => framed,
    ),
  })
  await world.runFor(1)
  expect(deltas.map(({ changedTopics }) => [...changedTopics])).toEqual([['new']])
  expect(deltas[0]?.deletedTopics.map(({ name }) => name)).toEqual(['old'])
  expect(publisher.image).toMatchObject({ offset: 99, epoch: 5 })
})

test('a snapshot is asked for when enough has been written, and holds the image', async () => {
  build({ snapshotRecordBytes: 100 })
  start()
  commit(topic('a'))
  expect(quorum.snapshots).toHaveLength(0)
  commit(topic('b'), topic('c'), topic('d'), topic('e'))
  await world.runFor(1)
  expect(quorum.snapshots).toHaveLength(1)
  expect(quorum.snapshots[0]?.endOffset).toBe(5)
  expect(decodeRecords(quorum.snapshots[0]!.records)).toHaveLength(5)
  expect(quorum.snapshots[0]?.records).toEqual([...snapshotBytes(publisher.committedImage)])
})

test('and when the last one is old', async () => {
  build({ snapshotIntervalMs: 60_000 })
  start()
  commit(noOp())
  await world.runFor(59_000)
  commit(noOp())
  expect(quorum.snapshots).toHaveLength(0)
  await world.runFor(2_000)
  commit(noOp())
  await world.runFor(1)
  expect(quorum.snapshots).toHaveLength(1)
})

test('followers hear commits at once, and who leads', () => {
  const heard: string[] = []
  publisher.attach({
    handleCommitted: ({ offset }) => heard.push(`commit ${offset}`),
    handleLeaderChange: ({ leaderId }) => heard.push(`leader ${leaderId}`),
  })
  start()
  commit(noOp())
  expect(heard).toEqual(['leader 1', 'commit 0'])
})
