import { type JolokiaRead, mbeanProperties } from '../kafka/jolokia.ts'
import { type MetricsTarget, readMetrics } from '../kafka/metrics-reads.ts'
import { catalogueSeries } from '../metrics/catalogue/catalogue.ts'
import type { BeanSeries } from '../metrics/catalogue/types.ts'
import { type BeanValues, beanReads, beanValues } from './bean-metrics.ts'

export interface TopicTraffic {
  readonly bytesIn: number | null
  readonly bytesOut: number | null
}

/** What a broker's JMX says; null where that MBean is missing. Counters are since its start. */
export interface BrokerMetrics {
  readonly version: string | null
  readonly startedAtMs: number | null
  readonly uptimeMs: number | null
  readonly messagesIn: number | null
  readonly bytesIn: number | null
  readonly bytesOut: number | null
  readonly replicationBytesIn: number | null
  readonly replicationBytesOut: number | null
  readonly failedProduceRequests: number | null
  readonly failedFetchRequests: number | null
  readonly produceP99Ms: number | null
  readonly fetchP99Ms: number | null
  readonly fetchFollowerP99Ms: number | null
  readonly produceRequests: number | null
  readonly fetchRequests: number | null
  readonly underReplicated: number | null
  readonly offlineReplicas: number | null
  readonly isrShrinks: number | null
  readonly isrExpands: number | null
  readonly heapUsedBytes: number | null
  readonly residentBytes: number | null
  readonly eventLoopDelayMs: number | null
  readonly cpuLoad: number | null
  readonly topics: ReadonlyMap<string, TopicTraffic>
  /** What the charts of the catalogue and those of one's own are drawn from. */
  readonly beans: BeanValues
}

const traffic = (name: string): string => `kafka.server:type=BrokerTopicMetrics,name=${name}`
const replicas = (name: string): string => `kafka.server:type=ReplicaManager,name=${name}`
const latency = (request: string): string =>
  `kafka.network:type=RequestMetrics,name=TotalTimeMs,request=${request}`
const P99 = ['99thPercentile', 'Count']

const READS = {
  version: { mbean: 'kafka.server:type=app-info', attribute: 'version' },
  runtime: { mbean: 'java.lang:type=Runtime', attribute: ['StartTime', 'Uptime'] },
  messagesIn: { mbean: traffic('MessagesInPerSec'), attribute: 'Count' },
  bytesIn: { mbean: traffic('BytesInPerSec'), attribute: 'Count' },
  bytesOut: { mbean: traffic('BytesOutPerSec'), attribute: 'Count' },
  replicationIn: { mbean: traffic('ReplicationBytesInPerSec'), attribute: 'Count' },
  replicationOut: { mbean: traffic('ReplicationBytesOutPerSec'), attribute: 'Count' },
  failedProduce: { mbean: traffic('FailedProduceRequestsPerSec'), attribute: 'Count' },
  failedFetch: { mbean: traffic('FailedFetchRequestsPerSec'), attribute: 'Count' },
  produce: { mbean: latency('Produce'), attribute: P99 },
  fetch: { mbean: latency('FetchConsumer'), attribute: P99 },
  fetchFollower: { mbean: latency('FetchFollower'), attribute: P99 },
  underReplicated: { mbean: replicas('UnderReplicatedPartitions'), attribute: 'Value' },
  offline: { mbean: replicas('OfflineReplicaCount'), attribute: 'Value' },
  isrShrinks: { mbean: replicas('IsrShrinksPerSec'), attribute: 'Count' },
  isrExpands: { mbean: replicas('IsrExpandsPerSec'), attribute: 'Count' },
  memory: { mbean: 'java.lang:type=Memory', attribute: 'HeapMemoryUsage' },
  system: {
    mbean: 'java.lang:type=OperatingSystem',
    attribute: ['ProcessCpuLoad', 'CommittedVirtualMemorySize'],
  },
  /** Only brokers that are Node processes have an event loop. */
  eventLoop: { mbean: 'node:type=EventLoop', attribute: 'DelayP99Ms' },
  topicBytesIn: { mbean: traffic('BytesInPerSec,topic=*'), attribute: 'Count' },
  topicBytesOut: { mbean: traffic('BytesOutPerSec,topic=*'), attribute: 'Count' },
} as const satisfies Record<string, JolokiaRead>

