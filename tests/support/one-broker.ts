// kafkajs asks any broker of a cluster; what has been told to all is shown by asking each.
import { connect } from 'node:net'
import { type Admin, Kafka, logLevel } from 'kafkajs'

/** An admin client that asks the broker at `address` (`host:port`) only, whichever kafkajs picks. */
export function adminOfOne(address: string): Admin {
  const [host = '', port = ''] = address.split(':')
  const socketFactory = ({ onConnect }: { onConnect: () => void }) =>
    connect(Number(port), host, onConnect)
  return new Kafka({ brokers: [address], socketFactory, logLevel: logLevel.NOTHING }).admin()
}

/** The ids of the brokers that the one at `address` knows of, in order. */
export async function brokersKnownTo(address: string): Promise<number[]> {
  const admin = adminOfOne(address)
  await admin.connect()
  try {
    const { brokers } = await admin.describeCluster()
    return brokers.map(({ nodeId }) => nodeId).sort((a, b) => a - b)
  } finally {
    await admin.disconnect()
  }
}
