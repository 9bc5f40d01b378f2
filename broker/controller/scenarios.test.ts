// What becomes of partitions when brokers die, come back, shut down and fall behind, told as transcripts:
// 'leader 1 isr 1,2,3 epoch 0/0' has the leader epoch and the partition epoch.
import { describe, expect, test } from 'vitest'
import { IncrementalAlterConfigs } from '../../protocol/schemas/44-incremental-alter-configs.ts'
import { AlterPartition } from '../../protocol/schemas/56-alter-partition.ts'
import { BrokerRegistration } from '../../protocol/schemas/62-broker-registration.ts'
import { BrokerHeartbeat } from '../../protocol/schemas/63-broker-heartbeat.ts'
import { UnregisterBroker } from '../../protocol/schemas/64-unregister-broker.ts'
import { AllocateProducerIds } from '../../protocol/schemas/67-allocate-producer-ids.ts'
import { AssignReplicasToDirs } from '../../protocol/schemas/73-assign-replicas-to-dirs.ts'
import {
  CLUSTER_ID,
  directoryOf,
  PureController,
  propose,
  threeBrokers,
} from '../../tests/support/controller-harness.ts'
import { createRecord } from '../metadata/records.ts'

describe('a broker dies', () => {
  test('its leaderships move within the ISR, and it leaves every ISR', () => {
    const controller = threeBrokers()
    controller.createTopic('led', [[1, 2, 3]])
    controller.createTopic('followed', [[2, 1, 3]])
    controller.createTopic('elsewhere', [[2, 3]])
    controller.loseSession(1)
    expect(controller.show('led')).toBe('leader 2 isr 2,3 epoch 1/1')
    expect(controller.show('followed')).toBe('leader 2 isr 2,3 epoch 0/1')
    expect(controller.show('elsewhere')).toBe('leader 2 isr 2,3 epoch 0/0')
    expect(controller.image.brokers.get(1)?.isFenced).toBe(true)
    expect(controller.lastRecords.at(-1)?.type).toBe('brokerRegistrationChange')
  })

  test('the last member of an ISR stays eligible, and leads when it is back', () => {
    const controller = threeBrokers()
    controller.createTopic('t', [[1, 2]])
    controller.loseSession(2)
    expect(controller.show('t')).toBe('leader 1 isr 1 epoch 0/1')
    controller.loseSession(1)
    expect(controller.show('t')).toBe('no leader isr  elr 1 epoch 1/2')
    expect(controller.partition('t').lastKnownElr).toEqual([1])
    controller.heartbeat(2)
    expect(controller.show('t')).toBe('no leader isr  elr 1 epoch 1/2')
    controller.heartbeat(1)
    expect(controller.show('t')).toBe('leader 1 isr 1 epoch 2/3')
    expect(controller.partition('t').lastKnownElr).toEqual([])
  })

  test('below min ISR whoever leaves the ISR stays eligible until it is whole enough again', () => {
    const controller = threeBrokers()
    const topicId = controller.createTopic('t', [[1, 2, 3]], { 'min.insync.replicas': '2' })
    controller.loseSession(1)
    expect(controller.show('t')).toBe('leader 2 isr 2,3 epoch 1/1')
    controller.loseSession(2)
    expect(controller.show('t')).toBe('leader 3 isr 3 elr 2 epoch 2/2')
    controller.loseSession(3)
    expect(controller.show('t')).toBe('no leader isr  elr 2,3 epoch 3/3')
    controller.heartbeat(1)
    controller.heartbeat(2)
    expect(controller.show('t')).toBe('leader 2 isr 2 elr 3 epoch 4/4')
    const base = { from: 2, leaderEpoch: 4, partitionEpoch: 4 }
    expect(propose(controller, topicId, { ...base, isr: [2, 1] })).toBe('NONE')
    expect(controller.show('t')).toBe('leader 2 isr 2,1 epoch 4/5')
  })

  test('an ELR ends with the min ISR that it was found under, unless nobody leads', () => {
    const controller = threeBrokers()
    controller.createTopic('led', [[1, 2]], { 'min.insync.replicas': '2' })
    controller.createTopic('dead', [[3]], { 'min.insync.replicas': '2' })
    controller.loseSession(2)
    controller.loseSession(3)
    expect(controller.show('led')).toBe('leader 1 isr 1 elr 2 epoch 0/1')
    const configs = [{ name: 'min.insync.replicas', configOperation: 0, value: '1' }]
    controller.request(IncrementalAlterConfigs, {
      resources: ['led', 'dead'].map((resourceName) => ({
        resourceType: 2,
        resourceName,
        configs,
      })),
    })
    expect(controller.show('led')).toBe('leader 1 isr 1 epoch 0/2')
    expect(controller.show('dead')).toBe('no leader isr  elr 3 epoch 1/1')
  })

  test('where unclean elections are allowed, any live replica takes over and must recover', () => {
    const controller = threeBrokers()
    controller.createTopic('t', [[1, 2]], { 'unclean.leader.election.enable': 'true' })
    controller.loseSession(2)
    controller.heartbeat(2)
    controller.loseSession(1)
    expect(controller.show('t')).toBe('leader 2 isr 2 epoch 1/2 recovering')
  })

  test('one session ends at a time, the longest silent first', () => {
    const controller = threeBrokers()
    controller.createTopic('t', [[1, 2, 3]])
    controller.nowMs += 100
    controller.heartbeat(2)
    controller.loseSession(1, 2)
    expect(controller.show('t')).toBe('leader 3 isr 3 epoch 2/2')
  })
})

