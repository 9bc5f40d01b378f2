// What goes wrong in a run, drawn from the seed by the weights of its profile, within the fault model: any number of
// kills, pauses and partitions; loss of power, or a failing disk, of one broker at a time, the next only once all
// replicas are in sync.
import type { SeededRandom } from '../support/memory-runtime.ts'
import type { SimulatedCluster } from './cluster.ts'
import { diskFails, diskFull, powerLoss, slowDisk } from './faults-disk.ts'
import { contestedElections, duel, fenceLive, killDuringElection } from './faults-elections.ts'
import { isolate, partition, pause, setClock, slowNetwork } from './faults-network.ts'
import { killAll, killController, killOne, restart } from './faults-processes.ts'

const faults = {
  killOne,
  killController,
  killAll,
  restart,
  killDuringElection,
  duel,
  contestedElections,
  fenceLive,
  powerLoss,
  diskFails,
  diskFull,
  slowDisk,
  pause,
  partition,
  isolate,
  slowNetwork,
  setClock,
} as const

type FaultName = keyof typeof faults
export type FaultWeights = Readonly<Partial<Record<FaultName, number>>>

/** One fault, unless one of several steps is under way. */
export function strike(cluster: SimulatedCluster, random: SeededRandom): void {
  if (cluster.world.elapsedMs() < cluster.quietUntilMs) return
  const weights = Object.entries(cluster.profile.faults) as [FaultName, number][]
  let at = random.int(weights.reduce((sum, [, weight]) => sum + weight, 0))
  for (const [name, weight] of weights) {
    if (at < weight) {
      faults[name](cluster, random)
      return
    }
    at -= weight
  }
}