type ReadName = keyof typeof READS
const READ_NAMES = Object.keys(READS) as ReadName[]

const CATALOGUE_SERIES = catalogueSeries()

/** One HTTP request; `pinned`: beyond the catalogue. Throws WireError when it is not answered. */
export async function fetchBrokerMetrics(
  target: MetricsTarget,
  timeoutMs: number,
  pinned: readonly BeanSeries[] = [],
): Promise<BrokerMetrics> {
  const series = [...CATALOGUE_SERIES, ...pinned]
  const reads = beanReads(series)
  const own = READ_NAMES.map((name) => READS[name])
  const answers = await readMetrics(target, [...own, ...reads], timeoutMs)
  const values = new Map(READ_NAMES.map((name, index) => [name, answers[index]]))
  return interpret(values, beanValues(series, reads, answers.slice(own.length)))
}

function interpret(values: ReadonlyMap<ReadName, unknown>, beans: BeanValues): BrokerMetrics {
  const value = (name: ReadName): number | null => numberOf(values.get(name))
  const part = (name: ReadName, key: string): number | null =>
    numberOf(member(values.get(name), key))
  const version = values.get('version')
  const isNode = values.get('eventLoop') !== undefined
  return {
    version: typeof version === 'string' ? version : null,
    startedAtMs: wholeMs(part('runtime', 'StartTime')),
    uptimeMs: wholeMs(part('runtime', 'Uptime')),
    messagesIn: value('messagesIn'),
    bytesIn: value('bytesIn'),
    bytesOut: value('bytesOut'),
    replicationBytesIn: value('replicationIn'),
    replicationBytesOut: value('replicationOut'),
    failedProduceRequests: value('failedProduce'),
    failedFetchRequests: value('failedFetch'),
    produceP99Ms: part('produce', '99thPercentile'),
    fetchP99Ms: part('fetch', '99thPercentile'),
    fetchFollowerP99Ms: part('fetchFollower', '99thPercentile'),
    produceRequests: part('produce', 'Count'),
    fetchRequests: part('fetch', 'Count'),
    underReplicated: value('underReplicated'),
    offlineReplicas: value('offline'),
    isrShrinks: value('isrShrinks'),
    isrExpands: value('isrExpands'),
    heapUsedBytes: part('memory', 'used'),
    // A JVM's virtual memory says nothing; a Node broker gives what is resident.
    residentBytes: isNode ? part('system', 'CommittedVirtualMemorySize') : null,
    eventLoopDelayMs: value('eventLoop'),
    cpuLoad: part('system', 'ProcessCpuLoad'),
    topics: topicTraffic(values.get('topicBytesIn'), values.get('topicBytesOut')),
    beans,
  }
}

/** Answers to a pattern: `{"…,topic=orders,…": {Count: 7}}`. */
function topicTraffic(bytesIn: unknown, bytesOut: unknown): Map<string, TopicTraffic> {
  const topics = new Map<string, TopicTraffic>()
  const take = (answer: unknown, field: keyof TopicTraffic): void => {
    if (typeof answer !== 'object' || answer === null) return
    for (const [name, attributes] of Object.entries(answer)) {
      const topic = mbeanProperties(name).get('topic')
      const count = numberOf(member(attributes, 'Count'))
      if (topic === undefined || count === null) continue
      const known = topics.get(topic) ?? { bytesIn: null, bytesOut: null }
      topics.set(topic, { ...known, [field]: count })
    }
  }
  take(bytesIn, 'bytesIn')
  take(bytesOut, 'bytesOut')
  return topics
}

function member(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  // Safe because it is an object and the member is looked at as unknown.
  return (value as Record<string, unknown>)[key]
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

function wholeMs(value: number | null): number | null {
  return value === null ? null : Math.round(value)
}
