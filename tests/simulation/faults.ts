// What goes wrong in a run, drawn from the seed: kills, power loss within the budget (one broker at a time, the
// next only once the ISR is whole), torn writes, pauses, partitions in one or both directions, live brokers fenced.
import type { SeededRandom } from '../support/memory-runtime.ts'
import { hostOf, type SimulatedCluster } from './cluster.ts'

/** Longer than anybody waits for a leader before standing for election. */
const DUEL_MS = 2300
/** No broker is killed later than this after its fault was drawn. */
export const LAST_KILL_MS = DUEL_MS + 10

const pick = <T>(random: SeededRandom, list: readonly T[]): T | undefined =>
  list[random.int(list.length)]

type Fault = (cluster: SimulatedCluster, random: SeededRandom) => void

function restartLater(cluster: SimulatedCluster, random: SeededRandom, id: number): void {
  // Sometimes at once: a vote or a batch that should have been kept is asked for again.
  const delayMs = random.next() < 0.3 ? random.int(30) : 200 + random.int(4000)
  cluster.world.at(delayMs, () => {
    if (cluster.isUp(id) || cluster.world.isRunning(hostOf(id))) return
    cluster.say(`start ${id}`)
    cluster.start(id)
  })
}

function kill(cluster: SimulatedCluster, random: SeededRandom, id: number): void {
  cluster.say(`kill ${id}`)
  cluster.crash(id, { powerLoss: false })
  restartLater(cluster, random, id)
}

const killOne: Fault = (cluster, random) => {
  const id = pick(random, cluster.ids)
  if (id !== undefined && cluster.isUp(id)) kill(cluster, random, id)
}

const killController: Fault = (cluster, random) => {
  const id = cluster.activeController()
  if (id !== null) kill(cluster, random, id)
}

/** Voters die just when they are asked for their votes. */
const killDuringElection: Fault = (cluster, random) => {
  const leader = cluster.activeController()
  if (leader === null) return
  kill(cluster, random, leader)
  for (const id of cluster.ids.filter((other) => other !== leader)) {
    cluster.world.at(random.int(600), () => {
      if (!cluster.isUp(id)) return
      cluster.say(`kill ${id}`)
      cluster.crash(id, { powerLoss: false })
      cluster.world.at(random.int(20), () => {
        if (cluster.isUp(id) || cluster.world.isRunning(hostOf(id))) return
        cluster.say(`start ${id}`)
        cluster.start(id)
      })
    })
  }
}

/**
 * Two that cannot hear each other stand for the same epoch; the third dies as it votes and is back at once. It must
 * not vote again.
 */
const duel: Fault = (cluster, random) => {
  const { world, ids } = cluster
  const voter = pick(random, ids)
  const [one, other] = ids.filter((id) => id !== voter)
  const leader = cluster.activeController()
  if (voter === undefined || one === undefined || other === undefined) return
  if (ids.length !== 3 || leader === null || !ids.every((id) => cluster.isUp(id))) return
  cluster.say(`duel of ${one} and ${other}, ${voter} votes`)
  const rivals: [string, string] = [hostOf(one), hostOf(other)]
  const bounce = (id: number, downMs: number) => {
    if (cluster.isUp(id)) cluster.crash(id, { powerLoss: false })
    world.at(downMs, () => {
      if (!cluster.isUp(id) && !world.isRunning(hostOf(id))) cluster.start(id)
    })
  }
  bounce(leader, 1)
  cluster.quietUntilMs = world.elapsedMs() + DUEL_MS + 50
  world.at(20, () => {
    for (const rival of rivals) world.pause(rival)
  })
  // The voter, new, does not stand itself; the rivals' patience has ended when they are let go.
  world.at(DUEL_MS - 15, () => bounce(voter, 1))
  world.at(DUEL_MS, () => {
    // Only now: whom they cannot connect to they would give up.
    world.partition(...rivals)
    for (const rival of rivals) world.resume(rival)
  })
  world.at(DUEL_MS, () => {
    cluster.onNewEpoch = (host) => {
      if (host !== hostOf(voter)) return
      cluster.onNewEpoch = null
      world.at(0.8 + random.next() * 2, () => bounce(voter, random.next() * 3))
      // The voter, back, must hear of the other rival before the winner tells it.
      world.at(5, () => {
        const winner = hostOf(Number(cluster.lastQuorumLeader))
        if (!rivals.includes(winner)) return
        world.partition(winner, host)
        world.at(60, () => world.heal(winner, host))
      })
    }
  })
  world.at(DUEL_MS + 50, () => {
    cluster.onNewEpoch = null
  })
  world.at(DUEL_MS + 100 + random.int(1500), () => world.heal(...rivals))
}

const killAll: Fault = (cluster, random) => {
  for (const id of cluster.ids) if (cluster.isUp(id)) kill(cluster, random, id)
}

const powerLoss: Fault = (cluster, random) => {
  if (!cluster.isWhole()) return
  const id = pick(random, cluster.ids) ?? 1
  const tornWrites = random.next() < 0.5
  cluster.say(`power loss of ${id}${tornWrites ? ', torn writes' : ''}`)
  cluster.crash(id, { powerLoss: true, tornWrites })
  restartLater(cluster, random, id)
}

const pause: Fault = (cluster, random) => {
  const id = pick(random, cluster.ids)
  if (id === undefined || !cluster.isUp(id)) return
  cluster.say(`pause ${id}`)
  cluster.world.pause(hostOf(id))
  cluster.world.at(100 + random.int(random.next() < 0.3 ? 12_000 : 2000), () => {
    cluster.say(`resume ${id}`)
    cluster.world.resume(hostOf(id))
  })
}

const partition: Fault = (cluster, random) => {
  const from = pick(random, cluster.ids) ?? 1
  const to = pick(random, [...cluster.ids.filter((id) => id !== from).map(hostOf), 'client'])
  if (to === undefined) return
  const oneWay = random.next() < 0.5
  cluster.say(`partition ${hostOf(from)} ${oneWay ? '→' : '↔'} ${to}`)
  cluster.world.partition(hostOf(from), to, { oneWay })
  cluster.world.at(200 + random.int(5000), () => {
    cluster.say(`heal ${hostOf(from)} ${to}`)
    cluster.world.heal(hostOf(from), to)
  })
}

/** As if the failure detector had judged wrongly. */
const fenceLive: Fault = (cluster, random) => {
  const active = cluster.activeController()
  const id = pick(random, cluster.ids)
  if (active === null || id === undefined) return
  cluster.say(`fence ${id} while it lives`)
  cluster.servers.get(active)?.parts.controller.fence(id)
}

const faults: readonly (readonly [weight: number, fault: Fault])[] = [
  [4, killOne],
  [2, killController],
  [2, killDuringElection],
  [2, duel],
  [1, killAll],
  [4, powerLoss],
  [2, pause],
  [4, partition],
  [2, fenceLive],
]

export function strike(cluster: SimulatedCluster, random: SeededRandom): void {
  if (cluster.world.elapsedMs() < cluster.quietUntilMs) return
  const total = faults.reduce((sum, [weight]) => sum + weight, 0)
  let at = random.int(total)
  for (const [weight, fault] of faults) {
    if (at < weight) return fault(cluster, random)
    at -= weight
  }
}
