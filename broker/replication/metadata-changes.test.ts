// A change of metadata comes in pieces, none larger than asked for, and all pieces together are the change.
import { expect, test } from 'vitest'
import { newPartition } from '../../tests/support/replication-parts.ts'
import { compareImages } from '../metadata/delta.ts'
import { emptyImage } from '../metadata/image.ts'
import type { MetadataImage, TopicImage } from '../metadata/image-types.ts'
import { HostedPartitions } from './hosted-partitions.ts'
import { allChanges, changesIn, type LocalChanges } from './metadata-changes.ts'
import type { Partition } from './partition.ts'

const SIZE = { changesMax: 10, lookedAtMax: 40 }

function topic(name: string, id: string, count: number, leader = 1): TopicImage {
  const partitions = Array.from({ length: count }, (_, at) => ({
    ...newPartition(at, [1, 2]),
    leader,
  }))
  return { name, id, partitions }
}

function imageOf(offset: number, topics: readonly TopicImage[]): MetadataImage {
  return {
    ...emptyImage(),
    offset,
    topicsByName: new Map(topics.map((each) => [each.name, each])),
    topicsById: new Map(topics.map((each) => [each.id, each])),
  }
}

/** What a replica manager would host; of a partition only its name is read here. */
function hostedOf(topics: readonly TopicImage[]): HostedPartitions {
  const hosted = new HostedPartitions()
  for (const { name, id, partitions } of topics) {
    for (const { partition } of partitions) {
      hosted.add({ topic: name, topicId: id, partition } as Partition)
    }
  }
  return hosted
}

const sizeOf = ({ dropped, assigned }: LocalChanges) => dropped.length + assigned.length
const names = (pieces: readonly LocalChanges[]) =>
  pieces.flatMap(({ assigned }) =>
    assigned.map(({ topic: name, assignment }) => `${name}-${assignment.partition}`),
  )

test('a broker that is fenced leads a thousand partitions: their new roles come in pieces', () => {
  const before = Array.from({ length: 10 }, (_, at) => topic(`t${at}`, `id${at}`, 100))
  const after = before.map(({ name, id }) => topic(name, id, 100, 2))
  const delta = compareImages(imageOf(1, before), imageOf(2, after))
  const pieces = [...changesIn(delta, 2, hostedOf(before), SIZE)]
  expect(Math.max(...pieces.map(sizeOf))).toBe(SIZE.changesMax)
  expect(new Set(names(pieces)).size).toBe(1000)
})

test('a start assigns all that is here, and what is not here is looked at in pieces too', () => {
  const here = topic('here', 'id1', 25)
  const partitions = topic('away', 'id2', 400).partitions.map((each) => ({
    ...each,
    replicas: [2, 3],
  }))
  const image = imageOf(1, [{ name: 'away', id: 'id2', partitions }, here])
  const pieces = [...allChanges(image, 1, new HostedPartitions(), SIZE)]
  expect(names(pieces)).toHaveLength(25)
  expect(pieces.length).toBeGreaterThanOrEqual(400 / SIZE.lookedAtMax)
})

test('a topic that was made anew: the old replicas are dropped before the new ones are assigned', () => {
  const [before, after] = [topic('t', 'old', 30), topic('t', 'new', 30)]
  const delta = compareImages(imageOf(1, [before]), imageOf(2, [after]))
  const pieces = [...changesIn(delta, 1, hostedOf([before]), SIZE)]
  const firstAssigned = pieces.findIndex(({ assigned }) => assigned.length > 0)
  expect(pieces.slice(0, firstAssigned).flatMap(({ dropped }) => dropped)).toHaveLength(30)
  expect(pieces.slice(firstAssigned).flatMap(({ dropped }) => dropped)).toEqual([])
  expect(names(pieces)).toHaveLength(30)
})
