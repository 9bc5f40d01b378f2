import { expect, test } from 'vitest'
import { type PlacedPartition, planDrain } from './drain-plan.ts'

const brokers = (...racks: (string | null)[]) =>
  racks.map((rack, index) => ({ id: index + 1, rack }))

function topic(...lists: number[][]): PlacedPartition[] {
  return lists.map((replicas, partition) => ({ topic: 't', partition, replicas }))
}

test('only what the broker holds moves, each to a broker without that partition, in the same place', () => {
  const { moves, stuck } = planDrain(
    topic([1, 2], [4, 1], [3, 4], [2, 3]),
    brokers(null, null, null, null),
    4,
  )
  expect(stuck).toEqual([])
  expect(moves).toEqual([
    { topic: 't', partition: 1, replicas: [2, 1] },
    { topic: 't', partition: 2, replicas: [3, 1] },
  ])
})

test('replicas and preferred leaders spread evenly over those who stay', () => {
  const partitions = topic(...Array.from({ length: 30 }, () => [4]))
  const { moves } = planDrain(partitions, brokers(null, null, null, null), 4)
  const counts = new Map<number, number>()
  for (const { replicas } of moves) {
    const [id] = replicas as [number]
    counts.set(id, (counts.get(id) ?? 0) + 1)
  }
  expect([...counts.values()]).toEqual([10, 10, 10])
})

test('a rack without a replica goes before a broker with fewer', () => {
  const partitions = topic([1, 5], [3], [3], [4])
  const { moves } = planDrain(partitions, brokers('a', 'a', 'b', 'b', 'b'), 5)
  expect(moves[0]?.replicas).toEqual([1, 4])
  const staying = planDrain(topic([3, 1]), brokers('a', 'a', 'b'), 1)
  expect(staying.moves[0]?.replicas).toEqual([3, 2])
})

test('what has a replica everywhere is told', () => {
  const { moves, stuck } = planDrain(topic([1, 2, 3], [1, 2]), brokers(null, null, null), 3)
  expect(moves).toEqual([])
  expect(stuck.map(({ partition }) => partition)).toEqual([0])
})
