// Random schedules over 3 and 5 cores: loss, delay, reordering, partitions, crashes that lose what
// was not synced, snapshots, false rumours about the leader, voters that come and go. The cluster itself checks each commit
// and each leader.
import { describe, expect, test } from 'vitest'
import { RaftCluster } from '../../tests/support/raft-cluster.ts'

const SEEDS_PER_SIZE = 300
const MEMBERSHIP_SEEDS = 300

function disturb(cluster: RaftCluster, changesVoters = false): void {
  if (changesVoters && cluster.random() < 0.2) {
    cluster.changeVoters(1 + cluster.int(cluster.nodes.length))
    return
  }
  const ids = cluster.nodes.map((node) => node.id)
  const id = ids[cluster.int(ids.length)]!
  const choice = cluster.random()
  if (choice < 0.08) cluster.crash(id, cluster.random() < 0.5)
  else if (choice < 0.12) {
    cluster.crash(id)
    cluster.runFor(cluster.int(20))
    cluster.start(id)
  } else if (choice < 0.3) cluster.start(id)
  else if (choice < 0.36) cluster.partition([id])
  else if (choice < 0.46) cluster.heal()
  else if (choice < 0.52) cluster.suspect(id)
  else if (choice < 0.56) cluster.snapshot(id, cluster.random() < 0.5)
  else if (choice < 0.58 && cluster.node(id).core?.role.name === 'leader') cluster.resign(id)
  else cluster.propose(1 + cluster.int(3))
}

function play(seed: number, voters: number, spares = seed % 2): RaftCluster {
  const cluster = new RaftCluster({
    seed,
    voters,
    observers: spares,
    lossRate: (seed % 5) * 0.04,
    maxDelayMs: 1 + (seed % 7) * 10,
    maxFsyncMs: 1 + (seed % 4) * 10,
  })
  cluster.startAll()
  for (let step = 0; step < 120; step += 1) {
    cluster.runFor(cluster.int(step % 3 === 0 ? 400 : 30))
    disturb(cluster, spares > 1)
  }
  cluster.heal()
  cluster.lossRate = 0
  cluster.startAll()
  cluster.runFor(100)
  if (!cluster.runUntil(() => cluster.hasConverged(), 30_000))
    throw new Error('the cluster does not come together')
  const lastOffset = cluster.propose(1)
  if (lastOffset === null) throw new Error('nobody leads')
  if (!cluster.runUntil(() => cluster.checker.committed[lastOffset] !== undefined, 5_000)) {
    throw new Error('nothing is committed any more')
  }
  return cluster
}

describe.each([3, 5])('%i voters', (voters) => {
  test(`agree on what is committed and have one leader an epoch, ${SEEDS_PER_SIZE} seeds`, () => {
    let committedCount = 0
    for (let seed = 1; seed <= SEEDS_PER_SIZE; seed += 1) {
      try {
        committedCount += play(seed, voters).checker.committed.length
      } catch (error) {
        throw new Error(`seed ${seed}, ${voters} voters`, { cause: error })
      }
    }
    expect(committedCount).toBeGreaterThan(SEEDS_PER_SIZE * 10)
  }, 60_000)
})

test(`voters come and go under faults, ${MEMBERSHIP_SEEDS} seeds`, () => {
  let changeCount = 0
  const sizes = new Set<number>()
  for (let seed = 1; seed <= MEMBERSHIP_SEEDS; seed += 1) {
    try {
      const { committed } = play(seed, 3, 3).checker
      const changes = committed.filter((content) => content?.includes('voters'))
      changeCount += changes.length
      for (const change of changes) sizes.add(change.split(',').length)
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error })
    }
  }
  expect(changeCount).toBeGreaterThan(MEMBERSHIP_SEEDS * 2)
  expect([...sizes].sort()).toEqual([1, 2, 3, 4, 5, 6])
}, 60_000)

test('the same seed gives the same history', () => {
  const first = play(7, 3)
  const second = play(7, 3)
  expect(second.checker.committed).toEqual(first.checker.committed)
  expect(second.nowMs).toBe(first.nowMs)
})
