// The same console attached to a real Apache Kafka 4.3.1: every page, an election's preview, a config change.
// Without Jolokia it says what is missing instead of showing zero.
import { Kafka, logLevel } from 'kafkajs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import en from '../../messages/en.json' with { type: 'json' }
import { type PeerCluster, startPeer } from '../support/apache-kafka.ts'
import { createTopics } from '../support/create-topics.ts'
import { writeAndRead } from '../support/external-kafka.ts'
import { until } from '../support/eyrie-cluster.ts'
import { type EyrieConsole, launchBrowser, startConsole } from '../support/eyrie-console.ts'

const token = 'external-cluster-token-of-thirty-two-characters-or-more'
const account = {
  EYRIE_ADMIN_EMAIL: 'ada@example.com',
  EYRIE_ADMIN_PASSWORD: 'a long enough password',
}
const SLOW = { timeout: 120_000 }
let kafka: PeerCluster
let eyrie: EyrieConsole
let browser: Browser
let page: Page
const errors: string[] = []

async function api<T>(path: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(`${eyrie.url}/api/v1/clusters/peer${path}`, {
    ...init,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  })
  expect(response.status, `${path}: ${await response.clone().text()}`).toBeLessThan(400)
  return (await response.json()) as T
}

beforeAll(async () => {
  kafka = await startPeer({ brokers: 3 })
  const client = new Kafka({ brokers: kafka.bootstrap.split(','), logLevel: logLevel.NOTHING })
  const admin = client.admin()
  await admin.connect()
  await createTopics(admin, [{ topic: 'orders', numPartitions: 3, replicationFactor: 3 }])
  await admin.disconnect()
  await writeAndRead(client)

  eyrie = await startConsole({
    ...account,
    EYRIE_API_TOKEN: token,
    EYRIE_BROKERS: '1',
    EYRIE_CLUSTERS: `peer=${kafka.bootstrap}`,
  })
  browser = await launchBrowser()
  page = await browser.newPage({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' })
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`${page.url()}: ${message.text()}`)
  })
  await page.goto(`${eyrie.url}/sign-in`)
  await page.locator('input[name=email]').fill(account.EYRIE_ADMIN_EMAIL)
  await page.locator('input[name=password]').fill(account.EYRIE_ADMIN_PASSWORD)
  await page.locator('button[type=submit]').click()
  await page.waitForURL(/\/clusters\//, SLOW)
  await until('it has read the cluster', async () => {
    const { items } = await api<{ items: unknown[] }>('/topics')
    return items.length > 0
  })
  errors.length = 0
})
afterAll(async () => {
  await browser?.close()
  await Promise.all([eyrie?.stop(), kafka?.down()])
})

test.each([
  '',
  '/topics',
  '/topics/orders',
  '/topics/orders?tab=messages',
  '/topics/orders?tab=readers',
  '/topics/orders?tab=config',
  '/groups',
  '/groups/readers',
  '/brokers',
  '/brokers/1',
  '/lag',
  '/quorum',
  '/events',
  '/metrics',
  '/config',
])('page %s shows the external cluster', async (path) => {
  await page.goto(`${eyrie.url}/clusters/peer${path}`)
  await page.locator('h1').first().waitFor(SLOW)
  await expect.poll(() => page.locator('main .animate-breathe').count(), SLOW).toBe(0)
  expect(await page.locator('main').innerText()).not.toMatch(/undefined|NaN|\[object/)
  expect(errors).toEqual([])
})

test('what the cluster does not tell is said, not shown as zero', async () => {
  const main = page.locator('main')
  await page.goto(`${eyrie.url}/clusters/peer/metrics?charts=bytes-in,bytes-out,cpu`)
  const said = () => main.getByText(en.missing['no-jmx'], { exact: true }).count()
  await expect.poll(said, SLOW).toBe(3)
  expect(await main.locator('svg.recharts-surface').count()).toBe(0)
  await page.goto(`${eyrie.url}/clusters/peer/brokers`)
  const row = main.getByRole('row').nth(1)
  await row.getByTitle(en.missing['no-jmx']).first().waitFor(SLOW)
  expect(await row.innerText()).not.toMatch(/\b0(\.0)? ?(B|KB|ms)?\/s/)
})

test('lag is that of the group, in records and in time; events tell what was seen', async () => {
  const main = page.locator('main')
  await page.goto(`${eyrie.url}/clusters/peer/lag`)
  await main.getByText('readers', { exact: true }).first().waitFor(SLOW)
  const lag = async () => (await api<{ totalLag: number | null }>('/groups/readers')).totalLag
  await expect.poll(lag, SLOW).toBe(0)
  const { items } = await api<{ items: { type: string }[] }>('/events')
  expect(items.map((event) => event.type)).toContain('collector')
})

test('messages, groups, quorum and brokers are those of Apache Kafka', async () => {
  const messages = await api<{ items: { key: string }[] }>(
    '/topics/orders/messages?from=oldest&limit=100',
  )
  expect(messages.items).toHaveLength(30)
  const groups = await api<{ items: { id: string }[] }>('/groups')
  expect(groups.items.map((group) => group.id)).toContain('readers')
  const brokers = await api<{ items: { id: number; metricsMissing: string | null }[] }>('/brokers')
  expect(brokers.items.map((broker) => broker.id)).toEqual([1, 2, 3])
  expect(brokers.items.every((broker) => broker.metricsMissing !== null)).toBe(true)
  const quorum = await api<{ voters: unknown[] }>('/quorum')
  expect(quorum.voters).toHaveLength(3)
})

test('a config is set, shown and set back; an election is previewed', async () => {
  const change = (body: object) =>
    api('/topics/orders/configs', { method: 'PATCH', body: JSON.stringify(body) })
  const read = async () => {
    const { items } = await api<{ items: { name: string; value: string; source: string }[] }>(
      '/topics/orders/configs',
    )
    return items.find((item) => item.name === 'retention.ms')
  }
  await change({ set: { 'retention.ms': '3600000' } })
  await until('it is there', async () => (await read())?.value === '3600000')
  await change({ delete: ['retention.ms'] })
  await until('it is gone', async () => (await read())?.source === 'default')
  const preview = await api<{ items: { outcome: string }[] }>('/elections', {
    method: 'POST',
    body: JSON.stringify({ type: 'preferred', partitions: null, dryRun: true }),
  })
  expect(preview.items.every((one) => one.outcome !== 'failed')).toBe(true)
})
