// What records make of an image, that images are never changed in place, and that a snapshot holds all of one.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareImages, mergeDeltas } from './delta.ts'
import { applyRecords, emptyImage, MIGRATING_DIRECTORY, UNASSIGNED_DIRECTORY } from './image.ts'
import type { MetadataImage } from './image-types.ts'
import { createRecord, decodeRecord, decodeRecords, type MetadataRecord } from './records.ts'
import { snapshotBytes } from './snapshot.ts'

const TOPIC_A = 'AAAAAAAAAAAAAAAAAAAAQA'
const TOPIC_B = 'AAAAAAAAAAAAAAAAAAAAgA'
const DIRECTORY = 'AAAAAAAAAAAAAAAAAAABAA'

/** Comparable by value. */
function plain(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return value.toString('hex')
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(plain)
  if (Symbol.iterator in value) {
    const entries = [...(value as ReadonlyMap<string, unknown>)].map(([k, v]) => [k, plain(v)])
    return entries.sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1))
  }
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, plain(entry)]))
}

function partition(topicId: string, partitionId: number, replicas = [1, 2, 3]): MetadataRecord {
  return createRecord('partition', {
    topicId,
    partitionId,
    replicas,
    isr: replicas,
    leader: replicas[0] ?? -1,
    leaderEpoch: 0,
    partitionEpoch: 0,
    directories: replicas.map(() => DIRECTORY),
  })
}

function apply(image: MetadataImage, ...records: MetadataRecord[]) {
  return applyRecords(image, records)
}

function withTopic(): MetadataImage {
  return apply(
    emptyImage('cluster'),
    createRecord('topic', { name: 'a', topicId: TOPIC_A }),
    partition(TOPIC_A, 0),
    partition(TOPIC_A, 1),
  ).image
}

test('a framed record is frame version, type, version and body, and reads back', () => {
  const record = createRecord('featureLevel', { name: 'metadata.version', featureLevel: 30 })
  // As Apache Kafka 4.3.1 wrote it: valueSize 23.
  expect(record.framed.length).toBe(23)
  expect([...record.framed.subarray(0, 3)]).toEqual([1, 12, 0])
  expect(decodeRecord(record.framed)).toEqual(record)
  expect(createRecord('endTransaction', {}).framed.length).toBe(4)
})

test('a record type of a later Kafka is passed over', () => {
  expect(decodeRecords([Buffer.from([1, 120, 0, 0])])).toEqual([])
})

describe('partition changes', () => {
  test('bump the partition epoch, and the leader epoch where the leader is set', () => {
    const before = withTopic()
    const shrunk = apply(
      before,
      createRecord('partitionChange', { topicId: TOPIC_A, partitionId: 0, isr: [1, 2] }),
    ).image
    expect(shrunk.topicsByName.get('a')?.partitions[0]).toMatchObject({
      isr: [1, 2],
      leader: 1,
      leaderEpoch: 0,
      partitionEpoch: 1,
    })
    const elected = apply(
      shrunk,
      createRecord('partitionChange', { topicId: TOPIC_A, partitionId: 0, leader: 2 }),
    ).image
    expect(elected.topicsByName.get('a')?.partitions[0]).toMatchObject({
      leader: 2,
      leaderEpoch: 1,
      partitionEpoch: 2,
    })
    expect(before.topicsByName.get('a')?.partitions[0]?.isr).toEqual([1, 2, 3])
    expect(elected.topicsByName.get('a')?.partitions[1]).toBe(
      before.topicsByName.get('a')?.partitions[1],
    )
  })

  test('new replicas get no directory until one is assigned', () => {
    const { image } = apply(
      withTopic(),
      createRecord('partitionChange', { topicId: TOPIC_A, partitionId: 0, replicas: [1, 4] }),
    )
    expect(image.topicsById.get(TOPIC_A)?.partitions[0]?.directories).toEqual([
      DIRECTORY,
      UNASSIGNED_DIRECTORY,
    ])
  })

  test('records from before directories were known read as migrating', () => {
    const { image } = apply(
      emptyImage(),
      createRecord('topic', { name: 'a', topicId: TOPIC_A }),
      createRecord('partition', { topicId: TOPIC_A, partitionId: 0, replicas: [1] }, 0),
    )
    expect(image.topicsById.get(TOPIC_A)?.partitions[0]?.directories).toEqual([MIGRATING_DIRECTORY])
  })
})

