import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { listAuditContract, listConfigChangesContract } from '../../contracts/audit.ts'
import {
  getBrokerContract,
  killBrokerContract,
  listBrokersContract,
  pauseBrokerContract,
  startBrokerContract,
} from '../../contracts/brokers.ts'
import { getClusterContract, listClustersContract } from '../../contracts/clusters.ts'
import {
  getBrokerConfigsContract,
  getTopicConfigsContract,
  patchBrokerConfigsContract,
  patchTopicConfigsContract,
} from '../../contracts/configs.ts'
import { electLeadersContract } from '../../contracts/elections.ts'
import {
  deleteGroupContract,
  getGroupContract,
  getGroupLagContract,
  listGroupsContract,
  resetOffsetsContract,
} from '../../contracts/groups.ts'
import {
  listMessagesContract,
  produceMessageContract,
  tailMessagesContract,
} from '../../contracts/messages.ts'
import { queryMetricsContract } from '../../contracts/metrics.ts'
import { getOverviewContract } from '../../contracts/overview.ts'
import { getQuorumContract } from '../../contracts/quorum.ts'
import { getReplicaMapContract } from '../../contracts/replica-map.ts'
import {
  addPartitionsContract,
  createTopicContract,
  deleteTopicContract,
  getTopicContract,
  listTopicsContract,
  purgeTopicContract,
} from '../../contracts/topics.ts'
import { allClusters } from '../../server/clusters/registry.ts'
import { ClusterLoop } from '../../server/collector/cluster-loop.ts'
import { closeDatabase, database } from '../../server/db/client.ts'
import { createApi } from '../support/console-api.ts'
import { type EyrieCluster, startEyrie, until } from '../support/eyrie-cluster.ts'

const TOKEN = 'a-token-for-automation-of-32-characters-and-more'
const api = createApi(TOKEN)
const cluster = 'embedded'
const topic = 'walk'
const group = 'walk/group 组'
const inTopic = { cluster, topic }
const inGroup = { cluster, group }

let eyrie: EyrieCluster
let stopCollector: () => Promise<void> = async () => undefined

/** The collector's loop in this process, at a pace for tests. */
async function startCollector(): Promise<() => Promise<void>> {
  const db = await database()
  const loops = await Promise.all(allClusters().map((one) => ClusterLoop.open(one, db)))
  const timer = setInterval(async () => {
    for (const loop of loops) loop.tick(Date.now(), { untilMs: 0, wantedMs: Date.now() })
  }, 300)
  return async () => {
    clearInterval(timer)
    await Promise.all(loops.map((loop) => loop.close()))
  }
}

beforeAll(async () => {
  eyrie = await startEyrie({ brokers: 3 })
  vi.stubEnv('EYRIE_DATA_DIR', eyrie.directory)
  vi.stubEnv('EYRIE_API_TOKEN', TOKEN)
  vi.stubEnv('EYRIE_EMBEDDED_BOOTSTRAP', eyrie.bootstrap)
  vi.stubEnv(
    'EYRIE_EMBEDDED_JOLOKIA',
    [1, 2, 3].map((id) => `${id}=${eyrie.jolokia(id)}`).join(';'),
  )
  stopCollector = await startCollector()
  await until('the collector has seen the cluster', async () => {
    const { asOf, brokersOnline } = await api.ask(getClusterContract, { params: { cluster } })
    return asOf !== null && brokersOnline === 3
  })
})
afterAll(async () => {
  await stopCollector()
  for (const { client } of allClusters()) client.close()
  await closeDatabase()
  await eyrie?.down()
  vi.unstubAllEnvs()
})

describe('the cluster', () => {
  test('is listed as embedded and seen whole', async () => {
    const { items } = await api.ask(listClustersContract)
    expect(items.map(({ id, kind }) => [id, kind])).toEqual([[cluster, 'embedded']])
    const brokers = await api.ask(listBrokersContract, { params: { cluster } })
    expect(brokers.items.map(({ id, isOnline }) => [id, isOnline])).toEqual([
      [1, true],
      [2, true],
      [3, true],
    ])
    expect(brokers.items.filter(({ isController }) => isController).length).toBe(1)
    expect(brokers.items.every(({ process }) => process?.state === 'running')).toBe(true)
    const quorum = await api.ask(getQuorumContract, { params: { cluster } })
    expect(quorum).toMatchObject({ mode: 'kraft', leaderEpoch: expect.any(Number) })
    expect(quorum.voters.map(({ id }) => id).sort()).toEqual([1, 2, 3])
    expect(quorum.voters.filter(({ isLeader }) => isLeader).length).toBe(1)
  })
})

