// Creating, growing and deleting topics: what is written, and Kafka's answers to what cannot be. The messages are
// those of Apache Kafka 4.3.1 to the same requests.
import { describe, expect, test } from 'vitest'
import { errorName } from '../../protocol/errors.ts'
import { CreateTopics } from '../../protocol/schemas/19-create-topics.ts'
import { DeleteTopics } from '../../protocol/schemas/20-delete-topics.ts'
import { CreatePartitions } from '../../protocol/schemas/37-create-partitions.ts'
import { CLUSTER_ID, directoryOf, PureController } from '../../tests/support/controller-harness.ts'
import { applyRecords, emptyImage } from '../metadata/image.ts'
import { snapshotRecords } from '../metadata/snapshot.ts'
import { usableBrokers } from './placement.ts'

function cluster(): PureController {
  const controller = new PureController({ defaultReplicationFactor: 3 })
  controller.start(1, 2, 3)
  return controller
}

interface Topic {
  name: string
  numPartitions?: number
  replicationFactor?: number
  assignments?: { partitionIndex: number; brokerIds: number[] }[]
  configs?: { name: string; value: string | null }[]
}

function create(controller: PureController, topic: Topic, options = { validateOnly: false }) {
  const request = { numPartitions: -1, replicationFactor: -1, ...topic }
  const { topics } = controller.request(CreateTopics, { topics: [request], ...options })
  return topics?.[0]
}

function refusal(topic: Partial<Topic>, controller = cluster()): string {
  const created = create(controller, { name: 'z', ...topic })
  return `${errorName(created?.errorCode ?? -1)}: ${created?.errorMessage}`
}

const assigned = (...lists: number[][]) =>
  lists.map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds }))