test('a deleted topic takes its configs along, and its name may come back under another id', () => {
  const before = apply(
    withTopic(),
    createRecord('config', {
      resourceType: 2,
      resourceName: 'a',
      name: 'retention.ms',
      value: '1',
    }),
  ).image
  const { image, delta } = apply(
    before,
    createRecord('removeTopic', { topicId: TOPIC_A }),
    createRecord('topic', { name: 'a', topicId: TOPIC_B }),
    partition(TOPIC_B, 0),
  )
  expect(image.configs.size).toBe(0)
  expect(image.topicsByName.get('a')?.id).toBe(TOPIC_B)
  expect(image.topicsById.has(TOPIC_A)).toBe(false)
  expect(delta.deletedTopics.map(({ id }) => id)).toEqual([TOPIC_A])
  expect([...delta.changedTopics]).toEqual(['a'])
  expect([...delta.changedConfigs]).toEqual(['2:a'])
})

test('credentials, ACLs and quotas are kept unread, replaced and removed', () => {
  const scram = { name: 'ada', mechanism: 1, salt: Buffer.of(1), iterations: 4096 }
  const kept = apply(
    emptyImage(),
    createRecord('userScramCredential', scram),
    createRecord('userScramCredential', { ...scram, iterations: 8192 }),
    createRecord('clientQuota', {
      entity: [{ entityType: 'user', entityName: null }],
      key: 'producer_byte_rate',
      value: 10,
    }),
  ).image
  expect(kept.unserved.size).toBe(2)
  const gone = apply(
    kept,
    createRecord('removeUserScramCredential', { name: 'ada', mechanism: 1 }),
    createRecord('clientQuota', {
      entity: [{ entityType: 'user', entityName: null }],
      key: 'producer_byte_rate',
      remove: true,
    }),
  ).image
  expect(gone.unserved.size).toBe(0)
})

const topicIds = fc.constantFrom(TOPIC_A, TOPIC_B)
const brokerIds = fc.integer({ min: 1, max: 4 })
const replicaSets = fc.uniqueArray(brokerIds, { minLength: 1, maxLength: 3 })
const names = fc.constantFrom('a', 'b', 'c.d')

const anyRecord: fc.Arbitrary<MetadataRecord> = fc.oneof(
  fc.tuple(names, topicIds).map(([name, topicId]) => createRecord('topic', { name, topicId })),
  fc
    .tuple(topicIds, fc.constantFrom(0, 1), replicaSets)
    .map(([topicId, id, replicas]) => partition(topicId, id, replicas)),
  fc.tuple(topicIds, fc.constantFrom(0, 1), replicaSets, brokerIds).map((change) =>
    createRecord('partitionChange', {
      topicId: change[0],
      partitionId: change[1],
      isr: change[2],
      leader: change[3],
    }),
  ),
  topicIds.map((topicId) => createRecord('removeTopic', { topicId })),
  fc
    .tuple(names, fc.option(fc.string()))
    .map(([resourceName, value]) =>
      createRecord('config', { resourceType: 2, resourceName, name: 'retention.ms', value }),
    ),
  fc.tuple(brokerIds, fc.nat(), fc.option(names)).map(([brokerId, brokerEpoch, rack]) =>
    createRecord('registerBroker', {
      brokerId,
      brokerEpoch,
      rack,
      incarnationId: DIRECTORY,
      endPoints: [{ name: 'PLAINTEXT', host: 'h', port: 9092, securityProtocol: 0 }],
      features: [{ name: 'metadata.version', minSupportedVersion: 7, maxSupportedVersion: 30 }],
      logDirs: [DIRECTORY],
    }),
  ),
  fc
    .tuple(brokerIds, fc.constantFrom(-1, 0, 1), fc.constantFrom(0, 1))
    .map(([brokerId, fenced, inControlledShutdown]) =>
      createRecord(
        'brokerRegistrationChange',
        { brokerId, brokerEpoch: 1, fenced, inControlledShutdown },
        1,
      ),
    ),
  brokerIds.map((brokerId) => createRecord('unregisterBroker', { brokerId, brokerEpoch: 1 })),
  brokerIds.map((controllerId) =>
    createRecord('registerController', { controllerId, incarnationId: DIRECTORY }),
  ),
  fc.nat(3).map((featureLevel) => createRecord('featureLevel', { name: 'x', featureLevel })),
  fc.nat(9).map((block) => createRecord('producerIds', { nextProducerId: block * 1000 })),
  fc.constant(createRecord('noOp', {})),
)

