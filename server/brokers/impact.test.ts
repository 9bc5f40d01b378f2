import { expect, test } from 'vitest'
import { type ImpactPartition, impactOn, losesQuorum } from './impact.ts'

function partition(given: Partial<ImpactPartition>): ImpactPartition {
  return {
    topic: 't',
    partition: 0,
    leader: 1,
    replicas: [1, 2, 3],
    isr: [1, 2, 3],
    minInsyncReplicas: 2,
    ...given,
  }
}
const online = new Set([1, 2, 3])

function effect(given: Partial<ImpactPartition>, action: 'stop' | 'start', broker: number) {
  const [impact] = impactOn([partition(given)], { action, broker, online })
  return impact && [impact.effect, impact.leaderAfter, impact.isrAfter]
}

test('moves leadership to the next in-sync replica in the order of the assignment', () => {
  expect(effect({}, 'stop', 1)).toEqual(['leader-moves', 2, [2, 3]])
  expect(effect({ isr: [1, 3], minInsyncReplicas: 1 }, 'stop', 1)).toEqual(['leader-moves', 3, [3]])
})

test('shrinks the ISR where the broker only follows, and spares what it does not hold', () => {
  expect(effect({}, 'stop', 3)).toEqual(['isr-shrinks', 1, [1, 2]])
  expect(effect({ isr: [1, 2] }, 'stop', 3)).toEqual(['none', 1, [1, 2]])
  expect(effect({ replicas: [1, 2], isr: [1, 2] }, 'stop', 3)).toBeUndefined()
})

test('says where writes with acks=all are refused, and what goes offline', () => {
  expect(effect({ isr: [1, 2] }, 'stop', 2)).toEqual(['refuses-writes', 1, [1]])
  expect(effect({ isr: [1] }, 'stop', 1)).toEqual(['offline', null, [1]])
  expect(effect({ replicas: [1], isr: [1], minInsyncReplicas: 1 }, 'stop', 1)).toEqual([
    'offline',
    null,
    [1],
  ])
})

test('brings back what waited for the broker', () => {
  expect(effect({ leader: null, isr: [1] }, 'start', 1)).toEqual(['recovers', 1, [1]])
  expect(effect({ leader: 2, isr: [2, 3] }, 'start', 1)).toEqual(['recovers', 2, [2, 3, 1]])
  expect(effect({}, 'start', 1)).toEqual(['none', 1, [1, 2, 3]])
})

test('counts the voters that are left', () => {
  const voters = [1, 2, 3]
  expect(losesQuorum(voters, { action: 'stop', broker: 1, online })).toBe(false)
  expect(losesQuorum(voters, { action: 'kill', broker: 1, online: new Set([1, 2]) })).toBe(true)
  expect(losesQuorum([1], { action: 'stop', broker: 1, online: new Set([1]) })).toBe(true)
  expect(losesQuorum(voters, { action: 'start', broker: 1, online: new Set([2]) })).toBe(false)
})
