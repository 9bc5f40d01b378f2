// The controller under random histories: brokers die, come back with or without what they had, shut down, leave;
// partitions are reassigned, cancelled, elected; controllers fail over in the middle of it. A model follows who
// holds all that was committed: nobody else may lead, unless the loss was allowed and is marked.
import { describe, expect, test } from 'vitest'
import { CreatePartitions } from '../../protocol/schemas/37-create-partitions.ts'
import { ElectLeaders } from '../../protocol/schemas/43-elect-leaders.ts'
import { AlterPartitionReassignments } from '../../protocol/schemas/45-alter-partition-reassignments.ts'
import { ListPartitionReassignments } from '../../protocol/schemas/46-list-partition-reassignments.ts'
import { UnregisterBroker } from '../../protocol/schemas/64-unregister-broker.ts'
import { PureController, propose } from '../../tests/support/controller-harness.ts'
import { SeededRandom } from '../../tests/support/memory-runtime.ts'
import type { PartitionImage } from '../metadata/image-types.ts'
import { isActive } from './controller-state.ts'
import { balanceLeaders, electUncleanLeaders, minIsrFor } from './elections.ts'
import { RECOVERING } from './partition-change.ts'
import { beginRepair, changesBrokers, type RepairCursor, repairSlice } from './repair.ts'

const BROKERS = [1, 2, 3, 4, 5, 6]
const STEPS = 150

interface Held {
  image: PartitionImage
  /** Replicas that have all that was ever committed. */
  holders: ReadonlySet<number>
}

class Scenario {
  readonly controller: PureController
  readonly #random: SeededRandom
  readonly #held = new Map<string, Held>()
  readonly transcript: string[] = []
  #cursor: RepairCursor | null = null
  #topics = 0
  /** Lost what they had, as of the step that is under way. */
  readonly #wiped = new Set<number>()

  constructor(seed: string, changesPerTurnMax: number) {
    this.#random = new SeededRandom(seed)
    this.controller = new PureController({ changesPerTurnMax }, seed)
    this.controller.start(...BROKERS)
    this.#createTopic()
    this.#createTopic()
    this.#observe()
  }