describe('a broker comes back', () => {
  const belowMinIsr = () => {
    const controller = threeBrokers()
    controller.createTopic('t', [[1, 2, 3]], { 'min.insync.replicas': '2' })
    controller.loseSession(1)
    controller.loseSession(3)
    expect(controller.show('t')).toBe('leader 2 isr 2 elr 3 epoch 1/2')
    return controller
  }
  const epochOf = (controller: PureController, id: number) =>
    controller.image.brokers.get(id)!.epoch

  test('without what it had: nobody leads until somebody who is eligible is back', () => {
    const controller = belowMinIsr()
    controller.loseSession(2)
    controller.register(2)
    expect(controller.show('t')).toBe('no leader isr  elr 3 epoch 2/4')
    controller.heartbeat(2)
    controller.heartbeat(1)
    expect(controller.show('t')).toBe('no leader isr  elr 3 epoch 2/4')
    controller.register(3, { previousBrokerEpoch: epochOf(controller, 3) })
    controller.heartbeat(3)
    expect(controller.show('t')).toBe('leader 3 isr 3 epoch 3/5')
  })

  test('when all came back without what they had, the last leader goes on and must recover', () => {
    const controller = belowMinIsr()
    controller.loseSession(2)
    controller.register(3)
    controller.register(2)
    expect(controller.show('t')).toBe('no leader isr  epoch 2/5')
    controller.heartbeat(3)
    expect(controller.show('t')).toBe('no leader isr  epoch 2/5')
    controller.heartbeat(2)
    expect(controller.show('t')).toBe('leader 2 isr 2 epoch 3/6 recovering')
  })

  test('a new incarnation first leaves every ISR and leadership, then is fenced until caught up', () => {
    const controller = threeBrokers()
    controller.createTopic('t', [[1, 2, 3]])
    controller.fence(1)
    controller.heartbeat(1)
    controller.request(AlterPartition, {
      brokerId: 2,
      brokerEpoch: controller.image.brokers.get(2)?.epoch ?? -1,
      topics: [
        {
          topicId: controller.image.topicsByName.get('t')!.id,
          partitions: [
            {
              partitionIndex: 0,
              leaderEpoch: 1,
              partitionEpoch: 1,
              newIsrWithEpochs: [2, 3, 1].map((brokerId) => ({ brokerId })),
            },
          ],
        },
      ],
    })
    expect(controller.show('t')).toBe('leader 2 isr 2,3,1 epoch 1/2')
    controller.nowMs += 9001
    controller.heartbeat(2)
    controller.heartbeat(3)
    const epoch = controller.register(1)
    expect(controller.show('t')).toBe('leader 2 isr 2,3 epoch 1/3')
    expect(controller.lastRecords.map(({ type }) => type)).toEqual([
      'partitionChange',
      'registerBroker',
    ])
    expect(controller.image.brokers.get(1)).toMatchObject({ isFenced: true, epoch })
    const behind = controller.heartbeat(1, { at: controller.image.offset - 1 })
    expect(behind).toMatchObject({ isCaughtUp: false, isFenced: true })
    expect(controller.heartbeat(1)).toMatchObject({ isCaughtUp: true, isFenced: false })
  })

  test('while the old session is valid another incarnation is a duplicate; fenced, it may come', () => {
    const controller = threeBrokers()
    expect(() => controller.register(1)).toThrow('Another broker is registered with that broker id')
    controller.fence(1)
    expect(controller.register(1)).toBeGreaterThan(0)
  })

  test('to a new controller that has not heard the old incarnation: in its place it may come soon', () => {
    const duplicate = 'Another broker is registered with that broker id'
    const controller = threeBrokers()
    controller.failOver()
    expect(() => controller.register(2)).toThrow(duplicate)
    controller.nowMs += 500
    expect(() => controller.register(2, { host: 'elsewhere' })).toThrow(duplicate)
    expect(() => controller.register(2, { logDirs: [directoryOf(50)] })).toThrow(duplicate)
    expect(controller.register(2)).toBeGreaterThan(0)
    controller.heartbeat(3)
    expect(() => controller.register(3)).toThrow(duplicate)
  })

  test('to a new controller at once: after a clean shutdown, or in the same process', () => {
    const controller = threeBrokers()
    const previousBrokerEpoch = controller.image.brokers.get(2)!.epoch
    controller.failOver()
    expect(controller.register(2, { previousBrokerEpoch })).toBeGreaterThan(0)
    expect(controller.register(1)).toBeGreaterThan(0)
    expect(() => controller.register(3, { previousBrokerEpoch })).toThrow('Another broker')
  })

  test('the same incarnation keeps epoch and standing', () => {
    const controller = threeBrokers()
    const before = controller.image.brokers.get(1)!
    expect(controller.register(1, { incarnationId: before.incarnationId })).toBe(before.epoch)
    expect(controller.image.brokers.get(1)).toMatchObject({ epoch: before.epoch, isFenced: false })
  })

  test('a heartbeat of the old epoch is stale', () => {
    const controller = threeBrokers()
    const old = controller.image.brokers.get(1)!.epoch
    controller.fence(1)
    controller.register(1)
    const heartbeat = { brokerId: 1, brokerEpoch: old, currentMetadataOffset: 0 }
    expect(controller.errorOf(BrokerHeartbeat, heartbeat)).toBe('STALE_BROKER_EPOCH')
    expect(controller.errorOf(BrokerHeartbeat, { ...heartbeat, brokerId: 9 })).toBe(
      'STALE_BROKER_EPOCH',
    )
  })

  test('of another cluster, without directories, with a directory of another broker: refused', () => {
    const controller = threeBrokers()
    const features = [
      { name: 'metadata.version', minSupportedVersion: 7, maxSupportedVersion: 30 },
      { name: 'eligible.leader.replicas.version', minSupportedVersion: 0, maxSupportedVersion: 1 },
      { name: 'transaction.version', minSupportedVersion: 0, maxSupportedVersion: 2 },
    ]
    const request = {
      brokerId: 4,
      clusterId: CLUSTER_ID,
      incarnationId: directoryOf(99),
      logDirs: [directoryOf(4)],
      features,
    }
    const error = (change: object) =>
      controller.errorOf(BrokerRegistration, { ...request, ...change })
    expect(error({ clusterId: 'other' })).toBe('INCONSISTENT_CLUSTER_ID')
    expect(error({ logDirs: [] })).toBe('INVALID_REGISTRATION')
    expect(error({ logDirs: ['AAAAAAAAAAAAAAAAAAAAAQ'] })).toBe('INVALID_REGISTRATION')
    expect(error({ logDirs: [directoryOf(1)] })).toBe('INVALID_REGISTRATION')
    expect(error({ features: [] })).toBe('UNSUPPORTED_VERSION')
    expect(error({})).toBe('NONE')
  })
})

