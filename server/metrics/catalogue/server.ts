import { COUNTER, chart, level, rate, seriesOf } from './lines.ts'
import type { BeanChart, StoredChart } from './types.ts'

const topics = (name: string): string => `kafka.server:type=BrokerTopicMetrics,name=${name}PerSec`
const replicas = (name: string): string => `kafka.server:type=ReplicaManager,name=${name}`
const fetchers = (name: string): string =>
  `kafka.server:type=ReplicaFetcherManager,name=${name},clientId=Replica`
const purgatory = (name: string, operation: string): string =>
  `kafka.server:type=DelayedOperationPurgatory,name=${name},delayedOperation=${operation}`
const sockets = 'kafka.server:type=socket-server-metrics,listener=*,networkProcessor=*'
const network = (type: string, name: string): string => `kafka.network:type=${type},name=${name}`

/** Of a broker's traffic, its queues and its replicas. Slots: never reuse one. */
export const SERVER = seriesOf('server', {
  bytesRejected: [1, topics('BytesRejected'), 'Count', COUNTER],
  produceRequests: [2, topics('TotalProduceRequests'), 'Count', COUNTER],
  fetchRequests: [3, topics('TotalFetchRequests'), 'Count', COUNTER],
  produceConversions: [4, topics('ProduceMessageConversions'), 'Count', COUNTER],
  fetchConversions: [5, topics('FetchMessageConversions'), 'Count', COUNTER],
  badMagic: [6, topics('InvalidMagicNumberRecords'), 'Count', COUNTER],
  badCrc: [7, topics('InvalidMessageCrcRecords'), 'Count', COUNTER],
  badSequence: [8, topics('InvalidOffsetOrSequenceRecords'), 'Count', COUNTER],
  noKey: [9, topics('NoKeyCompactedTopicRecords'), 'Count', COUNTER],
  replicationIn: [10, topics('ReplicationBytesIn'), 'Count', COUNTER],
  replicationOut: [11, topics('ReplicationBytesOut'), 'Count', COUNTER],
  reassignmentIn: [12, topics('ReassignmentBytesIn'), 'Count', COUNTER],
  reassignmentOut: [13, topics('ReassignmentBytesOut'), 'Count', COUNTER],
  requestQueue: [20, network('RequestChannel', 'RequestQueueSize'), 'Value'],
  responseQueue: [21, network('RequestChannel', 'ResponseQueueSize'), 'Value'],
  networkIdle: [22, network('SocketServer', 'NetworkProcessorAvgIdlePercent'), 'Value'],
  handlerIdle: [
    23,
    'kafka.server:type=KafkaRequestHandlerPool,name=RequestHandlerAvgIdlePercent',
    'OneMinuteRate',
  ],
  purgatoryProduce: [24, purgatory('PurgatorySize', 'Produce'), 'Value'],
  purgatoryFetch: [25, purgatory('PurgatorySize', 'Fetch'), 'Value'],
  delayedProduce: [26, purgatory('NumDelayedOperations', 'Produce'), 'Value'],
  delayedFetch: [27, purgatory('NumDelayedOperations', 'Fetch'), 'Value'],
  connections: [28, sockets, 'connection-count'],
  connectionsMade: [29, sockets, 'connection-creation-total', COUNTER],
  connectionsClosed: [30, sockets, 'connection-close-total', COUNTER],
  failedAuthentications: [31, sockets, 'failed-authentication-total', COUNTER],
  expiredConnections: [32, network('SocketServer', 'ExpiredConnectionsKilledCount'), 'Value'],
  produceThrottled: [33, 'kafka.server:type=Produce', 'queue-size'],
  fetchThrottled: [34, 'kafka.server:type=Fetch', 'queue-size'],
  requestThrottled: [35, 'kafka.server:type=Request', 'queue-size'],
  produceExpired: [
    36,
    'kafka.server:type=DelayedProduceMetrics,name=ExpiresPerSec',
    'Count',
    COUNTER,
  ],
  fetchSessions: [
    37,
    'kafka.server:type=FetchSessionCache,name=NumIncrementalFetchSessions',
    'Value',
  ],
  sessionPartitions: [
    38,
    'kafka.server:type=FetchSessionCache,name=NumIncrementalFetchPartitionsCached',
    'Value',
    COUNTER,
  ],
  sessionEvictions: [
    39,
    'kafka.server:type=FetchSessionCache,name=IncrementalFetchSessionEvictionsPerSec',
    'Count',
    COUNTER,
  ],
  memoryPoolUsed: [40, network('SocketServer', 'MemoryPoolUsed'), 'Value', COUNTER],
  underReplicated: [50, replicas('UnderReplicatedPartitions'), 'Value', COUNTER],
  underMinIsr: [51, replicas('UnderMinIsrPartitionCount'), 'Value', COUNTER],
  atMinIsr: [52, replicas('AtMinIsrPartitionCount'), 'Value', COUNTER],
  offlineReplicas: [53, replicas('OfflineReplicaCount'), 'Value', COUNTER],
  leaders: [54, replicas('LeaderCount'), 'Value', COUNTER],
  partitions: [55, replicas('PartitionCount'), 'Value', COUNTER],
  isrShrinks: [56, replicas('IsrShrinksPerSec'), 'Count', COUNTER],
  isrExpands: [57, replicas('IsrExpandsPerSec'), 'Count', COUNTER],
  failedIsrUpdates: [58, replicas('FailedIsrUpdatesPerSec'), 'Count', COUNTER],
  maxLag: [59, fetchers('MaxLag'), 'Value', COUNTER],
  failedFetches: [60, fetchers('FailedPartitionsCount'), 'Value'],
  deadFetchers: [61, fetchers('DeadThreadCount'), 'Value'],
  reassigning: [62, replicas('ReassigningPartitions'), 'Value'],
  lateTransactions: [63, replicas('PartitionsWithLateTransactionsCount'), 'Value'],
  producerIds: [64, replicas('ProducerIdCount'), 'Value', COUNTER],
})

