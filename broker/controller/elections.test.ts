// Elections that somebody asks for, and those that run by themselves, told as transcripts.
import { describe, expect, test } from 'vitest'
import { ElectLeaders } from '../../protocol/schemas/43-elect-leaders.ts'
import { IncrementalAlterConfigs } from '../../protocol/schemas/44-incremental-alter-configs.ts'
import { AlterPartitionReassignments } from '../../protocol/schemas/45-alter-partition-reassignments.ts'
import { UpdateFeatures } from '../../protocol/schemas/57-update-features.ts'
import {
  elect,
  PureController,
  propose,
  threeBrokers,
} from '../../tests/support/controller-harness.ts'
import { createRecord } from '../metadata/records.ts'
import { balanceLeaders, electUncleanLeaders } from './elections.ts'

describe('elections', () => {
  function imbalanced() {
    const controller = threeBrokers()
    const topicId = controller.createTopic('t', [[1, 2, 3]])
    controller.loseSession(1)
    controller.heartbeat(1)
    return { controller, topicId }
  }

  test('a preferred leader takes over once it is in sync', () => {
    const { controller, topicId } = imbalanced()
    expect(elect(controller, 0, 't')).toBe(
      'PREFERRED_LEADER_NOT_AVAILABLE The preferred leader was not available.',
    )
    propose(controller, topicId, { from: 2, isr: [2, 3, 1], leaderEpoch: 1, partitionEpoch: 1 })
    expect(elect(controller, 0, 't')).toBe('NONE')
    expect(controller.show('t')).toBe('leader 1 isr 2,3,1 epoch 2/3')
    expect(elect(controller, 0, 't')).toBe(
      'ELECTION_NOT_NEEDED Leader election not needed for topic partition.',
    )
  })

  test('unknown topics and partitions are named', () => {
    const { controller } = imbalanced()
    expect(elect(controller, 0, 'x')).toBe('UNKNOWN_TOPIC_OR_PARTITION No such topic as x')
    expect(elect(controller, 0, 't', 7)).toBe('UNKNOWN_TOPIC_OR_PARTITION No such partition as t-7')
    expect(() => elect(controller, 2, 't')).toThrow('Unknown election type 2')
  })

  test('asked for all, those without need are left out', () => {
    const { controller, topicId } = imbalanced()
    controller.createTopic('fine', [[2, 3]])
    propose(controller, topicId, { from: 2, isr: [2, 3, 1], leaderEpoch: 1, partitionEpoch: 1 })
    const { replicaElectionResults } = controller.request(ElectLeaders, { topicPartitions: null })
    const told = replicaElectionResults?.map(({ topic, partitionResult }) => [
      topic,
      partitionResult?.length,
    ])
    expect(new Map(told as [string, number][])).toEqual(
      new Map([
        ['t', 1],
        ['fine', 0],
      ]),
    )
  })

  test('an unclean election is asked for where nobody leads', () => {
    const controller = threeBrokers()
    controller.createTopic('t', [[1, 2]])
    expect(elect(controller, 1, 't')).toContain('ELECTION_NOT_NEEDED')
    controller.loseSession(2)
    controller.loseSession(1)
    expect(elect(controller, 1, 't')).toBe(
      'ELIGIBLE_LEADERS_NOT_AVAILABLE Eligible topic partition leaders are not available.',
    )
    controller.heartbeat(2)
    expect(elect(controller, 1, 't')).toBe('NONE')
    expect(controller.show('t')).toBe('leader 2 isr 2 epoch 2/3 recovering')
  })

  test('the periodic rebalance moves every partition it can, up to its limit', () => {
    const controller = new PureController()
    controller.start(1, 2)
    const assignments = [1, 2, 3].map(() => [1, 2])
    controller.createTopic('t', assignments)
    controller.apply(
      assignments.map((_, partitionId) =>
        createRecord('partitionChange', {
          topicId: controller.image.topicsByName.get('t')!.id,
          partitionId,
          leader: 2,
        }),
      ),
    )
    const leaders = () => assignments.map((_, id) => controller.partition('t', id).leader)
    expect(leaders()).toEqual([2, 2, 2])
    expect(controller.run((state) => balanceLeaders(state, 2))).toBe(true)
    expect(leaders()).toEqual([1, 1, 2])
    expect(controller.run((state) => balanceLeaders(state, 2))).toBe(false)
    expect(leaders()).toEqual([1, 1, 1])
  })

  test('unclean elections run once they are allowed for the cluster', () => {
    const controller = threeBrokers()
    controller.createTopic('t', [[1, 2]])
    controller.loseSession(2)
    controller.heartbeat(2)
    controller.loseSession(1)
    controller.run((state) => electUncleanLeaders(state, 10))
    expect(controller.show('t')).toBe('no leader isr  elr 1 epoch 1/2')
    controller.request(IncrementalAlterConfigs, {
      resources: [
        {
          resourceType: 4,
          resourceName: '',
          configs: [{ name: 'unclean.leader.election.enable', configOperation: 0, value: 'true' }],
        },
      ],
    })
    controller.run((state) => electUncleanLeaders(state, 10))
    expect(controller.show('t')).toBe('leader 2 isr 2 epoch 2/3 recovering')
  })
})

