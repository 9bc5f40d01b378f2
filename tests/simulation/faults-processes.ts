// Faults of processes: brokers killed, alone or together, and started again.
import type { Random } from '../../broker/runtime/runtime.ts'
import type { SeededRandom } from '../support/memory-runtime.ts'
import type { SimulatedCluster } from './cluster.ts'

export type Fault = (cluster: SimulatedCluster, random: SeededRandom) => void

export const pick = <T>(random: Random, list: readonly T[]): T | undefined =>
  list[random.int(list.length)]

export function restartLater(cluster: SimulatedCluster, random: SeededRandom, id: number): void {
  // Sometimes at once: a vote or a batch that should have been kept is asked for again.
  const delayMs = random.next() < 0.3 ? random.int(30) : 200 + random.int(4000)
  cluster.later(delayMs, () => cluster.startIfDown(id))
}

function kill(cluster: SimulatedCluster, random: SeededRandom, id: number): void {
  cluster.say(`kill ${id}`)
  cluster.crash(id, { powerLoss: false })
  restartLater(cluster, random, id)
}

/** Killed and back within milliseconds. */
export function bounce(cluster: SimulatedCluster, id: number, downMs: number): void {
  if (!cluster.isUp(id)) return
  cluster.say(`kill ${id}, back after ${downMs.toFixed(1)} ms`)
  cluster.crash(id, { powerLoss: false })
  cluster.later(downMs, () => cluster.startIfDown(id))
}

export const killOne: Fault = (cluster, random) => {
  const id = pick(random, cluster.ids)
  if (id !== undefined && cluster.isUp(id)) kill(cluster, random, id)
}

/** Stopped in order; the power may go right after, when what a clean stop promises must be on the disk. */
export const restart: Fault = (cluster, random) => {
  const id = pick(random, cluster.ids)
  if (id === undefined || !cluster.isUp(id)) return
  const powerLoss = cluster.isWhole() && random.next() < 0.5
  cluster.say(`stop ${id}${powerLoss ? ', then power loss' : ''}`)
  cluster.stop(id, () => {
    cluster.say(`${id} has stopped`)
    cluster.crash(id, { powerLoss, tornWrites: true })
    if (cluster.areFaultsOver) cluster.startIfDown(id)
    else restartLater(cluster, random, id)
  })
}

export const killController: Fault = (cluster, random) => {
  const id = cluster.activeController()
  if (id !== null) kill(cluster, random, id)
}

export const killAll: Fault = (cluster, random) => {
  for (const id of cluster.ids) if (cluster.isUp(id)) kill(cluster, random, id)
}