describe('topics', () => {
  test('are created with configs, refused twice, listed and described', async () => {
    const body = { name: topic, partitions: 4, configs: { 'retention.ms': '3600000' } }
    const planned = await api.ask(createTopicContract, {
      params: { cluster },
      body: { ...body, dryRun: true },
    })
    expect(planned.dryRun).toBe(true)
    const made = await api.try(createTopicContract, { params: { cluster }, body })
    expect([made.status, made.json.replicationFactor]).toEqual([201, 3])
    const again = await api.try(createTopicContract, { params: { cluster }, body })
    expect(again).toMatchObject({
      status: 409,
      problem: { code: 'conflict', kafkaError: 'TOPIC_ALREADY_EXISTS' },
    })
    // Any broker is asked: one may hear of the topic later than the one that was asked before.
    const listed = async () => {
      const query = { search: 'wal', sort: '-partitions' } as const
      const { items } = await api.ask(listTopicsContract, { params: { cluster }, query })
      return items.map(({ name, partitions }) => [name, partitions])
    }
    await expect.poll(listed).toEqual([[topic, 4]])
    const inSync = async () => {
      const { partitionDetails } = await api.ask(getTopicContract, { params: inTopic })
      return partitionDetails.map(({ isr }) => isr.length)
    }
    await expect.poll(inSync).toEqual([3, 3, 3, 3])
    expect((await api.try(getTopicContract, { params: { cluster, topic: 'none' } })).status).toBe(
      404,
    )
  })

  test('get more partitions, never fewer', async () => {
    await api.ask(addPartitionsContract, { params: inTopic, body: { count: 6 } })
    const fewer = await api.try(addPartitionsContract, { params: inTopic, body: { count: 2 } })
    expect(fewer).toMatchObject({ status: 400, problem: { kafkaError: 'INVALID_PARTITIONS' } })
    const mapped = async () => {
      const map = await api.ask(getReplicaMapContract, { params: { cluster }, query: { topic } })
      return map.topics[0]?.partitions.length
    }
    await expect.poll(mapped).toBe(6)
  })
})

describe('messages', () => {
  test('keep 64-bit integers, bytes, tombstones and headers exact', async () => {
    const value = '{"id":9007199254740993123,"a":[1, 2]}'
    const produce = (body: Parameters<typeof send>[0]) => send(body)
    const send = (body: {
      key?: string
      value: string | null
      valueEncoding?: 'base64'
      partition?: number
      compression?: 'gzip' | 'zstd'
      headers?: { key: string; value: string }[]
    }) => api.ask(produceMessageContract, { params: inTopic, body })
    await produce({ key: 'k', value, partition: 0, headers: [{ key: 'h', value: 'v' }] })
    await produce({ value: 'AP8=', valueEncoding: 'base64', partition: 0, compression: 'gzip' })
    await produce({ key: 'dead', value: null, partition: 0, compression: 'zstd' })
    const { items, scanned } = await api.ask(listMessagesContract, {
      params: inTopic,
      query: { from: 'oldest', partition: 0 },
    })
    expect(scanned).toBe(3)
    expect(items.map((m) => [m.offset, m.value, m.valueFormat, m.compression])).toEqual([
      [0, value, 'json', 'none'],
      [1, 'AP8=', 'binary', 'gzip'],
      [2, null, 'null', 'zstd'],
    ])
    expect(items[0]?.headers).toEqual([{ key: 'h', value: 'v', format: 'text' }])
  })

  test('are found by what they contain', async () => {
    const { matched, items } = await api.ask(listMessagesContract, {
      params: inTopic,
      query: { contains: '9007199254740993', in: 'value' },
    })
    expect([matched, items.length, items[0]?.key]).toEqual([1, 1, 'k'])
  })

  test('arrive in the live tail', async () => {
    const stop = new AbortController()
    const response = await api.open(tailMessagesContract, { params: inTopic, signal: stop.signal })
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    let text = (await reader?.read())?.value ?? ''
    while (!text.includes('data:')) text += (await reader?.read())?.value ?? ''
    await api.ask(produceMessageContract, { params: inTopic, body: { value: 'tailed' } })
    while (!text.includes('tailed')) text += (await reader?.read())?.value ?? ''
    stop.abort()
    expect(text).toContain('"value":"tailed"')
  })

  test('are purged up to the high watermark', async () => {
    const { items } = await api.ask(purgeTopicContract, { params: inTopic, body: {} })
    expect(items.find(({ partition }) => partition === 0)?.logStart).toBeGreaterThanOrEqual(3)
    const left = await api.ask(listMessagesContract, { params: inTopic, query: { from: 'oldest' } })
    expect(left.items).toEqual([])
  })
})