describe('a broker shuts down', () => {
  test('its leaderships move, and it may go once the others know', () => {
    const controller = threeBrokers()
    controller.createTopic('t', [[1, 2, 3]])
    const seen = controller.image.offset
    for (const id of [1, 2, 3]) controller.heartbeat(id)
    expect(controller.heartbeat(1, { wantShutDown: true })).toMatchObject({
      shouldShutDown: false,
      isFenced: false,
    })
    expect(controller.show('t')).toBe('leader 2 isr 2,3 epoch 1/1')
    expect(controller.image.brokers.get(1)?.inControlledShutdown).toBe(true)
    controller.heartbeat(2)
    controller.heartbeat(3, { at: seen })
    expect(controller.heartbeat(1, { wantShutDown: true })).toMatchObject({ shouldShutDown: false })
    controller.heartbeat(3)
    expect(controller.heartbeat(1, { wantShutDown: true })).toMatchObject({
      shouldShutDown: true,
      isFenced: true,
    })
    expect(controller.image.brokers.get(1)?.isFenced).toBe(true)
  })

  test('that leads nothing may go at once', () => {
    const controller = threeBrokers()
    expect(controller.heartbeat(3, { wantShutDown: true })).toMatchObject({ shouldShutDown: true })
  })

  test('all at once: the last one stays eligible and may go', () => {
    const controller = threeBrokers()
    controller.createTopic('t', [[1, 2, 3]])
    for (const id of [1, 2, 3]) controller.heartbeat(id, { wantShutDown: true })
    const answers = [1, 2, 3].map((id) => controller.heartbeat(id, { wantShutDown: true }))
    expect(answers.map(({ shouldShutDown }) => shouldShutDown)).toEqual([true, true, true])
    expect(controller.show('t')).toBe('no leader isr  elr 3 epoch 3/3')
  })

  test('is not chosen for new partitions nor let into an ISR', () => {
    const controller = threeBrokers()
    const topicId = controller.createTopic('t', [[1, 2, 3]])
    controller.createTopic('u', [[3, 1]])
    controller.heartbeat(3, { wantShutDown: true })
    expect(propose(controller, topicId, { from: 1, isr: [1, 2, 3], partitionEpoch: 1 })).toBe(
      'INELIGIBLE_REPLICA',
    )
  })
})

