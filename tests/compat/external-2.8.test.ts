// Apache Kafka 2.8.0 with ZooKeeper, attached by the console, its metrics by Jolokia.
import { expect, test } from 'vitest'
import { account, SLOW, startWalk } from '../support/console-walk.ts'
import { externalKafkaTests } from '../support/external-kafka.ts'
import { launchBrowser } from '../support/eyrie-console.ts'

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

test('its pages are whole, and say what so old a broker lacks', async () => {
  const browser = await launchBrowser()
  try {
    const look = { locale: 'en', theme: 'light', width: 1440 } as const
    const walk = await startWalk(browser, attached().url, look, account)
    const pages = ['', '/topics', '/topics/orders', '/brokers', '/brokers/1', '/groups']
    const others = ['/groups/readers', '/quorum', '/config', '/lag', '/metrics', '/events']
    for (const path of [...pages, ...others]) {
      await walk.go(`/clusters/old-kafka${path}`)
      await walk.inspect(path)
    }
    await walk.go('/clusters/old-kafka/quorum')
    await walk.page.getByText(walk.t('quorum.zookeeperTitle'), { exact: true }).waitFor(SLOW)
  } finally {
    await browser.close()
  }
})
