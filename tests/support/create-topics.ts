// Topics made through kafkajs, on a cluster of any kind, and there for whoever comes next.
import type { Admin, ITopicConfig } from 'kafkajs'
import { until } from './eyrie-cluster.ts'

/** As kafkajs does it, but for a broker that hears of the topics a moment later: kafkajs takes that for a failure. */
export async function createTopics(admin: Admin, topics: ITopicConfig[]): Promise<void> {
  await admin.createTopics({ topics, waitForLeaders: false, timeout: 30_000 })
  const names = topics.map(({ topic }) => topic)
  await until('the topics have leaders', async () => {
    const told = await admin.fetchTopicMetadata({ topics: names }).catch(() => null)
    const partitions = told?.topics.flatMap((topic) => topic.partitions) ?? []
    return partitions.length > 0 && partitions.every(({ leader }) => leader >= 0)
  })
}
