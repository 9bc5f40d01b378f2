// What goes wrong in a run, drawn from the seed: kills, power loss within the budget (one broker at a time, the
// next only once the ISR is whole), torn writes, pauses, partitions in one or both directions, live brokers fenced.
import type { SeededRandom } from '../support/memory-runtime.ts'
import { hostOf, type SimulatedCluster } from './cluster.ts'

/** No fault strikes later than this after it was drawn. */
export const LAST_KILL_MS = 700

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
  [1, killAll],
  [4, powerLoss],
  [2, pause],
  [4, partition],
  [2, fenceLive],
]

export function strike(cluster: SimulatedCluster, random: SeededRandom): void {
  const total = faults.reduce((sum, [weight]) => sum + weight, 0)
  let at = random.int(total)
  for (const [weight, fault] of faults) {
    if (at < weight) return fault(cluster, random)
    at -= weight
  }
}