describe('configs', () => {
  test('of a topic are previewed, applied, set back, and remembered', async () => {
    const set = { 'max.message.bytes': '2000000' }
    const plan = await api.ask(patchTopicConfigsContract, {
      params: inTopic,
      body: { set, delete: ['retention.ms'], dryRun: true },
    })
    expect(plan.changes.map(({ name }) => name).sort()).toEqual([
      'max.message.bytes',
      'retention.ms',
    ])
    await api.ask(patchTopicConfigsContract, { params: inTopic, body: { set } })
    const entry = async (of: string) => {
      const { items } = await api.ask(getTopicConfigsContract, { params: inTopic })
      return items.find(({ name }) => name === of)
    }
    const changed = { value: '2000000', source: 'topic', isReadOnly: false }
    await expect.poll(() => entry('max.message.bytes')).toMatchObject(changed)
    expect((await entry('retention.ms'))?.value).toBe('3600000')
    const bad = await api.try(patchTopicConfigsContract, {
      params: inTopic,
      body: { set: { 'max.message.bytes': 'many' } },
    })
    expect(bad).toMatchObject({ status: 400, problem: { kafkaError: 'INVALID_CONFIG' } })
    const history = await api.ask(listConfigChangesContract, {
      params: { cluster },
      query: { entityType: 'topic', entity: topic },
    })
    expect(history.items).toEqual([
      expect.objectContaining({ actor: 'api-token', name: 'max.message.bytes', after: '2000000' }),
    ])
  })

  test('of the cluster-wide default reach the brokers', async () => {
    const byDefault = { cluster, broker: 'default' as const }
    const set = { 'log.cleaner.backoff.ms': '16000' }
    await api.ask(patchBrokerConfigsContract, { params: byDefault, body: { set } })
    await until('broker 1 tells the new default', async () => {
      const { items } = await api.ask(getBrokerConfigsContract, { params: { cluster, broker: 1 } })
      const entry = items.find(({ name }) => name === 'log.cleaner.backoff.ms')
      return entry?.value === '16000' && entry.source === 'broker-default'
    })
    const fixed = await api.try(patchBrokerConfigsContract, {
      params: { cluster, broker: 1 },
      body: { set: { 'node.id': '7' } },
    })
    expect(fixed.status).toBe(400)
  })
})

describe('groups', () => {
  test('get committed offsets, with a preview first, and a lag history', async () => {
    await api.ask(produceMessageContract, { params: inTopic, body: { value: 'x', partition: 1 } })
    const to = { to: 'earliest' as const, partitions: [{ topic }] }
    const plan = await api.ask(resetOffsetsContract, {
      params: inGroup,
      body: { ...to, dryRun: true },
    })
    expect(plan.items.map(({ before }) => before)).toEqual(Array(6).fill(null))
    const done = await api.ask(resetOffsetsContract, { params: inGroup, body: to })
    expect(done.items.every(({ error }) => error === null)).toBe(true)
    expect(done.items.find(({ partition }) => partition === 1)?.lagAfter).toBe(1)
    await until('the group is listed with its lag', async () => {
      const { items } = await api.ask(listGroupsContract, { params: { cluster } })
      return items.some(({ id, totalLag }) => id === group && totalLag === 1)
    })
    const detail = await api.ask(getGroupContract, { params: inGroup })
    expect(detail).toMatchObject({ id: group, state: 'Empty', isDeleted: false })
    await until('the lag has points', async () => {
      const { series } = await api.ask(getGroupLagContract, { params: inGroup })
      const total = series.find(({ partition }) => partition === null)
      return total?.points.some(({ lag }) => lag === 1) ?? false
    })
  })

  test('are deleted, and keep their history', async () => {
    await api.ask(deleteGroupContract, { params: inGroup })
    await until('the group is marked deleted', async () => {
      const { json } = await api.try(getGroupContract, { params: inGroup })
      return json.isDeleted === true
    })
    const { series } = await api.ask(getGroupLagContract, { params: inGroup })
    expect(series.length).toBeGreaterThan(0)
    const gone = await api.try(deleteGroupContract, { params: { cluster, group: 'never' } })
    expect(gone).toMatchObject({ status: 404, problem: { kafkaError: 'GROUP_ID_NOT_FOUND' } })
  })
})