  step(): void {
    const acts = this.#acts()
    const [name, act] = acts[this.#random.int(acts.length)] as [string, () => void]
    this.transcript.push(name)
    const before = this.controller.image
    this.controller.lastRecords = []
    act()
    if (before !== this.controller.image) this.#afterAppend()
    this.#observe()
    if (this.#random.int(3) > 0) this.#repairOnce()
    this.#observe()
  }

  /** Everybody is back and catches up: whatever was under way must end. */
  settle(): void {
    this.transcript.push('settle')
    for (let round = 0; round < 8 && (round < 2 || this.underWay() > 0); round++) {
      for (const id of BROKERS) this.#bringBack(id)
      this.#repairAll()
      this.controller.run((state) => electUncleanLeaders(state, 1000))
      this.#observe()
      for (const { name, partition } of this.#partitions()) this.#catchUp(name, partition)
      this.#observe()
    }
  }

  get isRepairing(): boolean {
    return this.#cursor !== null
  }

  underWay(): number {
    return this.controller.request(ListPartitionReassignments, { topics: null }).topics?.length ?? 0
  }

  leaderless(): string[] {
    return this.#partitions()
      .filter(({ partition }) => partition.leader < 0)
      .map(({ name, partition }) => `${name}-${partition.partition}`)
  }

  #acts(): [string, () => void][] {
    const { controller } = this
    const broker = this.#pick(BROKERS)
    const place = this.#pick(this.#partitions())
    const topic = place?.name ?? ''
    const partition = place?.partition
    const elect = (electionType: number) =>
      controller.request(ElectLeaders, {
        electionType,
        topicPartitions: [{ topic, partitions: [partition?.partition ?? 0] }],
      })
    const common: [string, () => void][] = [
      [`fence ${broker}`, () => controller.fence(broker)],
      [`session of ${broker} ends`, () => controller.loseSession(broker)],
      [`${broker} beats`, () => this.#heartbeat(broker)],
      [`${broker} is back with all`, () => this.#register(broker, true)],
      [`${broker} is back without`, () => this.#register(broker, false)],
      [`${broker} wants to go`, () => this.#heartbeat(broker, { wantShutDown: true })],
      [`controller fails over`, () => this.#failOver()],
      [`balance`, () => controller.run((state) => balanceLeaders(state, 1000))],
      [`unclean elections`, () => controller.run((state) => electUncleanLeaders(state, 1000))],
    ]
    if (partition === undefined) return common
    const at = `${topic}-${partition.partition}`
    const target = this.#someBrokers()
    return [
      ...common,
      ...common.slice(2, 4),
      [`${at} to ${target}`, () => this.#reassign(topic, partition.partition, target)],
      [`${at} to ${target}`, () => this.#reassign(topic, partition.partition, target)],
      [`${at} cancelled`, () => this.#reassign(topic, partition.partition, null)],
      [`${at} prefers`, () => void elect(0)],
      [`${at} elects uncleanly`, () => void elect(1)],
      [`${at} shrinks`, () => this.#shrink(topic, partition)],
      ...Array.from({ length: 4 }, (): [string, () => void] => [
        `${at} catches up`,
        () => this.#catchUp(topic, partition),
      ]),
      [`unregister ${broker}`, () => this.#unregister(broker)],
      [`a topic`, () => this.#createTopic()],
      [`partitions`, () => this.#grow(topic)],
      [`min ISR`, () => this.#setConfig(topic, 'min.insync.replicas', this.#pick(['1', '2', '3']))],
      [`unclean`, () => this.#setConfig(topic, UNCLEAN, this.#pick(['true', 'false', 'false']))],
    ]
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#random.int(items.length)] as T
  }

  #someBrokers(): number[] {
    const left = [...BROKERS]
    const count = 1 + this.#random.int(4)
    return Array.from(
      { length: count },
      () => left.splice(this.#random.int(left.length), 1)[0] as number,
    )
  }

  #partitions(): { name: string; partition: PartitionImage }[] {
    return [...this.controller.image.topicsByName.values()].flatMap(({ name, partitions }) =>
      partitions.map((partition) => ({ name, partition })),
    )
  }

  /** What the driver does after each append. */
  #afterAppend(): void {
    if (changesBrokers(this.controller.lastRecords)) {
      this.#cursor = beginRepair(this.controller.image)
    }
  }

  #repairOnce(): void {
    if (this.#cursor === null) return
    this.#cursor = this.controller.run((state) =>
      repairSlice(state, this.#cursor ?? beginRepair(state.image)),
    )
  }

  #repairAll(): void {
    this.#cursor = beginRepair(this.controller.image)
    while (this.#cursor !== null) {
      this.#repairOnce()
      this.#observe()
    }
  }

  #failOver(): void {
    this.controller.failOver()
    this.#cursor = beginRepair(this.controller.image)
  }

  #heartbeat(id: number, wants: { wantShutDown?: boolean } = {}): void {
    if (this.controller.image.brokers.has(id)) this.controller.heartbeat(id, wants)
  }

  #register(id: number, hasAll: boolean): void {
    const known = this.controller.image.brokers.get(id)
    if (known !== undefined && !known.isFenced) {
      this.controller.fence(id)
      this.#afterAppend()
      this.#observe()
    }
    // One that nobody knows any more comes back as a stranger.
    if (!hasAll || known === undefined) this.#wiped.add(id)
    const epoch = known?.epoch ?? -1
    // Refused while it has too many places yet; then nothing has been lost so far as the controller knows.
    const before = this.controller.image.brokers.get(id)?.incarnationId
    this.controller.register(id, { previousBrokerEpoch: hasAll ? epoch : -1 })
    if (this.controller.image.brokers.get(id)?.incarnationId === before) this.#wiped.delete(id)
  }

  #bringBack(id: number): void {
    const broker = this.controller.image.brokers.get(id)
    if (broker === undefined || broker.inControlledShutdown) this.#register(id, true)
    this.#afterAppend()
    this.#repairAll()
    this.#heartbeat(id)
    this.#afterAppend()
    this.#observe()
  }

  #unregister(id: number): void {
    const { image } = this.controller
    if (image.brokers.size <= 3 || !image.brokers.has(id)) return
    this.controller.request(UnregisterBroker, { brokerId: id })
  }

  #reassign(name: string, partitionIndex: number, replicas: number[] | null): void {
    this.controller.request(AlterPartitionReassignments, {
      topics: [{ name, partitions: [{ partitionIndex, replicas }] }],
    })
  }

  #propose(name: string, partition: PartitionImage, isr: readonly number[]): void {
    const topicId = this.controller.image.topicsByName.get(name)?.id ?? ''
    const { leader, leaderEpoch, partitionEpoch } = partition
    // Whom the leader proposes has fetched all that is committed.
    const held = this.#held.get(`${name}-${partition.partition}`)
    if (held !== undefined) held.holders = new Set([...held.holders, ...isr])
    const proposal = { from: leader, isr: [...isr], leaderEpoch, partitionEpoch }
    propose(this.controller, topicId, proposal, { partition: partition.partition })
  }

  /** The leader lets in whoever is up. */
  #catchUp(name: string, { partition: index }: PartitionImage): void {
    const partition = this.controller.image.topicsByName.get(name)?.partitions[index]
    if (partition === undefined || !isActive(this.controller.image, partition.leader)) return
    const good = (id: number) => partition.isr.includes(id) || isActive(this.controller.image, id)
    this.#propose(name, partition, partition.replicas.filter(good))
  }

  #shrink(name: string, partition: PartitionImage): void {
    if (!isActive(this.controller.image, partition.leader)) return
    const kept = partition.isr.filter((id) => id === partition.leader || this.#random.int(2) > 0)
    this.#propose(name, partition, kept)
  }

  #createTopic(): void {
    this.#topics += 1
    const lists = Array.from({ length: 1 + this.#random.int(4) }, () => this.#someBrokers())
    const factor = lists[0]?.length ?? 1
    const { image } = this.controller
    const replicas = lists.map((list) => {
      const rest = BROKERS.filter((id) => !list.includes(id))
      return [...list, ...rest].slice(0, factor)
    })
    if (replicas.some((list) => list.some((id) => !image.brokers.has(id)))) return
    if (replicas.some((list) => !list.some((id) => isActive(image, id)))) return
    this.controller.createTopic(`t${this.#topics}`, replicas, {
      'min.insync.replicas': this.#pick(['1', '2', '2']),
      [UNCLEAN]: this.#pick(['true', 'false', 'false']),
    })
  }

  #grow(name: string): void {
    const count = (this.controller.image.topicsByName.get(name)?.partitions.length ?? 0) + 1
    this.controller.request(CreatePartitions, { topics: [{ name, count, assignments: null }] })
  }

  #setConfig(name: string, config: string, value: string): void {
    this.controller.setTopicConfig(name, config, value)
  }

  #observe(): void {
    const wiped = new Set(this.#wiped)
    this.#wiped.clear()
    for (const { name, partition } of this.#partitions()) {
      const key = `${name}-${partition.partition}`
      const before = this.#held.get(key)
      if (this.#cursor === null) this.#checkActive(key, partition)
      if (before?.image !== partition) checkShape(key, partition)
      const holders = before === undefined ? new Set(partition.isr) : new Set(before.holders)
      for (const id of wiped) holders.delete(id)
      if (before !== undefined && before.image !== partition) {
        this.#checkChange(key, before.image, partition, holders)
      }
      if (partition.leader >= 0) {
        // Members of the ISR have caught up; what is committed from now on, they alone have for sure.
        for (const id of partition.isr) holders.add(id)
        const minIsr = minIsrFor(this.controller.state, name) ?? 1
        if (partition.isr.length >= Math.min(minIsr, partition.replicas.length)) {
          for (const id of holders) if (!partition.isr.includes(id)) holders.delete(id)
        }
      }
      this.#held.set(key, { image: partition, holders })
    }
  }

  #checkChange(key: string, old: PartitionImage, now: PartitionImage, holders: Set<number>): void {
    const change = () => `${key}: ${JSON.stringify(old)} → ${JSON.stringify(now)}`
    ensure(now.partitionEpoch >= old.partitionEpoch, () => `partition epoch of ${change()}`)
    ensure(now.leaderEpoch >= old.leaderEpoch, () => `leader epoch of ${change()}`)
    const isNewLeader = now.leader !== old.leader
    ensure(!isNewLeader || now.leaderEpoch > old.leaderEpoch, () => `new leader of ${change()}`)
    if (isRevertOf(old, now)) {
      holders.clear()
      for (const id of now.isr) holders.add(id)
    }
    if (now.leader < 0 || now.leaderEpoch === old.leaderEpoch) return
    if (now.leaderRecoveryState === RECOVERING) {
      holders.clear()
      holders.add(now.leader)
      return
    }
    ensure(holders.has(now.leader), () => `leader without all of [${[...holders]}]: ${change()}`)
  }

  #checkActive(key: string, { leader, isr }: PartitionImage): void {
    const { image } = this.controller
    const isGood = leader < 0 || isr.every((id) => isActive(image, id))
    ensure(isGood, () => `${key} has members that are not active: ${isr}`)
  }
}

function ensure(condition: boolean, message: () => string): void {
  if (!condition) throw new Error(message())
}

const UNCLEAN = 'unclean.leader.election.enable'

/** A cancel that left the first of the old replicas alone in the ISR, where the topic allows a loss: as in Kafka. */
function isRevertOf(old: PartitionImage, now: PartitionImage): boolean {
  const wasThere = (id: number) => !old.addingReplicas.includes(id)
  const isReverted = old.addingReplicas.length > 0 && now.addingReplicas.length === 0
  return isReverted && !old.isr.some(wasThere) && now.isr.every(wasThere)
}

function checkShape(key: string, partition: PartitionImage): void {
  const { replicas, isr, elr, addingReplicas, removingReplicas, leader, directories } = partition
  const isGood = (ids: readonly number[]) =>
    new Set(ids).size === ids.length && ids.every((id) => replicas.includes(id))
  const stays = replicas.filter((id) => !removingReplicas.includes(id))
  ensure(
    stays.length > 0 &&
      directories.length === replicas.length &&
      [replicas, isr, elr, addingReplicas, removingReplicas].every(isGood) &&
      !isr.some((id) => elr.includes(id)) &&
      (leader < 0 || isr.includes(leader)),
    () => `${key} makes no sense: ${JSON.stringify(partition)}`,
  )
}

describe.each([
  ['in one turn', 500],
  ['in pieces', 2],
])('brokers come and go %s', (_, changesPerTurnMax) => {
  test.each(Array.from({ length: 12 }, (_unused, seed) => seed))('seed %d', (seed) => {
    const scenario = new Scenario(`${changesPerTurnMax}/${seed}`, changesPerTurnMax)
    try {
      for (let step = 0; step < STEPS; step++) scenario.step()
      scenario.settle()
      expect(scenario.underWay(), 'reassignments that do not end').toBe(0)
      expect(scenario.isRepairing).toBe(false)
    } catch (error) {
      console.log(scenario.transcript.slice(-25).join('\n'))
      throw error
    }
  })
})