/** Leaves out what no controller writes: a name or id taken twice, partitions out of turn. */
function legal(start: MetadataImage, records: readonly MetadataRecord[]): MetadataRecord[] {
  const usedIds = new Set(start.topicsById.keys())
  let image = start
  return records.filter((record) => {
    if (record.type === 'topic') {
      if (usedIds.has(record.value.topicId) || image.topicsByName.has(record.value.name)) {
        return false
      }
      usedIds.add(record.value.topicId)
    }
    if (record.type === 'partition') {
      const count = image.topicsById.get(record.value.topicId)?.partitions.length
      if (record.value.partitionId !== count) return false
    }
    image = applyRecords(image, [record]).image
    return true
  })
}

test('a snapshot gives the same image again, and equal images the same bytes', () => {
  fc.assert(
    fc.property(fc.array(anyRecord, { maxLength: 40 }), (records) => {
      const { image } = applyRecords(emptyImage('c'), legal(emptyImage('c'), records))
      const bytes = [...snapshotBytes(image)]
      const restored = applyRecords(emptyImage('c'), decodeRecords(bytes), image).image
      expect(plain(restored)).toEqual(plain(image))
      expect([...snapshotBytes(restored)]).toEqual(bytes)
    }),
  )
})

test('applying records one by one or at once is the same, and no image changes afterwards', () => {
  fc.assert(
    fc.property(fc.array(anyRecord, { maxLength: 30 }), (records) => {
      const start = withTopic()
      const images = [start]
      const pictures = [plain(start)]
      const history = legal(start, records)
      for (const record of history) {
        const { image } = applyRecords(images.at(-1) as MetadataImage, [record])
        images.push(image)
        pictures.push(plain(image))
      }
      expect(images.map(plain)).toEqual(pictures)
      expect(plain(applyRecords(start, history).image)).toEqual(pictures.at(-1))
    }),
  )
})

test('merged deltas tell as much as comparing first and last image', () => {
  fc.assert(
    fc.property(
      fc.array(anyRecord, { maxLength: 15 }),
      fc.array(anyRecord, { maxLength: 15 }),
      (one, two) => {
        const start = withTopic()
        const history = legal(start, [...one, ...two])
        const cut = Math.min(one.length, history.length)
        const first = applyRecords(start, history.slice(0, cut))
        const second = applyRecords(first.image, history.slice(cut))
        const merged = mergeDeltas(first.delta, second.delta)
        const compared = compareImages(start, second.image)
        expect([...merged.changedTopics]).toEqual(
          expect.arrayContaining([...compared.changedTopics]),
        )
        expect([...merged.changedConfigs]).toEqual(
          expect.arrayContaining([...compared.changedConfigs]),
        )
        expect([...merged.changedBrokers]).toEqual(
          expect.arrayContaining([...compared.changedBrokers]),
        )
        expect(merged.deletedTopics.map(({ id }) => id).sort()).toEqual(
          compared.deletedTopics.map(({ id }) => id).sort(),
        )
      },
    ),
  )
})