describe('eligible.leader.replicas.version', () => {
  const setLevel = (controller: PureController, level: number) =>
    controller.request(UpdateFeatures, {
      featureUpdates: [
        {
          feature: 'eligible.leader.replicas.version',
          maxVersionLevel: level,
          upgradeType: level === 0 ? 2 : 1,
        },
      ],
    })

  test('disabled, an ISR keeps its last member and nobody else is eligible', () => {
    const controller = threeBrokers()
    setLevel(controller, 0)
    controller.createTopic('t', [[1, 2, 3]], { 'min.insync.replicas': '2' })
    controller.loseSession(2)
    controller.loseSession(3)
    expect(controller.show('t')).toBe('leader 1 isr 1 epoch 0/2')
    controller.loseSession(1)
    expect(controller.show('t')).toBe('no leader isr 1 epoch 1/3')
    controller.heartbeat(2)
    expect(controller.show('t')).toBe('no leader isr 1 epoch 1/3')
    controller.heartbeat(1)
    expect(controller.show('t')).toBe('leader 1 isr 1 epoch 2/4')
  })

  test('disabled while nobody leads, who was eligible still is; with a leader it ends', () => {
    const controller = threeBrokers()
    controller.createTopic('t', [[1, 2]], { 'min.insync.replicas': '2' })
    controller.loseSession(2)
    controller.loseSession(1)
    expect(controller.show('t')).toBe('no leader isr  elr 1,2 epoch 1/2')
    setLevel(controller, 0)
    controller.heartbeat(2)
    expect(controller.show('t')).toBe('leader 2 isr 2 epoch 2/3')
    setLevel(controller, 1)
    controller.loseSession(2)
    expect(controller.show('t')).toBe('no leader isr  elr 2 epoch 3/4')
  })

  test('a replica that leaves with a reassignment is not eligible: it misses what is committed from then on', () => {
    const controller = threeBrokers()
    const topicId = controller.createTopic('t', [[1, 2, 3]], { 'min.insync.replicas': '2' })
    reassign(controller, 't', [3])
    expect(controller.show('t')).toBe('leader 3 isr 3 epoch 1/1')
    reassign(controller, 't', [3, 1])
    controller.loseSession(3)
    expect(controller.show('t')).toBe('no leader isr  elr 3 epoch 2/3')
    controller.heartbeat(3)
    propose(controller, topicId, { from: 3, isr: [3, 1], leaderEpoch: 3, partitionEpoch: 4 })
    expect(controller.partition('t')).toMatchObject({ replicas: [3, 1], isr: [3, 1], elr: [] })
  })
})

function reassign(controller: PureController, name: string, replicas: number[]): void {
  controller.request(AlterPartitionReassignments, {
    topics: [{ name, partitions: [{ partitionIndex: 0, replicas }] }],
  })
}
