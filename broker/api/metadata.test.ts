// What clients are told about topics, brokers and configurations, from an image made by hand.
import { beforeEach, expect, test } from 'vitest'
import { ErrorCode } from '../../protocol/errors.ts'
import { loadBrokerConfig } from '../config.ts'
import type { BrokerImage, MetadataImage, TopicImage } from '../metadata/image-types.ts'
import { metadata } from './03-metadata.ts'
import { apiVersionsHandler } from './18-api-versions.ts'
import { describeConfigs } from './32-describe-configs.ts'
import { describeCluster } from './60-describe-cluster.ts'
import { describeTopicPartitions } from './75-describe-topic-partitions.ts'
import type { AnyHandler, BrokerServices } from './types.ts'

const ZERO = 'AAAAAAAAAAAAAAAAAAAAAA'

function broker(id: number, isFenced = false): BrokerImage {
  const host = '127.0.0.1'
  return {
    id,
    epoch: id,
    incarnationId: ZERO,
    endpoints: [{ name: 'PLAINTEXT', host, port: 9091 + id, securityProtocol: 0 }],
    rack: `r${id}`,
    isFenced,
    inControlledShutdown: false,
    logDirs: [],
    features: new Map(),
  }
}

function topic(name: string, leaders: number[]): TopicImage {
  return {
    name,
    id: name.padEnd(22, 'A'),
    partitions: leaders.map((leader, partition) => ({
      partition,
      replicas: [1, 2, 3],
      isr: [1, 2],
      removingReplicas: [],
      addingReplicas: [],
      elr: [],
      lastKnownElr: [],
      leader,
      leaderRecoveryState: 0,
      leaderEpoch: 5,
      partitionEpoch: 6,
      directories: [],
    })),
  }
}

let services: BrokerServices
let created: unknown[]

beforeEach(() => {
  created = []
  const topics = [topic('a', [1, 2, -1]), topic('b', [3]), topic('__consumer_offsets', [1])]
  const image: MetadataImage = {
    clusterId: 'the-cluster',
    offset: 42,
    epoch: 3,
    topicsByName: new Map(topics.map((one) => [one.name, one])),
    topicsById: new Map(topics.map((one) => [one.id, one])),
    brokers: new Map([
      [1, broker(1)],
      [2, broker(2)],
      [3, broker(3, true)],
    ]),
    configs: new Map([
      ['2:a', new Map([['retention.ms', '5']])],
      ['4:', new Map([['log.retention.ms', '7']])],
      ['4:1', new Map([['a.plugin.secret', 'hidden']])],
    ]),
    features: new Map([['metadata.version', 30]]),
    nextProducerId: 0,
    unserved: new Map(),
    controllers: new Map([
      [
        2,
        {
          id: 2,
          incarnationId: ZERO,
          endpoints: [{ name: 'CONTROLLER', host: 'h', port: 9193, securityProtocol: 0 }],
          features: new Map(),
        },
      ],
    ]),
  }
  const properties = [
    'process.roles=broker,controller',
    'node.id=1',
    'listeners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9192',
    'controller.listener.names=CONTROLLER',
    'controller.quorum.voters=1@127.0.0.1:9192',
    'num.partitions=4',
    'ssl.keystore.password=secret',
  ]
  const { config } = loadBrokerConfig('f', properties.join('\n'), 'h')
  services = {
    config,
    metadata: { image },
    authorize: () => true,
    raft: { leaderAndEpoch: { leaderId: 2, epoch: 3 } },
    runtime: {
      random: { int: () => 0 },
      logger: { child: () => ({ log: () => undefined }) },
    },
    controller: {
      send: async (_: unknown, request: unknown) => {
        created.push(request)
        return { topics: [] }
      },
    },
  } as unknown as BrokerServices
})

const context = (apiVersion: number, listenerName = 'PLAINTEXT') =>
  ({ apiVersion, clientId: 'c', connection: { listenerName, principal: 'User:A' } }) as never

const ask = (version: number, request: object) =>
  metadata.handle(services, context(version), {
    topics: null,
    allowAutoTopicCreation: false,
    includeClusterAuthorizedOperations: false,
    includeTopicAuthorizedOperations: false,
    ...request,
  }) as unknown as {
    controllerId: number
    brokers: { nodeId: number; port: number }[]
    topics: { name: string; errorCode: number; partitions?: Record<string, unknown>[] }[]
  }

test('names live brokers only, and one of them as controller', () => {
  const reply = ask(12, {})
  expect(reply.brokers.map(({ nodeId, port }) => [nodeId, port])).toEqual([
    [1, 9092],
    [2, 9093],
  ])
  expect(reply.controllerId).toBe(1)
})