describe('a leader changes the ISR', () => {
  function withTopic() {
    const controller = threeBrokers()
    const topicId = controller.createTopic('t', [[1, 2, 3]])
    return { controller, topicId }
  }

  test('shrink and expand leave the leader epoch alone', () => {
    const { controller, topicId } = withTopic()
    expect(propose(controller, topicId, { from: 1, isr: [1, 3] })).toBe('NONE')
    expect(controller.show('t')).toBe('leader 1 isr 1,3 epoch 0/1')
    expect(propose(controller, topicId, { from: 1, isr: [1, 3, 2], partitionEpoch: 1 })).toBe(
      'NONE',
    )
    expect(controller.show('t')).toBe('leader 1 isr 1,3,2 epoch 0/2')
  })

  test('version 2 names members without epochs', () => {
    const { controller, topicId } = withTopic()
    expect(propose(controller, topicId, { from: 1, isr: [1] }, { version: 2 })).toBe('NONE')
    expect(controller.show('t')).toBe('leader 1 isr 1 epoch 0/1')
  })

  test('with an old leader epoch, an old partition epoch, or a later one than the controller has', () => {
    const { controller, topicId } = withTopic()
    controller.loseSession(1)
    controller.heartbeat(1)
    expect(controller.show('t')).toBe('leader 2 isr 2,3 epoch 1/1')
    const from2 = { from: 2, isr: [2, 3, 1] }
    expect(propose(controller, topicId, { from: 1, isr: [1, 2, 3] })).toBe('FENCED_LEADER_EPOCH')
    expect(propose(controller, topicId, { ...from2, leaderEpoch: 1, partitionEpoch: 0 })).toBe(
      'INVALID_UPDATE_VERSION',
    )
    expect(propose(controller, topicId, { ...from2, leaderEpoch: 2, partitionEpoch: 1 })).toBe(
      'NOT_CONTROLLER',
    )
    expect(propose(controller, topicId, { ...from2, leaderEpoch: 1, partitionEpoch: 2 })).toBe(
      'NOT_CONTROLLER',
    )
    const from3 = { from: 3, isr: [3], leaderEpoch: 1, partitionEpoch: 1 }
    expect(propose(controller, topicId, from3)).toBe('INVALID_REQUEST')
    expect(propose(controller, topicId, { ...from2, leaderEpoch: 1, partitionEpoch: 1 })).toBe(
      'NONE',
    )
  })

  test('to members that are fenced, restarted, strangers, or without itself', () => {
    const { controller, topicId } = withTopic()
    const stale = { 3: controller.image.brokers.get(3)!.epoch }
    controller.fence(3)
    const base = { from: 1, leaderEpoch: 0, partitionEpoch: 1 }
    const try_ = (isr: number[], extra = {}) =>
      propose(controller, topicId, { ...base, isr, ...extra })
    expect(try_([1, 2, 3])).toBe('INELIGIBLE_REPLICA')
    controller.register(3)
    controller.heartbeat(3)
    expect(try_([1, 2, 3], { epochs: stale })).toBe('INELIGIBLE_REPLICA')
    expect(try_([2, 3])).toBe('INVALID_REQUEST')
    expect(try_([1, 4])).toBe('INVALID_REQUEST')
    expect(try_([1, 2, 2])).toBe('INVALID_REQUEST')
    expect(try_([1], { recoveryState: 1 })).toBe('INVALID_REQUEST')
    expect(propose(controller, 'AAAAAAAAAAAAAAAAAAAAZA', { ...base, isr: [1] })).toBe(
      'UNKNOWN_TOPIC_ID',
    )
    expect(try_([1, 2, 3])).toBe('NONE')
  })

  test('a request with an old broker epoch fails as a whole', () => {
    const { controller } = withTopic()
    const request = { brokerId: 1, brokerEpoch: 0, topics: [] }
    expect(controller.errorOf(AlterPartition, request)).toBe('STALE_BROKER_EPOCH')
  })

  test('that completes a reassignment away from it: the change stands, and it hears of the new leader', () => {
    const { controller, topicId } = withTopic()
    controller.start(4)
    controller.apply([
      createRecord('partitionChange', {
        topicId,
        partitionId: 0,
        replicas: [1, 2, 3, 4],
        addingReplicas: [4],
        removingReplicas: [1],
      }),
    ])
    const proposal = { from: 1, isr: [1, 2, 3, 4], partitionEpoch: 1 }
    expect(propose(controller, topicId, proposal)).toBe('NEW_LEADER_ELECTED')
    expect(controller.show('t')).toBe('leader 2 isr 2,3,4 epoch 1/2')
    expect(controller.partition('t')).toMatchObject({
      replicas: [2, 3, 4],
      addingReplicas: [],
      removingReplicas: [],
    })
  })

  test('after an unclean election the leader says when it has recovered', () => {
    const controller = threeBrokers()
    const topicId = controller.createTopic('t', [[1, 2]], {
      'unclean.leader.election.enable': 'true',
    })
    controller.loseSession(2)
    controller.heartbeat(2)
    controller.loseSession(1)
    const base = { from: 2, leaderEpoch: 1, partitionEpoch: 2 }
    controller.heartbeat(1)
    expect(propose(controller, topicId, { ...base, isr: [2, 1], recoveryState: 1 })).toBe(
      'INVALID_REQUEST',
    )
    expect(propose(controller, topicId, { ...base, isr: [2], recoveryState: 0 })).toBe('NONE')
    expect(controller.show('t')).toBe('leader 2 isr 2 epoch 1/3')
  })
})

