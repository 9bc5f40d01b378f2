// Apache Kafka 2.8.0 with ZooKeeper, attached by the console, its metrics by Jolokia.
import { expect, test } from 'vitest'
import { externalKafkaTests } from '../support/external-kafka.ts'

const attached = externalKafkaTests({ version: '2.8.0', metrics: 'jolokia' })

test('what ZooKeeper keeps and what the version lacks is said, not shown as zero', async () => {
  const { api } = attached()
  const quorum = await api<{ mode: string }>('/quorum')
  expect(quorum.mode).toBe('zookeeper')
  const { controllerId } = await api<{ controllerId: number | null }>('/overview')
  expect([1, 2]).toContain(controllerId)
  type Broker = { version: string | null; logDirs: { totalBytes: number | null }[] }
  const broker = await api<Broker>('/brokers/1')
  expect(broker.version).toBe('2.8.0')
  expect(broker.logDirs[0]?.totalBytes).toBeNull()
})