test('null and version 0 without names mean all topics, an empty list none', () => {
  expect(ask(1, {}).topics).toHaveLength(3)
  expect(ask(0, { topics: [] }).topics).toHaveLength(3)
  expect(ask(1, { topics: [] }).topics).toEqual([])
})

test('a partition without leader is LEADER_NOT_AVAILABLE; fenced replicas are offline', () => {
  const [described] = ask(12, { topics: [{ name: 'a', topicId: ZERO }] }).topics
  expect(described?.partitions).toMatchObject([
    { errorCode: 0, leaderId: 1, leaderEpoch: 5, offlineReplicas: [3], isrNodes: [1, 2] },
    { errorCode: 0, leaderId: 2 },
    { errorCode: ErrorCode.LEADER_NOT_AVAILABLE, leaderId: -1 },
  ])
})

test('a leader that this listener does not reach is LISTENER_NOT_FOUND from version 6', () => {
  const request = { topics: [{ name: 'a', topicId: ZERO }] }
  const errors = (version: number) => {
    const handled = metadata.handle(services, context(version, 'OTHER'), {
      ...request,
      allowAutoTopicCreation: false,
    } as never) as unknown as ReturnType<typeof ask>
    return handled.topics[0]?.partitions?.map(({ errorCode }) => errorCode)
  }
  expect(errors(6)?.[0]).toBe(ErrorCode.LISTENER_NOT_FOUND)
  expect(errors(5)?.[0]).toBe(ErrorCode.LEADER_NOT_AVAILABLE)
})

test('topics are found by id from version 12; an unknown id is named back', () => {
  const known = 'b'.padEnd(22, 'A')
  const unknown = 'z'.padEnd(22, 'A')
  const topics = [known, unknown].map((topicId) => ({ name: null, topicId }))
  expect(ask(12, { topics }).topics).toMatchObject([
    { name: 'b', errorCode: 0 },
    { name: null, topicId: unknown, errorCode: ErrorCode.UNKNOWN_TOPIC_ID },
  ])
  expect(() => ask(11, { topics })).toThrow('Topic name can not be null for version 11')
})