describe('CreateTopics', () => {
  test('writes the topic, its configs, then its partitions, and tells what it made', () => {
    const controller = cluster()
    const created = create(controller, {
      name: 't',
      numPartitions: 2,
      configs: [{ name: 'retention.ms', value: '1000' }],
    })
    expect(controller.lastRecords.map(({ type }) => type)).toEqual([
      'topic',
      'config',
      'partition',
      'partition',
    ])
    expect(created).toMatchObject({ errorCode: 0, numPartitions: 2, replicationFactor: 3 })
    const configs = new Map(created?.configs?.map((config) => [config.name, config]))
    expect(configs.get('retention.ms')).toMatchObject({ value: '1000', configSource: 1 })
    expect(configs.get('segment.bytes')).toMatchObject({ value: '1073741824', configSource: 5 })
    expect([...configs.keys()]).toEqual([...configs.keys()].sort())
  })

  test('only validated, nothing is written and the answer is the same', () => {
    const controller = cluster()
    const created = create(controller, { name: 't' }, { validateOnly: true })
    expect(created).toMatchObject({ errorCode: 0, numPartitions: 1, replicationFactor: 3 })
    expect(controller.lastRecords).toEqual([])
    expect(controller.image.topicsByName.size).toBe(0)
  })

  test('fenced replicas are no part of the first ISR, and do not lead', () => {
    const controller = cluster()
    controller.fence(1)
    controller.createTopic('t', [[1, 2, 3]])
    expect(controller.show('t')).toBe('leader 2 isr 2,3 epoch 0/0')
  })

  test('one bad topic of a request does not spoil the others', () => {
    const controller = cluster()
    const { topics } = controller.request(CreateTopics, {
      topics: ['good', 'bad name', 'twice', 'twice', '__cluster_metadata'].map((name) => ({
        name,
        numPartitions: -1,
        replicationFactor: -1,
      })),
    })
    const told = topics?.map(({ name, errorMessage }) => [name, errorMessage])
    expect(new Map(told as [string, string | null][])).toEqual(
      new Map([
        ['good', null],
        [
          'bad name',
          "Topic name is invalid: 'bad name' contains one or more characters other than ASCII " +
            "alphanumerics, '.', '_' and '-'",
        ],
        ['twice', 'Duplicate topic name.'],
        ['__cluster_metadata', 'Creation of internal topic __cluster_metadata is prohibited.'],
      ]),
    )
  })

  test('names: empty, dots, too long, taken, colliding', () => {
    const controller = cluster()
    create(controller, { name: 'a.b_c' })
    const name = (text: string) => refusal({ name: text }, controller)
    expect(name('')).toContain('the empty string is not allowed')
    expect(name('.')).toContain("'.' is not allowed")
    expect(name('..')).toContain("'..' is not allowed")
    expect(name('x'.repeat(250))).toContain('is longer than the max allowed length 249')
    expect(name('a.b_c')).toBe("TOPIC_ALREADY_EXISTS: Topic 'a.b_c' already exists.")
    expect(name('a_b.c')).toBe(
      "INVALID_TOPIC_EXCEPTION: Topic 'a_b.c' collides with existing topic: a.b_c",
    )
    const many = '.'.repeat(12)
    create(controller, { name: `x${many}` })
    expect(name(`x${many.replaceAll('.', '_')}`)).toContain('collides with existing topic')
    expect(name('a-b-c')).toBe('NONE: null')
  })

  test('brokers with nothing but cordoned directories get no new replicas, until they say otherwise', () => {
    const three = cluster()
    three.heartbeat(2, { cordoned: [directoryOf(2)] })
    expect(three.lastRecords.map(({ type }) => type)).toEqual(['brokerRegistrationChange'])
    three.heartbeat(2, { cordoned: [directoryOf(2)] })
    expect(three.lastRecords).toEqual([])
    expect(usableBrokers(three.image).map(({ id }) => id)).toEqual([1, 3])
    const reloaded = applyRecords(emptyImage(CLUSTER_ID), [...snapshotRecords(three.image)]).image
    expect(usableBrokers(reloaded).map(({ id }) => id)).toEqual([1, 3])
    three.heartbeat(2)
    expect(usableBrokers(three.image)).toHaveLength(2)
    three.heartbeat(2, { cordoned: [] })
    expect(usableBrokers(three.image)).toHaveLength(3)
  })

  test('numbers that cannot be', () => {
    expect(refusal({ replicationFactor: 0 })).toBe(
      'INVALID_REPLICATION_FACTOR: Replication factor must be larger than 0, or -1 to use the ' +
        'default value.',
    )
    expect(refusal({ numPartitions: 0 })).toBe(
      'INVALID_PARTITIONS: Number of partitions was set to an invalid non-positive value.',
    )
    expect(refusal({ replicationFactor: 5 })).toBe(
      'INVALID_REPLICATION_FACTOR: Unable to replicate the partition 5 time(s): The target ' +
        'replication factor of 5 cannot be reached because only 3 broker(s) are registered or ' +
        'some brokers have all their log directories cordoned.',
    )
    const alone = new PureController()
    alone.start(1)
    alone.fence(1)
    expect(refusal({}, alone)).toBe(
      'INVALID_REPLICATION_FACTOR: Unable to replicate the partition 1 time(s): All brokers are ' +
        'currently fenced.',
    )
  })

  test('assignments that cannot be', () => {
    const by = (assignments: Topic['assignments'], more: Partial<Topic> = {}) =>
      refusal({ ...(assignments ? { assignments } : {}), ...more })
    expect(by(assigned([1]), { replicationFactor: 1 })).toBe(
      'INVALID_REQUEST: A manual partition assignment was specified, but replication factor was ' +
        'not set to -1.',
    )
    expect(by(assigned([1]), { numPartitions: 1 })).toBe(
      'INVALID_REQUEST: A manual partition assignment was specified, but numPartitions was not ' +
        'set to -1.',
    )
    const code = 'INVALID_REPLICA_ASSIGNMENT'
    expect(by(assigned([]))).toBe(
      `${code}: The manual partition assignment includes an empty replica list.`,
    )
    expect(by(assigned([1, 1]))).toBe(
      `${code}: The manual partition assignment includes the broker 1 more than once.`,
    )
    expect(by(assigned([9]))).toBe(
      `${code}: The manual partition assignment includes broker 9, but no such broker is ` +
        'registered.',
    )
    expect(by(assigned([1], [1, 2]))).toBe(
      `${code}: The manual partition assignment includes a partition with 2 replica(s), but this ` +
        'is not consistent with previous partitions, which have 1 replica(s).',
    )
    expect(by([{ partitionIndex: 1, brokerIds: [1] }])).toBe(
      `${code}: partitions should be a consecutive 0-based integer sequence`,
    )
    expect(by([...assigned([1]), ...assigned([2])])).toBe(
      `${code}: Found multiple manual partition assignments for partition 0`,
    )
    const controller = cluster()
    controller.fence(1)
    expect(refusal({ assignments: assigned([1]) }, controller)).toBe(
      `${code}: All brokers specified in the manual partition assignment for partition 0 are ` +
        'fenced or in controlled shutdown.',
    )
  })

  test('configs that cannot be', () => {
    const by = (name: string, value: string | null) => refusal({ configs: [{ name, value }] })
    expect(by('retention.ms', null)).toBe(
      'INVALID_CONFIG: Null value not supported for topic configs: retention.ms',
    )
    expect(by('retention.ms', 'x')).toBe(
      'INVALID_CONFIG: Invalid value x for configuration retention.ms: Not a number of type LONG',
    )
    expect(by('nope', 'x')).toBe('INVALID_CONFIG: Unknown topic config name: nope')
  })
})

