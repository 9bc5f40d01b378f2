// Apache Kafka 3.9.1 with KRaft, attached by the console, its metrics by the Prometheus exporter.
import { expect, test } from 'vitest'
import { externalKafkaTests } from '../support/external-kafka.ts'

const attached = externalKafkaTests({ version: '3.9.1', metrics: 'prometheus' })

test('the quorum has two voters; disks tell their size', async () => {
  const { api } = attached()
  const quorum = await api<{ mode: string; voters: unknown[] }>('/quorum')
  expect(quorum.mode).toBe('kraft')
  expect(quorum.voters).toHaveLength(2)
  const broker = await api<{ logDirs: { totalBytes: number | null }[] }>('/brokers/1')
  expect(broker.logDirs[0]?.totalBytes).toBeGreaterThan(0)
})
