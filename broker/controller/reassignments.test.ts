// Partitions move from some brokers to others, told as transcripts: '1,2,3' are the replicas, '+4' is being added,
// '-1' removed.
import { describe, expect, test } from 'vitest'
import { errorName } from '../../protocol/errors.ts'
import { DeleteTopics } from '../../protocol/schemas/20-delete-topics.ts'
import { AlterPartitionReassignments } from '../../protocol/schemas/45-alter-partition-reassignments.ts'
import { ListPartitionReassignments } from '../../protocol/schemas/46-list-partition-reassignments.ts'
import {
  directoryOf,
  elect,
  PureController,
  propose,
} from '../../tests/support/controller-harness.ts'

function sixBrokers(): PureController {
  const controller = new PureController()
  controller.start(1, 2, 3, 4, 5, 6)
  return controller
}

function move(
  controller: PureController,
  replicas: number[] | null,
  options: { partition?: number; topic?: string; allowReplicationFactorChange?: boolean } = {},
): string {
  const { partition = 0, topic = 't', allowReplicationFactorChange = true } = options
  const { responses } = controller.request(AlterPartitionReassignments, {
    allowReplicationFactorChange,
    topics: [{ name: topic, partitions: [{ partitionIndex: partition, replicas }] }],
  })
  const result = responses?.[0]?.partitions?.[0]
  return `${errorName(result?.errorCode ?? -1)} ${result?.errorMessage ?? ''}`.trim()
}

function replicas(controller: PureController): string {
  const partition = controller.partition('t')
  const { addingReplicas: adding, removingReplicas: removing } = partition
  const signs = [...adding.map((id) => `+${id}`), ...removing.map((id) => `-${id}`)]
  return [partition.replicas.join(','), ...signs].join(' ')
}

/** The leader proposes `isr` with the epochs that it knows: the present ones. */
function inSync(controller: PureController, topicId: string, isr: number[]): string {
  const { leader, leaderEpoch, partitionEpoch } = controller.partition('t')
  return propose(controller, topicId, { from: leader, isr, leaderEpoch, partitionEpoch })
}

