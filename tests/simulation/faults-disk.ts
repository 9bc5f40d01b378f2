// Faults of disks: power lost with what was not synced, torn, lost or misplaced; errors, no space, slow ones.
import type { DiskOperation } from '../support/memory-runtime.ts'
import { hostOf } from './cluster.ts'
import { type Fault, pick, restartLater } from './faults-processes.ts'

export const powerLoss: Fault = (cluster, random) => {
  if (!cluster.isWhole()) return
  const id = pick(random, cluster.ids) ?? 1
  const kind = pick(random, ['clean', 'torn', 'scattered'])
  cluster.say(`power loss of ${id}, ${kind} writes`)
  const tornWrites = kind === 'torn'
  const scatteredWrites = kind === 'scattered'
  cluster.crash(id, { powerLoss: true, tornWrites, scatteredWrites })
  restartLater(cluster, random, id)
}

type Kind = DiskOperation['kind']

const failing: readonly (readonly [what: string, kinds: readonly Kind[]])[] = [
  ['writes', ['write']],
  ['syncs', ['sync']],
  ['reads', ['read']],
  ['new names', ['create', 'rename', 'mkdir', 'unlink']],
  ['everything', ['write', 'sync', 'read', 'create', 'rename', 'mkdir', 'unlink', 'truncate']],
]

/** Operations on one broker's disk fail for a while. It may give up; it must not go on as if nothing had been. */
export const diskFails: Fault = (cluster, random) => {
  if (!cluster.isWhole()) return
  const id = pick(random, cluster.ids) ?? 1
  const [what, kinds] = pick(random, failing) ?? ['writes', ['write']]
  const chance = random.next() < 0.5 ? 1 : 0.2
  const directory = pick(random, cluster.profile.logDirs) ?? ''
  cluster.say(`${directory} of ${id} fails ${what}${chance < 1 ? ', now and then' : ''}`)
  const disk = cluster.world.disk(hostOf(id))
  disk.fault = ({ kind, path }) =>
    path.startsWith(directory) && kinds.includes(kind) && random.next() < chance ? 'EIO' : null
  // The metadata log is in the first; a broker that has lost another goes on with what is left.
  cluster.impaired.set(id, { mayGiveUp: directory === cluster.profile.logDirs[0] })
  endLater(500 + random.int(3000), { cluster, id, random })
}

export const diskFull: Fault = (cluster, random) => {
  if (!cluster.isWhole()) return
  const id = pick(random, cluster.ids) ?? 1
  const disk = cluster.world.disk(hostOf(id))
  const spareBytes = random.int(3000)
  cluster.say(`disk of ${id} has ${spareBytes} bytes left`)
  disk.limitBytes = disk.usedBytes + spareBytes
  cluster.impaired.set(id, { mayGiveUp: true })
  endLater(500 + random.int(3000), { cluster, id, random })
}

function endLater(
  delayMs: number,
  {
    cluster,
    id,
    random,
  }: { cluster: Parameters<Fault>[0]; id: number; random: Parameters<Fault>[1] },
): void {
  cluster.later(delayMs, () => {
    cluster.say(`disk of ${id} works again`)
    cluster.mendDisk(id)
    // A broker whose directory failed serves nothing from it until somebody starts it anew.
    cluster.later(random.int(1000), () => {
      if (cluster.isUp(id)) cluster.crash(id, { powerLoss: false })
      restartLater(cluster, random, id)
    })
  })
}

export const slowDisk: Fault = (cluster, random) => {
  const id = pick(random, cluster.ids) ?? 1
  const slowestMs = 5 + random.int(100)
  cluster.say(`disk of ${id} takes up to ${slowestMs} ms`)
  cluster.world.setDiskLatency(hostOf(id), [0.1, slowestMs])
  cluster.later(500 + random.int(3000), () => cluster.world.setDiskLatency(hostOf(id), null))
}
