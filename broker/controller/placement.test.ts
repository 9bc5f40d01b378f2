// Where replicas of new partitions land: on different brokers and racks, evenly, led by a live broker.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../../tests/support/memory-runtime.ts'
import { placeReplicas, type UsableBroker } from './placement.ts'

const clusters: fc.Arbitrary<UsableBroker[]> = fc
  .array(
    fc.record({
      rack: fc.option(fc.constantFrom('a', 'b', 'c')),
      isFenced: fc.boolean(),
    }),
    { minLength: 1, maxLength: 9 },
  )
  .map((brokers) => brokers.map((broker, id) => ({ id, ...broker })))
  .filter((brokers) => brokers.some(({ isFenced }) => !isFenced))

const scenarios = fc
  .tuple(clusters, fc.integer({ min: 1, max: 20 }), fc.nat())
  .chain(([brokers, partitionCount, seed]) =>
    fc.integer({ min: 1, max: brokers.length }).map((replicationFactor) => ({
      brokers,
      spec: { partitionCount, replicationFactor },
      seed,
    })),
  )

function place({
  brokers,
  spec,
  seed,
}: {
  brokers: UsableBroker[]
  spec: { partitionCount: number; replicationFactor: number }
  seed: number
}) {
  return placeReplicas(brokers, spec, new SeededRandom(String(seed)))
}

test('replicas of a partition are distinct, as many as asked, and an unfenced one leads', () => {
  fc.assert(
    fc.property(scenarios, (scenario) => {
      const fenced = new Set(
        scenario.brokers.filter(({ isFenced }) => isFenced).map(({ id }) => id),
      )
      const placed = place(scenario)
      expect(placed).toHaveLength(scenario.spec.partitionCount)
      for (const replicas of placed) {
        expect(new Set(replicas).size).toBe(scenario.spec.replicationFactor)
        expect(fenced.has(replicas[0]!)).toBe(false)
      }
    }),
  )
})

test('racks of equal size get replicas as evenly as they can', () => {
  const cluster = fc
    .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3 }))
    .map(([rackCount, size]) =>
      Array.from({ length: rackCount * size }, (_, id) => ({
        id,
        rack: `rack${id % rackCount}`,
        isFenced: false,
      })),
    )
  fc.assert(
    fc.property(cluster, fc.nat(), (brokers, seed) => {
      const racks = new Set(brokers.map(({ rack }) => rack)).size
      for (let replicationFactor = 1; replicationFactor <= brokers.length; replicationFactor++) {
        const spec = { partitionCount: 12, replicationFactor }
        for (const replicas of place({ brokers, spec, seed })) {
          const counts = new Map<string, number>()
          for (const id of replicas) {
            const rack = brokers[id]!.rack
            counts.set(rack, (counts.get(rack) ?? 0) + 1)
          }
          expect(counts.size).toBe(Math.min(racks, replicationFactor))
          const most = Math.max(...counts.values())
          expect(most).toBeLessThanOrEqual(Math.ceil(replicationFactor / racks) + 1)
        }
      }
    }),
    { numRuns: 30 },
  )
})

test('leaders spread evenly over brokers without racks', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.nat(), (count, seed) => {
      const brokers = Array.from({ length: count }, (_, id) => ({
        id,
        rack: null,
        isFenced: false,
      }))
      const spec = { partitionCount: count * 3, replicationFactor: 1 }
      const leaders = place({ brokers, spec, seed }).map(([leader]) => leader)
      for (const { id } of brokers) {
        expect(leaders.filter((leader) => leader === id)).toHaveLength(3)
      }
    }),
  )
})

test('fenced brokers are taken only when the others do not suffice', () => {
  const brokers = [1, 2, 3, 4].map((id) => ({ id, rack: null, isFenced: id > 2 }))
  for (let seed = 0; seed < 20; seed++) {
    const [replicas] = place({ brokers, spec: { partitionCount: 1, replicationFactor: 3 }, seed })
    expect(replicas).toEqual(expect.arrayContaining([1, 2]))
  }
})

describe('refusals', () => {
  const refusal = (brokers: UsableBroker[], replicationFactor: number) => () =>
    place({ brokers, spec: { partitionCount: 1, replicationFactor }, seed: 1 })
  const live = { id: 1, rack: null, isFenced: false }

  test('too few brokers', () => {
    expect(refusal([live], 2)).toThrow(
      'The target replication factor of 2 cannot be reached because only 1 broker(s) are ' +
        'registered or some brokers have all their log directories cordoned.',
    )
  })

  test('nobody alive', () => {
    expect(refusal([{ ...live, isFenced: true }], 1)).toThrow('All brokers are currently fenced.')
    expect(refusal([], 1)).toThrow('All brokers are currently fenced.')
  })
})