describe('a partition moves', () => {
  test('the new replicas are added, and once all are in sync the old ones go', () => {
    const controller = sixBrokers()
    const topicId = controller.createTopic('t', [[1, 2, 3]])
    expect(move(controller, [4, 5, 6])).toBe('NONE')
    expect(replicas(controller)).toBe('4,5,6,1,2,3 +4 +5 +6 -1 -2 -3')
    expect(controller.show('t')).toBe('leader 1 isr 1,2,3 epoch 0/1')
    expect(inSync(controller, topicId, [1, 2, 3, 4])).toBe('NONE')
    expect(inSync(controller, topicId, [1, 2, 3, 4, 5])).toBe('NONE')
    expect(replicas(controller)).toBe('4,5,6,1,2,3 +4 +5 +6 -1 -2 -3')
    expect(inSync(controller, topicId, [1, 2, 3, 4, 5, 6])).toBe('NEW_LEADER_ELECTED')
    expect(replicas(controller)).toBe('4,5,6')
    expect(controller.show('t')).toBe('leader 4 isr 4,5,6 epoch 1/4')
    expect(controller.partition('t').directories).toEqual([4, 5, 6].map(directoryOf))
  })

  test('a new order alone is there at once, and the leader stays', () => {
    const controller = sixBrokers()
    controller.createTopic('t', [[1, 2, 3]])
    expect(move(controller, [3, 1, 2])).toBe('NONE')
    expect(replicas(controller)).toBe('3,1,2')
    expect(controller.show('t')).toBe('leader 1 isr 1,2,3 epoch 0/1')
    expect(elect(controller, 0, 't')).toBe('NONE')
    expect(controller.show('t')).toBe('leader 3 isr 1,2,3 epoch 1/2')
  })

  test('to what it is already: no record', () => {
    const controller = sixBrokers()
    controller.createTopic('t', [[1, 2, 3]])
    expect(move(controller, [1, 2, 3])).toBe('NONE')
    expect(controller.lastRecords).toEqual([])
  })

  test('fewer replicas are there at once while those who stay are in sync; the epoch ends', () => {
    const controller = sixBrokers()
    controller.createTopic('t', [[1, 2, 3]])
    expect(move(controller, [1, 2])).toBe('NONE')
    expect(replicas(controller)).toBe('1,2')
    expect(controller.show('t')).toBe('leader 1 isr 1,2 epoch 1/1')
    expect(move(controller, [2])).toBe('NONE')
    expect(controller.show('t')).toBe('leader 2 isr 2 epoch 2/2')
  })

  test('nobody is dropped while one of those who stay is out of sync', () => {
    const controller = sixBrokers()
    const topicId = controller.createTopic('t', [[1, 2, 3]])
    controller.fence(2)
    expect(move(controller, [1, 2])).toBe('NONE')
    expect(replicas(controller)).toBe('1,2,3 -3')
    expect(controller.show('t')).toBe('leader 1 isr 1,3 epoch 0/2')
    controller.heartbeat(2)
    expect(inSync(controller, topicId, [1, 3, 2])).toBe('NONE')
    expect(replicas(controller)).toBe('1,2')
    expect(controller.show('t')).toBe('leader 1 isr 1,2 epoch 1/3')
  })

  test('more replicas: done when the last is in sync, in the same leader epoch', () => {
    const controller = sixBrokers()
    const topicId = controller.createTopic('t', [[1]])
    expect(move(controller, [1, 2, 3])).toBe('NONE')
    expect(replicas(controller)).toBe('1,2,3 +2 +3')
    expect(inSync(controller, topicId, [1, 3])).toBe('NONE')
    expect(inSync(controller, topicId, [1, 3, 2])).toBe('NONE')
    expect(replicas(controller)).toBe('1,2,3')
    expect(controller.show('t')).toBe('leader 1 isr 1,3,2 epoch 0/3')
  })

  test('a new one on top of one under way replaces it', () => {
    const controller = sixBrokers()
    const topicId = controller.createTopic('t', [[1, 2, 3]])
    move(controller, [4, 5, 6])
    expect(move(controller, [1, 2, 4])).toBe('NONE')
    expect(replicas(controller)).toBe('1,2,4,3,5,6 +4 +5 +6 -3 -5 -6')
    expect(inSync(controller, topicId, [1, 2, 3, 4])).toBe('NONE')
    expect(replicas(controller)).toBe('1,2,4')
    expect(move(controller, [4, 5, 6])).toBe('NONE')
    expect(move(controller, [1, 2, 4])).toBe('NONE')
    expect(replicas(controller)).toBe('1,2,4')
  })

  test('goes on under the next controller, and when the leader dies on the way', () => {
    const controller = sixBrokers()
    const topicId = controller.createTopic('t', [[1, 2, 3]])
    move(controller, [4, 5, 6])
    inSync(controller, topicId, [1, 2, 3, 4])
    controller.failOver()
    controller.loseSession(1)
    expect(controller.show('t')).toBe('leader 4 isr 2,3,4 epoch 1/3')
    expect(inSync(controller, topicId, [2, 3, 4, 5, 6])).toBe('NONE')
    expect(replicas(controller)).toBe('4,5,6')
    expect(controller.show('t')).toBe('leader 4 isr 4,5,6 epoch 2/4')
  })

  test('a fenced broker may be a target; it is done when that broker is back and in sync', () => {
    const controller = sixBrokers()
    const topicId = controller.createTopic('t', [[1, 2]])
    controller.fence(5)
    expect(move(controller, [1, 5])).toBe('NONE')
    expect(inSync(controller, topicId, [1, 2, 5])).toBe('INELIGIBLE_REPLICA')
    controller.heartbeat(5)
    expect(inSync(controller, topicId, [1, 2, 5])).toBe('NONE')
    expect(replicas(controller)).toBe('1,5')
  })

  test('a topic that is deleted takes its reassignment along', () => {
    const controller = sixBrokers()
    controller.createTopic('t', [[1, 2, 3]])
    move(controller, [4, 5, 6])
    controller.request(DeleteTopics, { topics: [{ name: 't' }] })
    expect(controller.request(ListPartitionReassignments, { topics: null }).topics).toEqual([])
    expect(move(controller, null)).toBe(
      'UNKNOWN_TOPIC_OR_PARTITION Unable to find a topic named t.',
    )
  })
})