test('a missing topic is created once, and the client is told to come again', () => {
  const topics = ['new', '.', 'new'].map((name) => ({ name, topicId: ZERO }))
  const reply = ask(12, { topics, allowAutoTopicCreation: true })
  expect(reply.topics.map(({ name, errorCode }) => [name, errorCode])).toEqual([
    ['new', ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
    ['.', ErrorCode.INVALID_TOPIC_EXCEPTION],
  ])
  ask(12, { topics, allowAutoTopicCreation: true })
  expect(created).toMatchObject([{ topics: [{ name: 'new', numPartitions: 4 }] }])
})

test('DescribeTopicPartitions pages through all partitions in order of name', () => {
  const page = (cursor: object | null) =>
    describeTopicPartitions.handle(services, context(0), {
      topics: [],
      responsePartitionLimit: 2,
      cursor,
    } as never) as unknown as {
      topics: { name: string; partitions: { partitionIndex: number }[] }[]
      nextCursor: object | null
    }
  const seen: string[] = []
  let cursor: object | null = null
  do {
    const reply = page(cursor)
    for (const { name, partitions } of reply.topics) {
      for (const { partitionIndex } of partitions) seen.push(`${name}-${partitionIndex}`)
    }
    cursor = reply.nextCursor
  } while (cursor !== null)
  expect(seen).toEqual(['__consumer_offsets-0', 'a-0', 'a-1', 'a-2', 'b-0'])
})

test('DescribeCluster answers for the kind of endpoint it is asked on', () => {
  const cluster = (version: number, listener: string, endpointType: number) =>
    describeCluster.handle(services, context(version, listener), {
      endpointType,
      includeFencedBrokers: true,
      includeClusterAuthorizedOperations: false,
    })
  expect(cluster(2, 'PLAINTEXT', 1)).toMatchObject({
    clusterId: 'the-cluster',
    controllerId: 1,
    brokers: [{ brokerId: 1 }, { brokerId: 2 }, { brokerId: 3, isFenced: true }],
  })
  expect(cluster(1, 'CONTROLLER', 2)).toMatchObject({
    controllerId: 2,
    brokers: [{ brokerId: 2, port: 9193 }],
  })
  expect(cluster(1, 'PLAINTEXT', 2)).toEqual({
    errorCode: ErrorCode.MISMATCHED_ENDPOINT_TYPE,
    errorMessage:
      'The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER',
  })
})

test('ApiVersions tells what is served and finalized, and checks the client name', () => {
  const served = [metadata, describeCluster] as unknown as AnyHandler[]
  const handler = apiVersionsHandler(['broker'], () => served)
  const versions = (clientSoftwareName: string) =>
    handler.handle(services, context(3), { clientSoftwareName, clientSoftwareVersion: '1.0' })
  expect(versions('kafka-js')).toMatchObject({
    apiKeys: [
      { apiKey: 3, minVersion: 0, maxVersion: 13 },
      { apiKey: 60, minVersion: 0, maxVersion: 2 },
    ],
    supportedFeatures: [{ name: 'metadata.version' }],
    finalizedFeaturesEpoch: 42,
    finalizedFeatures: [{ name: 'metadata.version', maxVersionLevel: 30 }],
  })
  expect(versions('-bad')).toEqual({ errorCode: ErrorCode.INVALID_REQUEST })
})

interface Described {
  results: {
    errorCode?: number
    errorMessage?: string
    configs?: Record<string, unknown>[]
  }[]
}

function describeOne(resourceType: number, resourceName: string, keys: string[] | null = null) {
  const described = describeConfigs.handle(services, context(4), {
    resources: [{ resourceType, resourceName, configurationKeys: keys }],
    includeSynonyms: true,
    includeDocumentation: true,
  }) as unknown as Described
  return described.results[0]
}

test('DescribeConfigs of a topic gives value, source, synonyms, type and sentence', () => {
  expect(describeOne(2, 'a', ['retention.ms'])?.configs).toMatchObject([
    {
      name: 'retention.ms',
      value: '5',
      configSource: 1,
      configType: 5,
      readOnly: false,
      synonyms: [
        { name: 'retention.ms', value: '5', source: 1 },
        { name: 'log.retention.ms', value: '7', source: 3 },
        { name: 'log.retention.hours', value: '168', source: 5 },
      ],
    },
  ])
  expect(describeOne(2, 'a')?.configs).toHaveLength(33)
  expect(describeOne(2, 'missing')).toMatchObject({
    errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  })
})

test('DescribeConfigs works out what is asked for, and nothing else', () => {
  const looked: unknown[] = []
  const { staticConfigs } = services.config
  const spied = new Proxy(staticConfigs, {
    get: (map, key) => {
      const value: unknown = Reflect.get(map, key)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        looked.push(args[0])
        return value.apply(map, args)
      }
    },
  })
  const config = { ...services.config, staticConfigs: spied }
  const resources = [{ resourceType: 2, resourceName: 'a', configurationKeys: ['cleanup.policy'] }]
  const request = { resources, includeSynonyms: true, includeDocumentation: false }
  const described = describeConfigs.handle({ ...services, config }, context(4), request) as unknown
  expect((described as Described).results[0]?.configs).toMatchObject([{ name: 'cleanup.policy' }])
  expect(new Set(looked)).toEqual(new Set(['log.cleanup.policy']))
  expect(describeOne(4, '1', ['node.id'])?.configs).toMatchObject([{ name: 'node.id' }])
  expect(describeOne(4, '', ['log.retention.ms'])?.configs).toHaveLength(1)
  expect(describeOne(4, '', ['node.id'])?.configs).toEqual([])
})

test('DescribeConfigs of this broker hides secrets and marks what is read-only', () => {
  const configs = describeOne(4, '1')?.configs ?? []
  const find = (name: string) => configs.find((config) => config.name === name)
  expect(find('ssl.keystore.password')).toMatchObject({
    value: null,
    isSensitive: true,
    configSource: 4,
    synonyms: [{ value: null }],
  })
  expect(find('node.id')).toMatchObject({ value: '1', readOnly: true, configSource: 4 })
  expect(find('broker.id')).toMatchObject({ value: '1', configSource: 4 })
  expect(find('a.plugin.secret')).toMatchObject({ value: null, isSensitive: true, configSource: 2 })
  expect(find('log.retention.ms')).toMatchObject({ value: '7', readOnly: false, configSource: 3 })
})

test('DescribeConfigs of the cluster default lists what is set there and nothing else', () => {
  expect(describeOne(4, '')?.configs).toMatchObject([
    { name: 'log.retention.ms', value: '7', configSource: 3 },
  ])
})

test('DescribeConfigs refuses the id of another broker', () => {
  expect(describeOne(4, '2')).toMatchObject({
    errorCode: ErrorCode.INVALID_REQUEST,
    errorMessage: 'Unexpected broker id, expected 1 or empty string, but received 2',
  })
  expect(describeOne(4, 'x')?.errorMessage).toBe('Broker id must be an integer, but it is: x')
})
