// Faults of time and of the wires: partitions in one or both directions, slow messages, pauses, clocks set wrong.
import { hostOf } from './cluster.ts'
import { bounce, type Fault, pick } from './faults-processes.ts'

export const pause: Fault = (cluster, random) => {
  const id = pick(random, cluster.ids)
  if (id === undefined || !cluster.isUp(id)) return
  cluster.say(`pause ${id}`)
  cluster.world.pause(hostOf(id))
  cluster.later(100 + random.int(random.next() < 0.3 ? 12_000 : 2000), () => {
    cluster.say(`resume ${id}`)
    cluster.world.resume(hostOf(id))
  })
}

export const partition: Fault = (cluster, random) => {
  const from = pick(random, cluster.ids) ?? 1
  const to = pick(random, [...cluster.ids.filter((id) => id !== from).map(hostOf), 'client'])
  if (to === undefined) return
  const oneWay = random.next() < 0.5
  cluster.say(`partition ${hostOf(from)} ${oneWay ? '→' : '↔'} ${to}`)
  cluster.world.partition(hostOf(from), to, { oneWay })
  cluster.later(200 + random.int(5000), () => {
    cluster.say(`heal ${hostOf(from)} ${to}`)
    cluster.world.heal(hostOf(from), to)
  })
}

/** Cut off from all other brokers, not from clients; it may die before they hear of it again. */
export const isolate: Fault = (cluster, random) => {
  const { world } = cluster
  const id = pick(random, cluster.ids)
  if (id === undefined || !cluster.isUp(id)) return
  const others = cluster.ids.filter((other) => other !== id)
  cluster.say(`isolate ${id}`)
  for (const other of others) world.partition(hostOf(id), hostOf(other))
  const dies = random.next() < 0.5
  cluster.later(300 + random.int(dies ? 2500 : 12_000), () => {
    if (dies) bounce(cluster, id, random.int(3000))
    cluster.say(`heal ${id}`)
    for (const other of others) world.heal(hostOf(id), hostOf(other))
  })
}

export const slowNetwork: Fault = (cluster, random) => {
  const slowestMs = 5 + random.int(200)
  cluster.say(`messages take up to ${slowestMs} ms`)
  cluster.world.setLatency([0.1, slowestMs])
  cluster.later(500 + random.int(4000), () => cluster.world.setLatency(null))
}

/** A wall clock jumps, by up to an hour either way. */
export const setClock: Fault = (cluster, random) => {
  const id = pick(random, cluster.ids) ?? 1
  const boundMs = random.next() < 0.5 ? 10_000 : 3_600_000
  const skewMs = random.int(2 * boundMs) - boundMs
  cluster.say(`set the clock of ${id} off by ${skewMs} ms`)
  cluster.world.skewClock(hostOf(id), skewMs)
}
