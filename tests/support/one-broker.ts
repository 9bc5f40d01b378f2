// kafkajs asks any broker of a cluster; what has been told to all is shown by asking each.
import { connect } from 'node:net'
import { type Admin, ConfigResourceTypes, Kafka, logLevel } from 'kafkajs'

/** An admin client that asks the broker at `address` (`host:port`) only, whichever kafkajs picks. */
export function adminOfOne(address: string): Admin {
  const [host = '', port = ''] = address.split(':')
  const socketFactory = ({ onConnect }: { onConnect: () => void }) =>
    connect(Number(port), host, onConnect)
  return new Kafka({ brokers: [address], socketFactory, logLevel: logLevel.NOTHING }).admin()
}

async function ask<Answer>(address: string, use: (admin: Admin) => Promise<Answer>) {
  const admin = adminOfOne(address)
  await admin.connect()
  try {
    return await use(admin)
  } finally {
    await admin.disconnect()
  }
}

/** The ids of the brokers that the one at `address` knows of, in order. */
export async function brokersKnownTo(address: string): Promise<number[]> {
  const { brokers } = await ask(address, (admin) => admin.describeCluster())
  return brokers.map(({ nodeId }) => nodeId).sort((a, b) => a - b)
}

/** The partitions of these topics, all unless told, as the broker at `address` knows them, in order in each topic. */
export async function partitionsKnownTo(address: string, topics: readonly string[] = []) {
  const told = await ask(address, (admin) => admin.fetchTopicMetadata({ topics: [...topics] }))
  return told.topics.flatMap(({ partitions }) =>
    [...partitions].sort((a, b) => a.partitionId - b.partitionId),
  )
}

/** What the broker at `address` says of a setting of a topic. */
export async function topicConfigKnownTo(address: string, topic: string, config: string) {
  const resources = [{ type: ConfigResourceTypes.TOPIC, name: topic, configNames: [config] }]
  const told = await ask(address, (admin) =>
    admin.describeConfigs({ resources, includeSynonyms: false }),
  )
  return told.resources[0]?.configEntries[0]?.configValue ?? null
}
