// Topics made through kafkajs, on a cluster of any kind, and there for whoever comes next.
import type { Admin, ITopicConfig } from 'kafkajs'
import { until } from './eyrie-cluster.ts'
import { adminOfOne } from './one-broker.ts'

/**
 * As kafkajs does it, but for brokers that hear of the topics a moment later: kafkajs asks one of them, and takes that
 * for a failure. Resolves when every broker that serves names a leader for each partition. No TLS, no SASL.
 */
export async function createTopics(admin: Admin, topics: ITopicConfig[]): Promise<void> {
  await admin.createTopics({ topics, waitForLeaders: false, timeout: 60_000 })
  const { brokers } = await admin.describeCluster()
  for (const { host, port } of brokers) await haveLeaders(`${host}:${port}`, topics)
}

async function haveLeaders(address: string, topics: ITopicConfig[]): Promise<void> {
  const admin = adminOfOne(address)
  await admin.connect()
  try {
    await until(`the topics have leaders, says ${address}`, async () => {
      const names = topics.map(({ topic }) => topic)
      const told = await admin.fetchTopicMetadata({ topics: names }).catch(() => null)
      const partitions = told?.topics.flatMap((topic) => topic.partitions) ?? []
      return partitions.length > 0 && partitions.every(({ leader }) => leader >= 0)
    })
  } finally {
    await admin.disconnect()
  }
}
