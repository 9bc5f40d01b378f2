// An older Apache Kafka attached on the clusters page: what is asked of every version, by the API.
import { type Admin, Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ClusterTestEvent } from '../../contracts/cluster-definitions.ts'
import { type PeerCluster, startPeer } from './apache-kafka.ts'
import { account } from './console-walk.ts'
import { createTopics } from './create-topics.ts'
import { freePort, until } from './eyrie-cluster.ts'
import { type EyrieConsole, startConsole } from './eyrie-console.ts'

const token = 'external-kafka-token-of-thirty-two-characters-or-more'
const CLUSTER = 'old-kafka'

interface ExternalKafka {
  /** Of the console. */
  url: string
  /** Of this cluster: `/topics`. */
  api<T>(path: string, init?: { method?: string; body?: object }): Promise<T>
}

interface Setting {
  version: string
  metrics: 'jolokia' | 'prometheus'
}

async function fill(kafka: PeerCluster): Promise<void> {
  const client = new Kafka({ brokers: kafka.bootstrap.split(','), logLevel: logLevel.NOTHING })
  const admin = client.admin()
  await admin.connect()
  const topics = [{ topic: 'orders', numPartitions: 2, replicationFactor: 2 }]
  await until('the brokers take a topic', async () => {
    const { brokers } = await admin.describeCluster()
    return brokers.length === 2
  })
  await createTopics(admin, topics)
  await writeAndRead(client)
  await swapReplicas(admin)
  await admin.disconnect()
}

/** Thirty records in `orders`, all of them read by the group `readers`. */
export async function writeAndRead(client: Kafka): Promise<void> {
  // Leaders may still move just after the start: what is sent again must not be there twice.
  const producer = client.producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  const messages = Array.from({ length: 30 }, (_, i) => ({ key: `k${i}`, value: `{"id":${i}}` }))
  await producer.send({ topic: 'orders', messages })
  await producer.disconnect()
  const consumer = client.consumer({ groupId: 'readers' })
  await consumer.connect()
  await consumer.subscribe({ topics: ['orders'], fromBeginning: true })
  // A group may begin anew while it comes up, and read twice what it had not committed.
  const seen = new Set<string>()
  const crashes: string[] = []
  consumer.on('consumer.crash', ({ payload }) => void crashes.push(String(payload.error)))
  await consumer.run({
    eachMessage: async ({ partition, message }) => void seen.add(`${partition}/${message.offset}`),
  })
  await until('all is read', () => seen.size === 30, 120_000).catch((error: unknown) => {
    throw new Error(`${error}; ${seen.size} read, crashes: ${crashes.join(', ') || 'none'}`)
  })
  await consumer.stop()
  await consumer.disconnect()
}

/** The other replica becomes the preferred one, so that there is something to elect. */
async function swapReplicas(admin: Admin): Promise<void> {
  const { topics } = await admin.fetchTopicMetadata({ topics: ['orders'] })
  const partitionAssignment = (topics[0]?.partitions ?? []).map(({ partitionId, replicas }) => ({
    partition: partitionId,
    replicas: [...replicas].reverse(),
  }))
  await admin.alterPartitionReassignments({
    topics: [{ topic: 'orders', partitionAssignment }],
    timeout: 60_000,
  })
}

interface ConnectionTest {
  isUsable: boolean
  items: { step: string; outcome: string }[]
}

/** Out of the events that told it. */
function testOf(text: string): ConnectionTest {
  const events = text
    .split('\n\n')
    .filter((block) => block.startsWith('data: '))
    .map((block): ClusterTestEvent => JSON.parse(block.slice('data: '.length)))
  return {
    isUsable: events.some((event) => event.type === 'end' && event.isUsable),
    items: events.flatMap((event) => (event.type === 'result' ? [event.result] : [])),
  }
}

async function attach(eyrie: EyrieConsole, kafka: PeerCluster, options: { metrics: object }) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const post = async (path: string, body: object) => {
    const init = { method: 'POST', headers, body: JSON.stringify(body) }
    const response = await fetch(`${eyrie.url}/api/v1${path}`, init)
    const text = await response.text()
    expect(response.status, text).toBeLessThan(300)
    return text
  }
  const bootstrapServers = kafka.bootstrap.split(',')
  const connection = { bootstrapServers, tls: null, sasl: null, metrics: options.metrics }
  let tested: ConnectionTest = { isUsable: false, items: [] }
  // A broker whose port is open may still be starting.
  await until('each step of the test works', async () => {
    tested = testOf(await post('/cluster-tests', connection))
    return tested.items.every((item) => item.outcome !== 'failed')
  })
  const body = { name: 'Old Kafka', isProduction: true, ...connection }
  expect(JSON.parse(await post('/clusters', body)).id).toBe(CLUSTER)
  return tested
}

