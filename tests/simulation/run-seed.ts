// One run of the simulation from its seed: a cluster, clients, faults for a while, healing, checks.
import { SeededRandom } from '../support/memory-runtime.ts'
import { Administrator } from './administrator.ts'
import { checkTransactions } from './check-transactions.ts'
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
import { CommittedReader } from './committed-reader.ts'
import { OffsetCommitter, readGroupOffset } from './committer.ts'
import { strike } from './faults.ts'
import { GroupLedger } from './group-ledger.ts'
import { GroupMember } from './group-member.ts'
import { IdempotentProducer } from './producer.ts'
import { profileOf } from './profile.ts'
import { Reader } from './reader.ts'
import { Transactor } from './transactor.ts'

export interface SeedResult {
  seed: number
  profile: string
  violations: readonly string[]
  transcript: readonly string[]
  acknowledged: number
  transactions: number
  /** Of the group's members: assignments that were given out, commits that were acknowledged. */
  generations: number
  groupCommits: number
  virtualMs: number
}

export interface SeedOptions {
  /** As the seed's profile says when absent. */
  brokers?: number
  /** How long faults go on. */
  faultMs?: number
}

const TOPIC = 'numbers'
const ATOMIC_TOPIC = 'atomic'
const INTERNAL_TOPICS = ['__consumer_offsets', '__transaction_state']
const PARTITIONS = 2
const HEAL_LIMIT_MS = 180_000
const MEMBERS_GROUP = 'members'
const MEMBERS = 3

export async function runSeed(seed: number, options: SeedOptions = {}): Promise<SeedResult> {
  const cluster = new SimulatedCluster(seed, profileOf(seed, options))
  const ledger = new GroupLedger(PARTITIONS, (what) => cluster.violations.push(what))
  const progress: Progress = { producers: [], transactor: null, ledger }
  try {
    await play(cluster, new SeededRandom(`${seed}/faults`), progress)
  } catch (error) {
    cluster.violations.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
  return {
    seed,
    profile: `${cluster.profile.name}, ${cluster.ids.length} brokers`,
    violations: cluster.violations,
    transcript: cluster.transcript,
    acknowledged: progress.producers.reduce((sum, producer) => sum + producer.acknowledged, 0),
    transactions: progress.transactor?.outcomes.size ?? 0,
    generations: ledger.generations,
    groupCommits: ledger.commits,
    virtualMs: cluster.world.elapsedMs(),
  }
}

/** What is told of a run even when it ends early. */
interface Progress {
  producers: IdempotentProducer[]
  transactor: Transactor | null
  readonly ledger: GroupLedger
}

class Load {
  readonly producers: IdempotentProducer[]
  readonly readers: Reader[]
  readonly committer: OffsetCommitter
  readonly administrator: Administrator
  readonly transactor: Transactor
  readonly committedReaders: CommittedReader[]
  readonly members: GroupMember[]

  constructor(
    cluster: SimulatedCluster,
    { topic, atomic }: { topic: TopicHandle; atomic: TopicHandle },
    progress: Progress,
  ) {
    const { producers } = progress
    const partitions = Array.from({ length: PARTITIONS }, (_, index) => index)
    this.producers = producers
    for (const index of partitions) producers.push(new IdempotentProducer(cluster, topic, index))
    this.readers = partitions.map((index) => new Reader(cluster, topic, index))
    this.committer = new OffsetCommitter(cluster, topic, 'readers')
    this.administrator = new Administrator(cluster, topic, [atomic.name, ...INTERNAL_TOPICS])
    this.transactor = new Transactor(cluster, atomic, PARTITIONS)
    progress.transactor = this.transactor
    this.committedReaders = partitions.map(
      (partition) => new CommittedReader(cluster, atomic, { partition }),
    )
    const { ledger } = progress
    const group = { groupId: MEMBERS_GROUP, topic, partitions: PARTITIONS, ledger }
    this.members = Array.from({ length: MEMBERS }, () => new GroupMember(cluster, group))
  }

  /** Resolves once all is finished that was begun. */
  async stop(): Promise<void> {
    const writing = [...this.producers, this.committer, this.administrator, this.transactor]
    for (const client of writing) client.isStopping = true
    await Promise.all(writing.map((client) => client.done))
    const reading = [...this.readers, ...this.committedReaders, ...this.members]
    for (const client of reading) client.isStopping = true
    await Promise.all(reading.map((client) => client.done))
  }
}

async function play(
  cluster: SimulatedCluster,
  random: SeededRandom,
  progress: Progress,
): Promise<void> {
  const { world, violations } = cluster
  for (const id of cluster.ids) cluster.start(id)
  const id = await world.run(createTopic(cluster, TOPIC, PARTITIONS), 60_000)
  const topic = { name: TOPIC, id }
  const atomicId = await world.run(createTopic(cluster, ATOMIC_TOPIC, PARTITIONS), 60_000)
  const atomic = { name: ATOMIC_TOPIC, id: atomicId }
  const load = new Load(cluster, { topic, atomic }, progress)
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
  for (const [index, producer] of load.producers.entries()) {
    await world.run(checkProducer(cluster, TOPIC, producer), HEAL_LIMIT_MS)
    const reader = load.readers[index]
    if (reader !== undefined) checkReader(cluster, reader, producer)
  }
  const { committer, transactor, committedReaders: readers } = load
  const offsetOf = (of: TopicHandle, groupId: string, partition = 0) =>
    world.run(readGroupOffset(cluster, { topic: of, partition }, groupId), HEAL_LIMIT_MS)
  checkCommitter(cluster, committer, await offsetOf(topic, committer.groupId))
  const groupOffset = await offsetOf(atomic, transactor.groupId)
  const seen = { transactor, readers, groupOffset }
  await world.run(checkTransactions(cluster, atomic, seen), HEAL_LIMIT_MS)
  checkAdministrator(cluster, TOPIC, load.administrator)
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const { ledger } = progress
    const before = ledger.acknowledged(partition)
    const found = await offsetOf(topic, MEMBERS_GROUP, partition)
    // -1: nobody came as far as to commit.
    ledger.begin(partition, Math.max(0, found), before)
  }
}
