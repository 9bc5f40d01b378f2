// A change that is made to be seen: brokers hear of changes in their order, so that who knows of it knows of all before.
import { ConfigResourceTypes, Kafka, logLevel } from 'kafkajs'
import { createTopics } from './create-topics.ts'
import { until } from './eyrie-cluster.ts'
import { topicConfigKnownTo } from './one-broker.ts'

const TOPIC = 'marker'
const CONFIG = 'retention.ms'

/** On three brokers of either kind; its topic is there like any other. */
export class MetadataMarker {
  readonly #kafka: Kafka
  #value = 1_000_000

  private constructor(bootstrap: string) {
    this.#kafka = new Kafka({ brokers: bootstrap.split(','), logLevel: logLevel.NOTHING })
  }

  static async make(bootstrap: string): Promise<MetadataMarker> {
    const marker = new MetadataMarker(bootstrap)
    const replicaAssignment = [{ partition: 0, replicas: [1, 2, 3] }]
    await marker.#use((admin) => createTopics(admin, [{ topic: TOPIC, replicaAssignment }]))
    return marker
  }

  /** Resolves when each broker that serves knows of everything that the controller has answered by now. */
  async reached(): Promise<void> {
    this.#value += 1
    const value = String(this.#value)
    const configEntries = [{ name: CONFIG, value }]
    const resources = [{ type: ConfigResourceTypes.TOPIC, name: TOPIC, configEntries }]
    await this.#use(async (admin) => {
      await until('the marker is set', async () => {
        await admin.alterConfigs({ validateOnly: false, resources })
        return true
      })
      await until('all brokers know of the marker', async () => {
        const { brokers } = await admin.describeCluster()
        const known = brokers.map(({ host, port }) =>
          topicConfigKnownTo(`${host}:${port}`, TOPIC, CONFIG),
        )
        return (await Promise.all(known)).every((one) => one === value)
      })
    })
  }

  async #use(use: (admin: ReturnType<Kafka['admin']>) => Promise<void>): Promise<void> {
    const admin = this.#kafka.admin()
    await admin.connect()
    try {
      await use(admin)
    } finally {
      await admin.disconnect()
    }
  }
}
