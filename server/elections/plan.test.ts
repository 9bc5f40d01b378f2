import { expect, test } from 'vitest'
import type { PartitionState, TopicState } from '../kafka/types.ts'
import { countLeaders, planElection } from './plan.ts'

function partition(id: number, leader: number | null, replicas: number[], isr = replicas) {
  const state: PartitionState = {
    partition: id,
    leader,
    leaderEpoch: 0,
    replicas,
    isr,
    offline: [],
  }
  return state
}

const topics: TopicState[] = [
  {
    name: 'a',
    topicId: null,
    isInternal: false,
    partitions: [
      partition(0, 1, [1, 2, 3]),
      partition(1, 3, [2, 3, 1]),
      partition(2, 1, [3, 1, 2], [1, 2]),
    ],
  },
  { name: 'b', topicId: null, isInternal: false, partitions: [partition(0, 2, [4, 2])] },
]
const online = new Set([1, 2, 3])
const everything = { partitions: null, topic: null, broker: null }

const shown = (items: ReturnType<typeof planElection>): unknown[] =>
  items.map(({ topic, partition: id, outcome, leaderBefore, leaderAfter }) => [
    `${topic}-${id}`,
    outcome,
    leaderBefore,
    leaderAfter,
  ])

test('a preview says what moves, and why something cannot', () => {
  const plan = planElection(topics, online, everything)
  expect(shown(plan)).toEqual([
    ['a-1', 'will-move', 3, 2],
    ['a-2', 'not-possible', 1, 1],
    ['b-0', 'not-possible', 2, 2],
  ])
  expect(plan[1]?.error?.message).toBe('broker 3 is not in sync')
  expect(plan[2]?.error?.message).toBe('broker 4 is offline')
})

test('partitions that need nothing are listed only when they were named', () => {
  const named = [{ topic: 'a', partition: 0 }]
  expect(shown(planElection(topics, online, { ...everything, partitions: named }))).toEqual([
    ['a-0', 'not-needed', 1, 1],
  ])
  expect(planElection(topics, online, { ...everything, topic: 'b' })).toHaveLength(1)
  expect(shown(planElection(topics, online, { ...everything, broker: 2 }))).toEqual([
    ['a-1', 'will-move', 3, 2],
  ])
})

test('leaders per broker before, and after the moves', () => {
  expect(countLeaders(topics, [1, 2, 3, 4])).toEqual([
    { broker: 1, leaders: 2 },
    { broker: 2, leaders: 1 },
    { broker: 3, leaders: 1 },
    { broker: 4, leaders: 0 },
  ])
  const plan = planElection(topics, online, everything)
  expect(countLeaders(topics, [1, 2, 3], plan).map((count) => count.leaders)).toEqual([2, 2, 0])
})
