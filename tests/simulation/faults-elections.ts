// Faults around elections of the quorum's leader: several stand for one epoch, voters die as they vote, live brokers
// are fenced.
import type { SeededRandom } from '../support/memory-runtime.ts'
import { hostOf, idOf, type SimulatedCluster } from './cluster.ts'
import { bounce, type Fault, pick } from './faults-processes.ts'

/** Longer than anybody waits for a leader before standing for election. */
const DUEL_MS = 2300
const DUEL_LASTS_MS = 120

/** Voters die just when they are asked for their votes. */
export const killDuringElection: Fault = (cluster, random) => {
  const leader = cluster.activeController()
  if (leader === null) return
  bounce(cluster, leader, 200 + random.int(3000))
  for (const id of cluster.ids.filter((other) => other !== leader)) {
    cluster.later(random.int(600), () => bounce(cluster, id, random.int(20)))
  }
}

/**
 * Two that cannot hear each other stand for the same epoch; the third dies as it votes and is back at once, and hears
 * of the one that lost before it hears of the one that won. It must not vote again.
 */
export const duel: Fault = (cluster, random) => {
  const { world, ids } = cluster
  const voter = pick(random, ids)
  const [one, other] = ids.filter((id) => id !== voter)
  const leader = cluster.activeController()
  if (voter === undefined || one === undefined || other === undefined) return
  if (ids.length !== 3 || leader === null || !ids.every((id) => cluster.isUp(id))) return
  cluster.say(`duel of ${one} and ${other}, ${voter} votes`)
  const rivals: [string, string] = [hostOf(one), hostOf(other)]
  bounce(cluster, leader, 1)
  cluster.quietUntilMs = world.elapsedMs() + DUEL_MS + DUEL_LASTS_MS
  cluster.later(20, () => {
    for (const rival of rivals) world.pause(rival)
  })
  // The voter, new, does not stand itself; the rivals' patience has ended when they are let go.
  cluster.later(DUEL_MS - 15, () => bounce(cluster, voter, 1))
  cluster.later(DUEL_MS, () => {
    // Only now: whom they cannot connect to they would give up.
    world.partition(...rivals)
    world.setLatency([0.1, 8])
    for (const rival of rivals) world.resume(rival)
    cluster.onNewEpoch = (host) => {
      if (host !== hostOf(voter)) return
      cluster.onNewEpoch = null
      dieVoting(cluster, random, { voter, camps: [[one], [other]], slowestMs: 8 })
    }
  })
  cluster.later(DUEL_MS + DUEL_LASTS_MS, () => {
    cluster.onNewEpoch = null
    world.setLatency(null)
  })
  cluster.later(DUEL_MS + DUEL_LASTS_MS + random.int(1500), () => world.heal(...rivals))
}

interface Vote {
  voter: number
  camps: readonly [readonly number[], readonly number[]]
  /** What a message takes at most. */
  slowestMs: number
}

/** Its vote is on disk and leaves; it hears nobody until it is back, and then one camp before the other. */
function dieVoting(cluster: SimulatedCluster, random: SeededRandom, vote: Vote): void {
  const { world } = cluster
  const { voter, camps, slowestMs } = vote
  const host = hostOf(voter)
  for (const id of camps.flat()) world.partition(hostOf(id), host, { oneWay: true })
  cluster.later(0.8 + random.next() * 2, () => bounce(cluster, voter, random.next() * 3))
  const firstMs = 12 + random.next() * slowestMs
  cluster.later(firstMs, () => {
    const winner = Number(cluster.lastQuorumLeader)
    const isWinners = (camp: readonly number[]): boolean => camp.includes(winner)
    const losers = camps.find((camp) => !isWinners(camp)) ?? []
    for (const id of losers) world.heal(hostOf(id), host)
  })
  cluster.later(firstMs + 40 + 2 * slowestMs, () => {
    for (const id of camps.flat()) world.heal(hostOf(id), host)
  })
}

/**
 * One in the middle hears all; the others, in two camps, hear only their own camp and the one in the middle. With slow
 * messages both camps stand for the same epoch. Whoever has just taken up a new epoch, which is when it votes, may die
 * and be back before it hears who won: above all the one in the middle.
 */
export const contestedElections: Fault = (cluster, random) => {
  const { world, ids } = cluster
  const leader = cluster.activeController()
  if (leader === null) return
  const middle = random.next() < 0.7 ? leader : (pick(random, ids) ?? leader)
  const both = campsAround(ids, middle, random)
  const [left, right] = both
  const lastMs = 3000 + random.int(3000)
  const slowestMs = 20 + random.int(200)
  cluster.say(
    `contested elections: ${left} against ${right}, ${middle} hears all, ` +
      `messages take up to ${slowestMs} ms`,
  )
  cluster.quietUntilMs = world.elapsedMs() + lastMs
  world.setLatency([slowestMs / 10, slowestMs])
  for (const one of left) for (const other of right) world.partition(hostOf(one), hostOf(other))
  bounce(cluster, leader, 1 + random.int(50))
  cluster.onNewEpoch = (host) => {
    if (host === hostOf(middle)) {
      if (random.next() < 0.8) dieVoting(cluster, random, { voter: middle, camps: both, slowestMs })
    } else if (random.next() < 0.1) {
      cluster.later(0.5 + random.next() * 3, () => bounce(cluster, idOf(host), random.next() * 5))
    }
  }
  for (let atMs = 700; atMs < lastMs; atMs += 700 + random.int(600)) {
    const victim = random.next() < 0.5 ? () => middle : () => cluster.activeController() ?? middle
    cluster.later(atMs, () => bounce(cluster, victim(), random.int(100)))
  }
  cluster.later(lastMs, () => {
    cluster.onNewEpoch = null
    world.setLatency(null)
    for (const one of left) for (const other of right) world.heal(hostOf(one), hostOf(other))
  })
}

function campsAround(
  ids: readonly number[],
  middle: number,
  random: SeededRandom,
): [number[], number[]] {
  const others = ids.filter((id) => id !== middle)
  const half = Math.ceil(others.length / 2)
  const left: number[] = []
  while (left.length < half) left.push(...others.splice(random.int(others.length), 1))
  return [left, others]
}

/** As if the failure detector had judged wrongly. */
export const fenceLive: Fault = (cluster, random) => {
  const active = cluster.activeController()
  const id = pick(random, cluster.ids)
  if (active === null || id === undefined) return
  cluster.say(`fence ${id} while it lives`)
  cluster.servers.get(active)?.parts.controller.fence(id)
}