const bytes = { section: 'throughput', unit: 'bytes/s' } as const
const perSecond = { section: 'throughput', unit: '1/s' } as const
const broker = (name: string): string => `${topics(name)} Count`

export const THROUGHPUT_CHARTS: readonly (BeanChart | StoredChart)[] = [
  {
    id: 'messages-in',
    section: 'throughput',
    unit: 'records/s',
    metric: 'messages-in-rate',
    from: `ListOffsets; ${broker('MessagesIn')}`,
  },
  { id: 'bytes-in', ...bytes, metric: 'bytes-in-rate', from: broker('BytesIn') },
  { id: 'bytes-out', ...bytes, metric: 'bytes-out-rate', from: broker('BytesOut') },
  chart(
    'requests',
    perSecond,
    rate('produce', SERVER.produceRequests),
    rate('fetch', SERVER.fetchRequests),
  ),
  {
    id: 'failed-produce',
    ...perSecond,
    metric: 'failed-produce-rate',
    from: broker('FailedProduceRequests'),
  },
  {
    id: 'failed-fetch',
    ...perSecond,
    metric: 'failed-fetch-rate',
    from: broker('FailedFetchRequests'),
  },
  chart('bytes-rejected', bytes, rate('', SERVER.bytesRejected)),
  chart(
    'conversions',
    perSecond,
    rate('produce', SERVER.produceConversions),
    rate('fetch', SERVER.fetchConversions),
  ),
  chart(
    'refused-records',
    { section: 'throughput', unit: 'records/s' },
    rate('magic', SERVER.badMagic),
    rate('crc', SERVER.badCrc),
    rate('sequence', SERVER.badSequence),
    rate('no-key', SERVER.noKey),
  ),
  {
    id: 'lag',
    section: 'throughput',
    unit: 'records',
    metric: 'lag',
    from: 'OffsetFetch; ListOffsets',
  },
]