describe('a killed broker', () => {
  test('is announced before, seen after, and led back by an election', async () => {
    const params = { cluster, broker: 1 }
    const { impact } = await api.ask(killBrokerContract, { params, body: { dryRun: true } })
    const moving = impact.filter(({ effect }) => effect === 'leader-moves')
    expect(moving.length).toBeGreaterThan(0)
    await api.ask(killBrokerContract, { params, body: {} })
    await until('the leaders moved as announced', async () => {
      const detail = await api.ask(getTopicContract, { params: inTopic })
      return moving
        .filter((one) => one.topic === topic)
        .every(({ partition, leaderAfter }) => {
          const now = detail.partitionDetails.find((one) => one.partition === partition)
          return now?.leader === leaderAfter && !now.isr.includes(1)
        })
    })
    // The overview speaks of the collector's last look, the topic of this moment.
    await until('the overview says so', async () => {
      const { verdict, reasons } = await api.ask(getOverviewContract, { params: { cluster } })
      return verdict !== 'healthy' && reasons.some(({ subject }) => subject === '1')
    })
    const twice = await api.try(killBrokerContract, { params, body: {} })
    expect(twice).toMatchObject({ status: 409, problem: { code: 'conflict' } })

    await api.ask(startBrokerContract, { params, body: {} })
    await until('broker 1 is in every ISR again', async () => {
      const { replicasOutOfSync, isOnline } = await api.ask(getBrokerContract, { params })
      return isOnline && replicasOutOfSync === 0
    })
    const body = { type: 'preferred' as const, partitions: null }
    const plan = await api.ask(electLeadersContract, {
      params: { cluster },
      body: { ...body, dryRun: true },
    })
    expect(plan.items.every(({ outcome }) => outcome === 'will-move')).toBe(true)
    expect(plan.total).toBeGreaterThan(0)
    const done = await api.ask(electLeadersContract, { params: { cluster }, body })
    expect(done.items.every(({ outcome }) => outcome === 'moved')).toBe(true)
    expect(done.leadersAfter).toEqual(plan.leadersAfter)
  })
})

describe('a paused broker', () => {
  test('delays the reading of the others by no more than its deadline', async () => {
    const params = { cluster, broker: 3 }
    const asOf = async () => (await api.ask(getOverviewContract, { params: { cluster } })).asOf ?? 0
    await api.ask(pauseBrokerContract, { params, body: {} })
    try {
      const pausedMs = Date.now()
      await until('a reading was begun and ended since', async () => (await asOf()) > pausedMs)
      const firstMs = await asOf()
      await until('and the next', async () => (await asOf()) > firstMs, 20_000)
      const { items } = await api.ask(listBrokersContract, { params: { cluster } })
      expect(items.find(({ id }) => id === 3)?.process?.state).toBe('paused')
      await until('the others are read whole', async () => {
        const { items } = await api.ask(listBrokersContract, { params: { cluster } })
        const others = items.filter(({ id }) => id !== 3)
        return others.every(({ isOnline, metricsMissing }) => isOnline && !metricsMissing)
      })
      await until('leaders are elsewhere', async () => {
        const { partitionDetails } = await api.ask(getTopicContract, { params: inTopic })
        return partitionDetails.every(({ leader }) => leader === 1 || leader === 2)
      })
    } finally {
      await api.ask(startBrokerContract, { params, body: {} })
    }
    await until('broker 3 is in every ISR again', async () => {
      const { replicasOutOfSync, isOnline } = await api.ask(getBrokerContract, { params })
      return isOnline && replicasOutOfSync === 0
    })
  })
})

describe('afterwards', () => {
  test('rates of the brokers come from their metrics', async () => {
    // A rate needs two looks of the collector after the brokers' last restart.
    await until('the topic has a rate', async () => {
      const { series, missing } = await api.ask(queryMetricsContract, {
        params: { cluster },
        query: { metric: 'messages-in-rate', by: 'topic' },
      })
      return missing === null && series.some(({ name }) => name === topic)
    })
    // A source that did not answer is left alone for a while.
    await until('all brokers give metrics again', async () => {
      const { items } = await api.ask(listBrokersContract, { params: { cluster } })
      return items.every(({ metricsMissing, version }) => metricsMissing === null && version)
    })
  })

  test('the topic goes, and everything is in the audit log', async () => {
    await api.ask(deleteTopicContract, { params: inTopic })
    await until('the topic is off the list', async () => {
      const { items } = await api.ask(listTopicsContract, { params: { cluster } })
      return !items.some(({ name }) => name === topic)
    })
    const { items } = await api.ask(listAuditContract, { query: { cluster, pageSize: 500 } })
    const actions = new Set(items.map(({ action }) => action))
    for (const action of [
      'createTopic',
      'deleteTopic',
      'killBroker',
      'startBroker',
      'electLeaders',
    ])
      expect(actions).toContain(action)
    expect(items.filter(({ action }) => action === 'killBroker').map((e) => e.outcome)).toEqual([
      'failed',
      'ok',
    ])
  })
})