describe('directories', () => {
  const other = directoryOf(77)

  test('a replica may not lead from a directory that its broker has lost', () => {
    const controller = new PureController()
    controller.register(1, { logDirs: [directoryOf(1), other] })
    controller.heartbeat(1)
    controller.start(2)
    const topicId = controller.createTopic('t', [[1, 2]])
    const { directories } = controller.request(AssignReplicasToDirs, {
      brokerId: 1,
      brokerEpoch: controller.image.brokers.get(1)!.epoch,
      directories: [{ id: other, topics: [{ topicId, partitions: [{ partitionIndex: 0 }] }] }],
    })
    expect(directories?.[0]?.topics?.[0]?.partitions?.[0]?.errorCode).toBe(0)
    expect(controller.partition('t').directories).toEqual([other, directoryOf(2)])
    controller.heartbeat(1, { offline: [other] })
    expect(controller.show('t')).toBe('leader 2 isr 2 epoch 1/2')
    expect(controller.image.brokers.get(1)?.logDirs).toEqual([directoryOf(1)])
  })
})

test('an unregistered broker is gone, and so are its places in ISRs', () => {
  const controller = threeBrokers()
  controller.createTopic('t', [[1, 2, 3]])
  controller.request(UnregisterBroker, { brokerId: 1 })
  expect(controller.image.brokers.has(1)).toBe(false)
  expect(controller.show('t')).toBe('leader 2 isr 2,3 epoch 1/1')
  expect(controller.errorOf(UnregisterBroker, { brokerId: 1 })).toBe('BROKER_ID_NOT_REGISTERED')
})

test('producer ids come in blocks of a thousand, each given once', () => {
  const controller = threeBrokers()
  const ask = (brokerId: number) => {
    const { epoch: brokerEpoch } = controller.image.brokers.get(brokerId)!
    return controller.request(AllocateProducerIds, { brokerId, brokerEpoch })
  }
  expect(ask(1)).toMatchObject({ producerIdStart: 0, producerIdLen: 1000 })
  expect(ask(2)).toMatchObject({ producerIdStart: 1000, producerIdLen: 1000 })
  const stale = { brokerId: 1, brokerEpoch: 0 }
  expect(controller.errorOf(AllocateProducerIds, stale)).toBe('STALE_BROKER_EPOCH')
})
