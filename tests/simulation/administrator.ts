// Creates and deletes topics and changes a config while faults go on: what was acknowledged must hold in the end.
import { ErrorCode } from '../../protocol/errors.ts'
import { CreateTopics } from '../../protocol/schemas/19-create-topics.ts'
import { DeleteTopics } from '../../protocol/schemas/20-delete-topics.ts'
import { IncrementalAlterConfigs } from '../../protocol/schemas/44-incremental-alter-configs.ts'
import { Client, type TopicHandle } from './client.ts'
import type { SimulatedCluster } from './cluster.ts'

const TOPIC_RESOURCE = 2
const SET = 0
const TIMEOUT_MS = 3000
/** Each topic costs all brokers something until the end. */
const TOPICS_MAX = 6
const CONFIG = 'retention.ms'
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

  constructor(cluster: SimulatedCluster, topic: TopicHandle) {
    this.#topic = topic
    this.#client = new Client(cluster)
    this.done = this.#run()
  }

  async #run(): Promise<void> {
    const { random } = this.#client.runtime
    while (!this.isStopping) {
      await this.#client.sleep(200 + random.int(1500))
      const roll = random.next()
      if (roll < 0.5) await this.#alter()
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
