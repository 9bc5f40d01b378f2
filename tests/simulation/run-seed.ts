// One run of the simulation from its seed: a cluster, clients, faults for a while, healing, checks.
import { SeededRandom } from '../support/memory-runtime.ts'
import { Administrator } from './administrator.ts'
import {
  checkAdministrator,
  checkCommitter,
  checkDivergence,
  checkProducer,
  checkReader,
  Sights,
} from './checks.ts'
import { createTopic, type TopicHandle } from './client.ts'
import { SimulatedCluster } from './cluster.ts'
import { OffsetCommitter } from './committer.ts'
import { strike } from './faults.ts'
import { IdempotentProducer } from './producer.ts'
import { profileOf } from './profile.ts'
import { Reader } from './reader.ts'

export interface SeedResult {
  seed: number
  profile: string
  violations: readonly string[]
  transcript: readonly string[]
  acknowledged: number
  virtualMs: number
}

export interface SeedOptions {
  /** As the seed's profile says when absent. */
  brokers?: number
  /** How long faults go on. */
  faultMs?: number
}

const TOPIC = 'numbers'
const PARTITIONS = 2
const HEAL_LIMIT_MS = 180_000

export async function runSeed(seed: number, options: SeedOptions = {}): Promise<SeedResult> {
  const cluster = new SimulatedCluster(seed, profileOf(seed, options))
  const producers: IdempotentProducer[] = []
  try {
    await play(cluster, new SeededRandom(`${seed}/faults`), producers)
  } catch (error) {
    cluster.violations.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
  return {
    seed,
    profile: `${cluster.profile.name}, ${cluster.ids.length} brokers`,
    violations: cluster.violations,
    transcript: cluster.transcript,
    acknowledged: producers.reduce((sum, producer) => sum + producer.acknowledged, 0),
    virtualMs: cluster.world.elapsedMs(),
  }
}

class Load {
  readonly producers: IdempotentProducer[]
  readonly readers: Reader[]
  readonly committer: OffsetCommitter
  readonly administrator: Administrator

  constructor(cluster: SimulatedCluster, topic: TopicHandle, producers: IdempotentProducer[]) {
    const partitions = Array.from({ length: PARTITIONS }, (_, index) => index)
    this.producers = producers
    for (const index of partitions) producers.push(new IdempotentProducer(cluster, topic, index))
    this.readers = partitions.map((index) => new Reader(cluster, topic, index))
    this.committer = new OffsetCommitter(cluster, topic, 'readers')
    this.administrator = new Administrator(cluster, topic)
  }

  /** Resolves once all is finished that was begun. */
  async stop(): Promise<void> {
    const all = [...this.producers, ...this.readers, this.committer, this.administrator]
    for (const client of all) client.isStopping = true
    await Promise.all(all.map((client) => client.done))
  }
}

async function play(
  cluster: SimulatedCluster,
  random: SeededRandom,
  producers: IdempotentProducer[],
): Promise<void> {
  const { world, violations } = cluster
  for (const id of cluster.ids) cluster.start(id)
  const id = await world.run(createTopic(cluster, TOPIC, PARTITIONS), 60_000)
  const load = new Load(cluster, { name: TOPIC, id }, producers)
  const sights = new Sights()

  const endMs = world.elapsedMs() + cluster.profile.faultMs
  while (world.elapsedMs() < endMs && violations.length === 0) {
    await world.runFor(300 + random.int(1500))
    sights.look(cluster)
    strike(cluster, random)
  }
  if (violations.length > 0) return

  cluster.endFaults()
  await world.runUntil(() => cluster.isWhole() || violations.length > 0, HEAL_LIMIT_MS)
  await world.run(load.stop(), HEAL_LIMIT_MS)
  await world.runFor(2000)

  sights.look(cluster)
  await world.run(checkDivergence(cluster), HEAL_LIMIT_MS)
  for (const [index, producer] of producers.entries()) {
    await world.run(checkProducer(cluster, TOPIC, producer), HEAL_LIMIT_MS)
    const reader = load.readers[index]
    if (reader !== undefined) checkReader(cluster, reader, producer)
  }
  await world.run(checkCommitter(cluster, load.committer), HEAL_LIMIT_MS)
  checkAdministrator(cluster, TOPIC, load.administrator)
}
