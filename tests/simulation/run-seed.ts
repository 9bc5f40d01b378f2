// One run of the simulation from its seed: a cluster, clients, faults for a while, healing, checks.
import { SeededRandom } from '../support/memory-runtime.ts'
import {
  checkCommitter,
  checkDivergence,
  checkLeaders,
  checkMetadata,
  checkProducer,
} from './checks.ts'
import { createTopic, IdempotentProducer, OffsetCommitter } from './clients.ts'
import { hostOf, SimulatedCluster } from './cluster.ts'
import { LAST_KILL_MS, strike } from './faults.ts'

export interface SeedResult {
  seed: number
  violations: readonly string[]
  transcript: readonly string[]
  acknowledged: number
  virtualMs: number
}

export interface SeedOptions {
  brokers?: number
  /** How long faults go on. */
  faultMs?: number
}

const TOPIC = 'numbers'
const PARTITIONS = 2
const HEAL_LIMIT_MS = 180_000

export async function runSeed(seed: number, options: SeedOptions = {}): Promise<SeedResult> {
  const cluster = new SimulatedCluster({ seed, brokers: options.brokers ?? 3 })
  const random = new SeededRandom(`${seed}/faults`)
  const producers: IdempotentProducer[] = []
  try {
    await play(cluster, random, producers, options.faultMs ?? 15_000)
  } catch (error) {
    cluster.violations.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
  return {
    seed,
    violations: cluster.violations,
    transcript: cluster.transcript,
    acknowledged: producers.reduce((sum, producer) => sum + producer.acknowledged, 0),
    virtualMs: cluster.world.elapsedMs(),
  }
}

async function play(
  cluster: SimulatedCluster,
  random: SeededRandom,
  producers: IdempotentProducer[],
  faultMs: number,
): Promise<void> {
  const { world } = cluster
  for (const id of cluster.ids) cluster.start(id)
  const id = await world.run(createTopic(cluster, TOPIC, PARTITIONS), 60_000)
  const topic = { name: TOPIC, id }
  for (let partition = 0; partition < PARTITIONS; partition++) {
    producers.push(new IdempotentProducer(cluster, topic, partition))
  }
  const committer = new OffsetCommitter(cluster, topic, 'readers')

  const endMs = world.elapsedMs() + faultMs
  while (world.elapsedMs() < endMs && cluster.violations.length === 0) {
    await world.runFor(300 + random.int(1500))
    checkLeaders(cluster)
    strike(cluster, random)
  }
  if (cluster.violations.length > 0) return

  cluster.say('all faults end')
  world.healAll()
  for (const broker of cluster.ids) world.resume(hostOf(broker))
  // Kills that were planned come first; restarts, heals and resumes that come later find it done.
  await world.runFor(LAST_KILL_MS)
  for (const broker of cluster.ids) {
    if (!cluster.isUp(broker) && !world.isRunning(hostOf(broker))) cluster.start(broker)
  }
  await world.runUntil(() => cluster.isWhole() || cluster.violations.length > 0, HEAL_LIMIT_MS)
  for (const producer of producers) producer.isStopping = true
  committer.isStopping = true
  await world.run(Promise.all([...producers.map((p) => p.done), committer.done]), HEAL_LIMIT_MS)
  await world.runFor(2000)

  checkLeaders(cluster)
  checkMetadata(cluster)
  await world.run(checkDivergence(cluster), HEAL_LIMIT_MS)
  for (const producer of producers) {
    await world.run(checkProducer(cluster, TOPIC, producer), HEAL_LIMIT_MS)
  }
  await world.run(checkCommitter(cluster, committer), HEAL_LIMIT_MS)
}