/** Registers the tests that every version has to pass; gives what further tests need. */
export function externalKafkaTests({ version, metrics: kind }: Setting): () => ExternalKafka {
  let kafka: PeerCluster
  let eyrie: EyrieConsole
  let tested: ConnectionTest

  const api = async <T>(path: string, init: { method?: string; body?: object } = {}) => {
    const response = await fetch(`${eyrie.url}/api/v1/clusters/${CLUSTER}${path}`, {
      method: init.method ?? 'GET',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(init.body && { body: JSON.stringify(init.body) }),
    })
    expect(response.status, `${path}: ${await response.clone().text()}`).toBeLessThan(400)
    return (await response.json()) as T
  }
  beforeAll(async () => {
    const port = await freePort()
    const agents = port + 200
    const agent = kind === 'jolokia' ? '--jolokia' : '--exporter'
    const args = ['--version', version, '--heap', '384m', '--port', String(port)]
    const env = {
      EYRIE_ADMIN_EMAIL: account.email,
      EYRIE_ADMIN_PASSWORD: account.password,
      EYRIE_API_TOKEN: token,
      EYRIE_BROKERS: '1',
    }
    kafka = await startPeer({
      brokers: 2,
      args: [...args, agent, String(agents)],
      // Else, every five minutes, it would do what the test of elections is to do.
      properties: { 'auto.leader.rebalance.enable': 'false' },
    })
    eyrie = await startConsole(env)
    const end = kind === 'jolokia' ? '/jolokia/' : '/metrics'
    const url = `http://{host}:{port+${agents - port}}${end}`
    tested = await attach(eyrie, kafka, { metrics: { kind, url } })
    await fill(kafka)
    await until('it has read the cluster', async () => {
      const { items } = await api<{ items: { id: string }[] }>('/groups')
      return items.some((group) => group.id === 'readers')
    })
  }, 480_000)
  afterAll(async () => {
    await Promise.all([eyrie?.stop(), kafka?.down()])
  })

  test('the test of the connection finds every step working', () => {
    const poor = tested.items.filter((item) => item.outcome === 'failed')
    expect(poor, JSON.stringify(tested.items)).toEqual([])
    expect(tested.isUsable).toBe(true)
    expect(new Set(tested.items.map((item) => item.step))).toContain('metrics')
  })

  test('topics are listed, made and deleted; messages are written and read', async () => {
    await api('/topics', { method: 'POST', body: { name: 'made-here', partitions: 3 } })
    const names = async () => {
      const { items } = await api<{ items: { name: string }[] }>('/topics')
      return items.map((topic) => topic.name)
    }
    await until('both are listed', async () => {
      const listed = await names()
      return listed.includes('orders') && listed.includes('made-here')
    })
    const body = { key: 'k', value: 'written by Eyrie' }
    await api('/topics/made-here/messages', { method: 'POST', body })
    const found = await api<{ items: { value: string }[] }>(
      '/topics/made-here/messages?from=oldest&limit=10',
    )
    expect(JSON.stringify(found.items)).toContain('written by Eyrie')
    await api('/topics/made-here', { method: 'DELETE' })
    await until('it is gone', async () => !(await names()).includes('made-here'))
  })

  test('a group has its lag, and its offsets go back', async () => {
    const group = () => api<{ totalLag: number | null }>('/groups/readers')
    await until('it has read everything', async () => (await group()).totalLag === 0)
    const body = { to: 'earliest', dryRun: false }
    await api('/groups/readers/offsets', { method: 'POST', body })
    await until('all is ahead of it again', async () => (await group()).totalLag === 30)
  })

  test('configs of a topic and of all brokers are set and set back', async () => {
    for (const [path, name, value] of [
      ['/topics/orders/configs', 'retention.ms', '3600000'],
      ['/brokers/default/configs', 'log.cleaner.threads', '2'],
    ] as const) {
      const entry = async () => {
        const { items } = await api<{ items: { name: string; value: string }[] }>(path)
        return items.find((item) => item.name === name)?.value
      }
      await api(path, { method: 'PATCH', body: { set: { [name]: value } } })
      await until(`${name} is set`, async () => (await entry()) === value)
      await api(path, { method: 'PATCH', body: { delete: [name] } })
      await until(`${name} is as it was`, async () => (await entry()) !== value)
    }
  })

  test('preferred leaders are elected', async () => {
    type Election = { items: { outcome: string; preferred: number; leaderAfter: number }[] }
    const elect = (dryRun: boolean) =>
      api<Election>('/elections', { method: 'POST', body: { type: 'preferred', dryRun } })
    await until(
      'the election has something to do',
      async () => (await elect(true)).items.length > 0,
    )
    const { items } = await elect(false)
    expect(items.map((item) => item.outcome)).not.toContain('failed')
    expect(items.every((item) => item.leaderAfter === item.preferred)).toBe(true)
    await until('nothing is left to do', async () => (await elect(true)).items.length === 0)
  })

  test(`brokers have their figures by ${kind}`, async () => {
    type Item = { id: number; produceP99Ms: number | null; bytesInRate: number | null }
    const brokers = async () => (await api<{ items: Item[] }>('/brokers')).items
    await until('rates are known', async () =>
      (await brokers()).some((item) => item.bytesInRate !== null),
    )
    await until('times are known', async () =>
      (await brokers()).some((item) => item.produceP99Ms !== null),
    )
    expect((await brokers()).map((item) => item.id)).toEqual([1, 2])
  })

  return () => ({ url: eyrie.url, api })
}