const saturation = { section: 'saturation', unit: 'count' } as const
const share = { section: 'saturation', unit: 'percent' } as const
const pace = { section: 'saturation', unit: '1/s' } as const

export const SATURATION_CHARTS: readonly BeanChart[] = [
  chart('handler-idle', share, level('', SERVER.handlerIdle, 'mean', 100)),
  chart('network-idle', share, level('', SERVER.networkIdle, 'mean', 100)),
  chart(
    'queues',
    saturation,
    level('requests', SERVER.requestQueue, 'sum'),
    level('responses', SERVER.responseQueue, 'sum'),
  ),
  chart(
    'purgatory',
    saturation,
    level('produce', SERVER.purgatoryProduce, 'sum'),
    level('fetch', SERVER.purgatoryFetch, 'sum'),
  ),
  chart(
    'delayed-operations',
    saturation,
    level('produce', SERVER.delayedProduce, 'sum'),
    level('fetch', SERVER.delayedFetch, 'sum'),
  ),
  chart('produce-expired', pace, rate('', SERVER.produceExpired)),
  chart('connections', saturation, level('', SERVER.connections, 'sum')),
  chart(
    'connection-changes',
    pace,
    rate('made', SERVER.connectionsMade),
    rate('closed', SERVER.connectionsClosed),
  ),
  chart('failed-authentications', pace, rate('', SERVER.failedAuthentications)),
  chart('expired-connections', saturation, level('', SERVER.expiredConnections, 'sum')),
  chart(
    'throttled',
    saturation,
    level('produce', SERVER.produceThrottled, 'sum'),
    level('fetch', SERVER.fetchThrottled, 'sum'),
    level('requests', SERVER.requestThrottled, 'sum'),
  ),
  chart('fetch-sessions', saturation, level('', SERVER.fetchSessions, 'sum')),
  chart('session-partitions', saturation, level('', SERVER.sessionPartitions, 'sum')),
  chart('session-evictions', pace, rate('', SERVER.sessionEvictions)),
  chart(
    'memory-pool',
    { section: 'saturation', unit: 'bytes' },
    level('', SERVER.memoryPoolUsed, 'sum'),
  ),
]

const replication = { section: 'replication', unit: 'count' } as const
const changes = { section: 'replication', unit: '1/s' } as const
const copied = { section: 'replication', unit: 'bytes/s' } as const

export const REPLICATION_CHARTS: readonly BeanChart[] = [
  chart('under-replicated', replication, level('', SERVER.underReplicated, 'sum')),
  chart(
    'min-isr',
    replication,
    level('at', SERVER.atMinIsr, 'sum'),
    level('under', SERVER.underMinIsr, 'sum'),
  ),
  chart('offline-replicas', replication, level('', SERVER.offlineReplicas, 'sum')),
  chart('leaders', replication, level('', SERVER.leaders, 'sum')),
  chart('partitions', replication, level('', SERVER.partitions, 'sum')),
  chart(
    'isr-changes',
    changes,
    rate('shrinks', SERVER.isrShrinks),
    rate('expands', SERVER.isrExpands),
  ),
  chart('failed-isr-updates', changes, rate('', SERVER.failedIsrUpdates)),
  chart(
    'replica-lag',
    { section: 'replication', unit: 'records' },
    level('', SERVER.maxLag, 'max'),
  ),
  chart(
    'replication-bytes',
    copied,
    rate('in', SERVER.replicationIn),
    rate('out', SERVER.replicationOut),
  ),
  chart(
    'reassignment-bytes',
    copied,
    rate('in', SERVER.reassignmentIn),
    rate('out', SERVER.reassignmentOut),
  ),
  chart('reassigning', replication, level('', SERVER.reassigning, 'sum')),
  chart(
    'fetcher-failures',
    replication,
    level('partitions', SERVER.failedFetches, 'sum'),
    level('threads', SERVER.deadFetchers, 'sum'),
  ),
]