describe('CreatePartitions', () => {
  function grow(controller: PureController, count: number, lists: number[][] | null = null) {
    const assignments = lists?.map((brokerIds) => ({ brokerIds })) ?? null
    const { results } = controller.request(CreatePartitions, {
      topics: [{ name: 't', count, assignments }],
    })
    const result = results?.[0]
    return `${errorName(result?.errorCode ?? -1)}: ${result?.errorMessage}`
  }

  test('adds partitions after those there are, placed or as told', () => {
    const controller = cluster()
    controller.createTopic('t', [[1, 2, 3]])
    expect(
      grow(controller, 3, [
        [2, 3, 1],
        [3, 1, 2],
      ]),
    ).toBe('NONE: null')
    expect(controller.partition('t', 2).replicas).toEqual([3, 1, 2])
    expect(grow(controller, 4)).toBe('NONE: null')
    expect(controller.partition('t', 3).replicas).toHaveLength(3)
  })

  test('refusals', () => {
    const controller = cluster()
    expect(grow(controller, 3)).toBe('UNKNOWN_TOPIC_OR_PARTITION: null')
    controller.createTopic('t', [
      [1, 2, 3],
      [2, 3, 1],
    ])
    expect(grow(controller, 2)).toBe('INVALID_PARTITIONS: Topic already has 2 partition(s).')
    expect(grow(controller, 1)).toBe(
      'INVALID_PARTITIONS: The topic t currently has 2 partition(s); 1 would not be an increase.',
    )
    expect(grow(controller, 4, [[1, 2, 3]])).toBe(
      'INVALID_REPLICA_ASSIGNMENT: Attempted to add 2 additional partition(s), but only 1 ' +
        'assignment(s) were specified.',
    )
    expect(grow(controller, 3, [[1, 2]])).toContain('which have 3 replica(s).')
    expect(controller.image.topicsByName.get('t')?.partitions).toHaveLength(2)
  })
})

describe('DeleteTopics', () => {
  const unknownId = 'AAAAAAAAAAAAAAAAAAAAZA'

  function remove(controller: PureController, request: object, version = 6) {
    const { responses } = controller.request(DeleteTopics, request, version)
    return responses?.map(
      ({ name, errorCode, errorMessage }) =>
        `${name} ${errorName(errorCode ?? -1)} ${errorMessage ?? ''}`,
    )
  }

  test('by name and by id, with their configs', () => {
    const controller = cluster()
    controller.createTopic('a', [[1]], { 'retention.ms': 1 })
    const topicId = controller.createTopic('b', [[1]])
    remove(controller, { topics: [{ name: 'a' }, { name: null, topicId }] })
    expect(controller.image.topicsByName.size).toBe(0)
    expect([...controller.image.configs.keys()]).toEqual(['4:'])
  })

  test('refusals', () => {
    const controller = cluster()
    const topicId = controller.createTopic('a', [[1]])
    const topics = (...list: object[]) => remove(controller, { topics: list })
    expect(topics({ name: 'x' })).toEqual([
      'x UNKNOWN_TOPIC_OR_PARTITION This server does not host this topic-partition.',
    ])
    expect(topics({ name: null, topicId: unknownId })).toEqual([
      'null UNKNOWN_TOPIC_ID This server does not host this topic ID.',
    ])
    expect(topics({ name: null })).toEqual([
      'null INVALID_REQUEST Neither topic name nor id were specified.',
    ])
    expect(topics({ name: 'a', topicId })).toEqual([
      'a INVALID_REQUEST You may not specify both topic name and topic id.',
    ])
    expect(topics({ name: 'a' }, { name: 'a' })).toEqual([
      'a INVALID_REQUEST Duplicate topic name.',
    ])
    expect(topics({ name: 'a' }, { name: null, topicId })).toEqual([
      'a INVALID_REQUEST The provided topic name maps to an ID that was already supplied.',
    ])
    expect(controller.image.topicsByName.has('a')).toBe(true)
  })

  test('where deletion is disabled', () => {
    const controller = new PureController({ deleteTopicEnable: false })
    const request = { topicNames: ['a'] }
    expect(controller.errorOf(DeleteTopics, request, 2)).toBe('INVALID_REQUEST')
    expect(controller.errorOf(DeleteTopics, request, 3)).toBe('TOPIC_DELETION_DISABLED')
  })
})

test('more partitions than a request may ask for are refused before any is laid out', () => {
  const controller = cluster()
  controller.createTopic('a', [[1]])
  const most = 2 ** 31 - 1
  const topics = [{ name: 'b', numPartitions: most, replicationFactor: 1 }]
  expect(controller.errorOf(CreateTopics, { topics }, 7)).toBe('POLICY_VIOLATION')
  const many = Array.from({ length: 11 }, (_, index) => ({
    name: `t${index}`,
    numPartitions: 1000,
    replicationFactor: 1,
  }))
  expect(controller.errorOf(CreateTopics, { topics: many }, 7)).toBe('POLICY_VIOLATION')
  const growth = { topics: [{ name: 'a', count: most, assignments: null }] }
  expect(controller.errorOf(CreatePartitions, growth, 3)).toBe('POLICY_VIOLATION')
})
