// Which brokers get the replicas of new partitions: stripes over racks and, inside a rack, over brokers, so that
// leaders spread evenly and replicas land on different racks while there are enough. Unfenced brokers come
// first; the leader is always one. Pure but for the random starts.
import { ErrorCode } from '../../protocol/errors.ts'
import type { BrokerImage, MetadataImage } from '../metadata/image-types.ts'
import type { Random } from '../runtime/runtime.ts'
import { failure } from './errors.ts'

export interface UsableBroker {
  readonly id: number
  readonly rack: string | null
  readonly isFenced: boolean
}

/** Brokers that may be given replicas: all but those shutting down and those with nothing but cordoned directories. */
export function usableBrokers(image: MetadataImage): UsableBroker[] {
  return [...image.brokers.values()]
    .filter((broker) => !broker.inControlledShutdown || broker.isFenced)
    .filter(hasUncordonedDirectory)
    .map(({ id, rack, isFenced }) => ({ id, rack, isFenced }))
}

function hasUncordonedDirectory({ logDirs, cordonedLogDirs = [] }: BrokerImage): boolean {
  return cordonedLogDirs.length === 0 || logDirs.some((id) => !cordonedLogDirs.includes(id))
}

/**
 * Replica lists of `partitionCount` partitions, each led by its first. Throws KafkaError
 * INVALID_REPLICATION_FACTOR when there are too few brokers.
 */
export function placeReplicas(
  brokers: readonly UsableBroker[],
  spec: { partitionCount: number; replicationFactor: number },
  random: Random,
): number[][] {
  const { replicationFactor, partitionCount } = spec
  checkReplicationFactor(brokers, replicationFactor)
  const racks = new RackList(brokers, random)
  return Array.from({ length: partitionCount }, () => racks.place(replicationFactor))
}

function checkReplicationFactor(brokers: readonly UsableBroker[], replicationFactor: number): void {
  const code = ErrorCode.INVALID_REPLICATION_FACTOR
  if (replicationFactor <= 0) {
    throw failure(
      code,
      `Invalid replication factor ${replicationFactor}: the replication factor must be positive.`,
    )
  }
  if (brokers.every((broker) => broker.isFenced)) {
    throw failure(code, 'All brokers are currently fenced.')
  }
  if (replicationFactor > brokers.length) {
    throw failure(
      code,
      `The target replication factor of ${replicationFactor} cannot be reached because only ` +
        `${brokers.length} broker(s) are registered or some brokers have all their log ` +
        'directories cordoned.',
    )
  }
}

function shuffle<T>(items: T[], random: Random): void {
  for (let last = items.length - 1; last > 0; last--) {
    const other = random.int(last + 1)
    const held = items[last] as T
    items[last] = items[other] as T
    items[other] = held
  }
}

/** Brokers in a ring; every partition starts one further than the one before. */
class BrokerRing {
  readonly #brokers: number[]
  #start: number
  #taken = 0
  #round = 0

  constructor(brokers: number[], random: Random) {
    this.#brokers = brokers.sort((a, b) => a - b)
    this.#start = brokers.length === 0 ? 0 : random.int(brokers.length)
  }

  /** null once every broker was given in this round. */
  next(round: number): number | null {
    const count = this.#brokers.length
    if (count === 0) return null
    if (this.#round !== round) {
      this.#round = round
      this.#taken = 0
      this.#start = (this.#start + 1) % count
    }
    if (this.#taken >= count) return null
    const broker = this.#brokers[(this.#start + this.#taken) % count]
    this.#taken += 1
    return broker ?? null
  }

  shuffle(random: Random): void {
    shuffle(this.#brokers, random)
  }
}

interface Rack {
  readonly unfenced: BrokerRing
  readonly fenced: BrokerRing
}

class RackList {
  readonly #random: Random
  readonly #racks: Rack[]
  readonly #unfencedCount: number
  #offset: number
  #round = 0

  constructor(brokers: readonly UsableBroker[], random: Random) {
    this.#random = random
    const names = [...new Set(brokers.map(({ rack }) => rack))].sort(compareRacks)
    this.#racks = names.map((name) => {
      const here = brokers.filter(({ rack }) => rack === name)
      const idsOf = (isFenced: boolean) =>
        here.filter((broker) => broker.isFenced === isFenced).map(({ id }) => id)
      return {
        unfenced: new BrokerRing(idsOf(false), random),
        fenced: new BrokerRing(idsOf(true), random),
      }
    })
    this.#unfencedCount = brokers.filter((broker) => !broker.isFenced).length
    this.#offset = random.int(names.length)
  }

  place(replicationFactor: number): number[] {
    this.#beginPartition()
    const [leader, leaderRack] = this.#takeLeader()
    const replicas = [leader]
    let rack = this.#offset
    // The leader's rack sits out its first turn.
    let skippedRack = leaderRack
    while (replicas.length < replicationFactor) {
      const isSkipped = rack === skippedRack
      if (isSkipped) skippedRack = -1
      const broker = isSkipped ? null : this.#take(rack)
      if (broker !== null) replicas.push(broker)
      rack = (rack + 1) % this.#racks.length
    }
    this.#round += 1
    this.#offset += 1
    return replicas
  }

  /** Once as many partitions were placed as there are brokers, a new order keeps patterns from repeating. */
  #beginPartition(): void {
    if (this.#round === this.#unfencedCount && this.#unfencedCount > 1) {
      shuffle(this.#racks, this.#random)
      for (const rack of this.#racks) {
        rack.unfenced.shuffle(this.#random)
        rack.fenced.shuffle(this.#random)
      }
      this.#round = 0
    }
    if (this.#offset >= this.#racks.length) this.#offset = 0
  }

  /** Ends because some rack has an unfenced broker and none was taken in this round yet. */
  #takeLeader(): [broker: number, rack: number] {
    for (let rack = this.#offset; ; rack = (rack + 1) % this.#racks.length) {
      const broker = this.#racks[rack]?.unfenced.next(this.#round) ?? null
      if (broker !== null) return [broker, rack]
    }
  }

  #take(index: number): number | null {
    const rack = this.#racks[index]
    if (rack === undefined) return null
    return rack.unfenced.next(this.#round) ?? rack.fenced.next(this.#round)
  }
}

function compareRacks(a: string | null, b: string | null): number {
  if (a === b) return 0
  if (a === null) return -1
  if (b === null) return 1
  return a < b ? -1 : 1
}