describe('refused', () => {
  test('what is no assignment', () => {
    const controller = sixBrokers()
    controller.createTopic('t', [[1, 2, 3]])
    const bad = 'INVALID_REPLICA_ASSIGNMENT The manual partition assignment includes'
    expect(move(controller, [])).toBe(`${bad} an empty replica list.`)
    expect(move(controller, [1, 1])).toBe(`${bad} the broker 1 more than once.`)
    expect(move(controller, [1, 9])).toBe(`${bad} broker 9, but no such broker is registered.`)
    expect(move(controller, [1], { partition: 4 })).toBe(
      'UNKNOWN_TOPIC_OR_PARTITION Unable to find partition t:4.',
    )
  })

  test('another replication factor where it must not change, also on the way to one', () => {
    const controller = sixBrokers()
    controller.createTopic('t', [[1, 2, 3]])
    const options = { allowReplicationFactorChange: false }
    expect(move(controller, [1, 2], options)).toBe(
      'INVALID_REPLICATION_FACTOR The replication factor is changed from 3 to 2',
    )
    expect(move(controller, [4, 5, 6], options)).toBe('NONE')
    expect(move(controller, [4, 5, 6, 1], options)).toBe(
      'INVALID_REPLICATION_FACTOR The replication factor is changed from 3 to 4',
    )
    expect(move(controller, [2, 3, 4], options)).toBe('NONE')
  })

  test('cancelling what is not under way', () => {
    const controller = sixBrokers()
    controller.createTopic('t', [[1, 2, 3]])
    expect(move(controller, null)).toBe(
      'NO_REASSIGNMENT_IN_PROGRESS No partition reassignment is in progress.',
    )
  })
})

describe('a reassignment is cancelled', () => {
  test('the added replicas go, the others stay as they were', () => {
    const controller = sixBrokers()
    const topicId = controller.createTopic('t', [[1, 2, 3]])
    move(controller, [4, 5, 6])
    inSync(controller, topicId, [1, 2, 3, 4])
    expect(move(controller, null)).toBe('NONE')
    expect(replicas(controller)).toBe('1,2,3')
    expect(controller.show('t')).toBe('leader 1 isr 1,2,3 epoch 1/3')
  })

  test('a leader that goes is replaced', () => {
    const controller = sixBrokers()
    const topicId = controller.createTopic('t', [[1, 2]])
    move(controller, [4, 5])
    inSync(controller, topicId, [1, 2, 4])
    controller.loseSession(1)
    expect(controller.show('t')).toBe('leader 4 isr 2,4 epoch 1/3')
    expect(move(controller, null)).toBe('NONE')
    expect(controller.show('t')).toBe('leader 2 isr 2 epoch 2/4')
    expect(replicas(controller)).toBe('1,2')
  })

  test('not when that would lose data, unless the topic allows it', () => {
    const controller = sixBrokers()
    const topicId = controller.createTopic('t', [[1]])
    move(controller, [4, 5])
    inSync(controller, topicId, [1, 4])
    controller.loseSession(1)
    expect(controller.show('t')).toBe('leader 4 isr 4 epoch 1/3')
    expect(move(controller, null)).toBe(
      'INVALID_REPLICA_ASSIGNMENT Unable to revert partition assignment for t:0 because it ' +
        'would require an unclean leader election.',
    )
    controller.heartbeat(1)
    controller.setTopicConfig('t', 'unclean.leader.election.enable', 'true')
    expect(move(controller, null)).toBe('NONE')
    expect(replicas(controller)).toBe('1')
    expect(controller.show('t')).toBe('leader 1 isr 1 epoch 2/4')
  })
})

test('those under way are listed, all of them or some', () => {
  const controller = sixBrokers()
  controller.createTopic('t', [
    [1, 2],
    [2, 3],
  ])
  controller.createTopic('still', [[1, 2]])
  move(controller, [1, 4], { partition: 1 })
  const listed = {
    name: 't',
    partitions: [
      {
        partitionIndex: 1,
        replicas: [1, 4, 2, 3],
        addingReplicas: [1, 4],
        removingReplicas: [2, 3],
      },
    ],
  }
  const list = (topics: { name: string; partitionIndexes: number[] }[] | null) =>
    controller.request(ListPartitionReassignments, { topics }).topics
  expect(list(null)).toEqual([listed])
  expect(list([{ name: 't', partitionIndexes: [0, 1, 7] }])).toEqual([listed])
  expect(
    list([
      { name: 't', partitionIndexes: [0] },
      { name: 'x', partitionIndexes: [0] },
    ]),
  ).toEqual([])
})
