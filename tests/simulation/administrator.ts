// Creates and deletes topics, changes a config and reassigns partitions while faults go on: what was acknowledged must
// hold in the end.
import { ErrorCode } from '../../protocol/errors.ts'
import { CreateTopics } from '../../protocol/schemas/19-create-topics.ts'
import { DeleteTopics } from '../../protocol/schemas/20-delete-topics.ts'
import { IncrementalAlterConfigs } from '../../protocol/schemas/44-incremental-alter-configs.ts'
import { AlterPartitionReassignments } from '../../protocol/schemas/45-alter-partition-reassignments.ts'
import { Client, type TopicHandle } from './client.ts'
import type { SimulatedCluster } from './cluster.ts'
import { pick } from './faults-processes.ts'

const TOPIC_RESOURCE = 2
const SET = 0
const TIMEOUT_MS = 3000
/** Each topic costs all brokers something until the end. */
const TOPICS_MAX = 6
const CONFIG = 'retention.ms'
const REPLICAS = 3
const FIRST_VALUE = 3_600_000

/** What was asked for; 'maybe' as long as nobody has said whether it was done. */
type Outcome = 'there' | 'gone' | 'maybe'

export class Administrator {
  isStopping = false
  readonly done: Promise<void>
  readonly topics = new Map<string, Outcome>()
  /** Steps of the config: asked for, acknowledged, and those that may yet be taken, in whatever order. */
  attempted = 0
  acknowledged = 0
  readonly #open = new Set<number>()
  readonly #client: Client
  readonly #topic: TopicHandle
  /** Topics whose partitions are reassigned too. */
  readonly #moved: readonly string[]

  constructor(cluster: SimulatedCluster, topic: TopicHandle, alsoMoved: readonly string[]) {
    this.#topic = topic
    this.#moved = alsoMoved
    this.#client = new Client(cluster)
    this.done = this.#run()
  }

  async #run(): Promise<void> {
    const { random } = this.#client.runtime
    while (!this.isStopping) {
      await this.#client.sleep(200 + random.int(1500))
      const roll = random.next()
      if (roll < 0.3) await this.#alter()
      else if (roll < 0.6) await this.#reassign()
      else if (roll < 0.8 && this.topics.size < TOPICS_MAX) await this.#create()
      else await this.#delete()
    }
  }

  async #create(): Promise<void> {
    const name = `made-${this.topics.size}`
    this.topics.set(name, 'maybe')
    const response = await this.#client.ask(this.#client.anyBroker(), CreateTopics, {
      topics: [{ name, numPartitions: 1, replicationFactor: 3 }],
      timeoutMs: TIMEOUT_MS,
    })
    if (response?.topics[0]?.errorCode === ErrorCode.NONE) this.topics.set(name, 'there')
  }

  async #delete(): Promise<void> {
    const name = [...this.topics].find(([, outcome]) => outcome === 'there')?.[0]
    if (name === undefined) return
    this.topics.set(name, 'maybe')
    const response = await this.#client.ask(this.#client.anyBroker(), DeleteTopics, {
      topics: [{ name }],
      topicNames: [name],
      timeoutMs: TIMEOUT_MS,
    })
    if (response?.responses[0]?.errorCode === ErrorCode.NONE) this.topics.set(name, 'gone')
  }

  async #alter(): Promise<void> {
    this.attempted++
    const value = String(FIRST_VALUE + this.attempted)
    const configs = [{ name: CONFIG, configOperation: SET, value }]
    const resources = [{ resourceType: TOPIC_RESOURCE, resourceName: this.#topic.name, configs }]
    const response = await this.#client.ask(this.#client.anyBroker(), IncrementalAlterConfigs, {
      resources,
    })
    const isDone = response?.responses[0]?.errorCode === ErrorCode.NONE
    if (isDone) this.acknowledged = this.attempted
    else this.#open.add(this.attempted)
  }

  /** Moves a partition to any three brokers, or takes back what is under way. Whether it works out does not matter. */
  async #reassign(): Promise<void> {
    const { random } = this.#client.runtime
    const { ids } = this.#client.cluster
    const others = [...ids]
    const replicas: number[] = []
    while (replicas.length < REPLICAS) {
      replicas.push(...others.splice(random.int(others.length), 1))
    }
    const name = pick(random, [this.#topic.name, ...this.#moved]) ?? this.#topic.name
    const partition = {
      partitionIndex: random.int(2),
      replicas: random.next() < 0.2 ? null : replicas,
    }
    this.#client.cluster.say(`reassign ${name}-${partition.partitionIndex} to ${replicas}`)
    await this.#client.ask(this.#client.anyBroker(), AlterPartitionReassignments, {
      timeoutMs: TIMEOUT_MS,
      topics: [{ name, partitions: [partition] }],
    })
  }

  /** What the metadata of a broker contradicts. */
  contradictions(has: (topic: string) => boolean, config: string | undefined): string[] {
    const wrong: string[] = []
    for (const [name, outcome] of this.topics) {
      if (outcome === 'there' && !has(name)) wrong.push(`${name}, whose creation was acknowledged`)
      if (outcome === 'gone' && has(name)) wrong.push(`no end of ${name}, though acknowledged`)
    }
    const step = config === undefined ? 0 : Number(config) - FIRST_VALUE
    if (step !== this.acknowledged && !this.#open.has(step)) {
      wrong.push(`${CONFIG} of step ${this.acknowledged} or ${[...this.#open]}, but of ${step}`)
    }
    return wrong
  }
}
