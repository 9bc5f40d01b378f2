import { COUNTER, chart, level, rate, seriesOf } from './lines.ts'
import { SERVER } from './server.ts'
import type { BeanChart } from './types.ts'

const controller = (name: string): string => `kafka.controller:type=KafkaController,name=${name}`
const events = (name: string): string => `kafka.controller:type=ControllerEventManager,name=${name}`
const RAFT = 'kafka.server:type=raft-metrics'
const METADATA = 'kafka.server:type=broker-metadata-metrics'
const groups = (name: string): string =>
  `kafka.coordinator.group:type=GroupMetadataManager,name=${name}`
const GROUPS = 'kafka.server:type=group-coordinator-metrics'
const markers = (name: string): string =>
  `kafka.coordinator.transaction:type=TransactionMarkerChannelManager,name=${name}`
const verification = (name: string): string =>
  `kafka.server:type=AddPartitionsToTxnManager,name=${name}`

/** Of the controller, the metadata quorum and both coordinators. Slots: never reuse one. */
const COORDINATION = seriesOf('coordination', {
  activeController: [1, controller('ActiveControllerCount'), 'Value'],
  activeBrokers: [2, controller('ActiveBrokerCount'), 'Value'],
  fencedBrokers: [3, controller('FencedBrokerCount'), 'Value'],
  topics: [4, controller('GlobalTopicCount'), 'Value', COUNTER],
  partitions: [5, controller('GlobalPartitionCount'), 'Value', COUNTER],
  offlinePartitions: [6, controller('OfflinePartitionsCount'), 'Value', COUNTER],
  imbalance: [7, controller('PreferredReplicaImbalanceCount'), 'Value', COUNTER],
  metadataErrors: [8, controller('MetadataErrorCount'), 'Value'],
  appliedLag: [9, controller('LastAppliedRecordLagMs'), 'Value'],
  timedOutHeartbeats: [10, controller('TimedOutBrokerHeartbeatCount'), 'Value', COUNTER],
  newControllers: [11, controller('NewActiveControllersCount'), 'Value', COUNTER],
  uncleanElections: [
    12,
    'kafka.controller:type=ControllerStats,name=UncleanLeaderElectionsPerSec',
    'Count',
    COUNTER,
  ],
  eventQueueP99: [13, events('EventQueueTimeMs'), '99thPercentile'],
  eventProcessingP99: [14, events('EventQueueProcessingTimeMs'), '99thPercentile'],
  timedOutOperations: [15, controller('EventQueueOperationsTimedOutCount'), 'Value', COUNTER],
  commitAvg: [30, RAFT, 'commit-latency-avg'],
  commitMax: [31, RAFT, 'commit-latency-max'],
  electionAvg: [32, RAFT, 'election-latency-avg'],
  electionMax: [33, RAFT, 'election-latency-max'],
  appendRate: [34, RAFT, 'append-records-rate'],
  fetchRate: [35, RAFT, 'fetch-records-rate'],
  raftEnd: [36, RAFT, 'log-end-offset', COUNTER],
  raftHigh: [37, RAFT, 'high-watermark', COUNTER],
  raftEpoch: [38, RAFT, 'current-epoch', COUNTER],
  voters: [39, RAFT, 'number-of-voters'],
  observers: [40, RAFT, 'number-of-observers'],
  pollIdle: [41, RAFT, 'poll-idle-ratio-avg'],
  metadataLag: [42, METADATA, 'last-applied-record-lag-ms'],
  loadErrors: [43, METADATA, 'metadata-load-error-count'],
  applyErrors: [44, METADATA, 'metadata-apply-error-count'],
  snapshotBytes: [
    45,
    'kafka.server:type=SnapshotEmitter,name=LatestSnapshotGeneratedBytes',
    'Value',
    COUNTER,
  ],
  groups: [60, groups('NumGroups'), 'Value', COUNTER],
  groupsStable: [61, groups('NumGroupsStable'), 'Value', COUNTER],
  groupsPreparing: [62, groups('NumGroupsPreparingRebalance'), 'Value', COUNTER],
  groupsCompleting: [63, groups('NumGroupsCompletingRebalance'), 'Value', COUNTER],
  groupsEmpty: [64, groups('NumGroupsEmpty'), 'Value', COUNTER],
  groupsDead: [65, groups('NumGroupsDead'), 'Value', COUNTER],
  offsets: [66, groups('NumOffsets'), 'Value', COUNTER],
  offsetCommits: [67, GROUPS, 'offset-commit-count', COUNTER],
  offsetExpirations: [68, GROUPS, 'offset-expiration-count', COUNTER],
  offsetDeletions: [69, GROUPS, 'offset-deletion-count', COUNTER],
  classicRebalances: [70, GROUPS, 'group-completed-rebalance-count', COUNTER],
  consumerRebalances: [71, GROUPS, 'consumer-group-rebalance-count', COUNTER],
  groupQueue: [72, GROUPS, 'event-queue-size'],
  groupQueueP99: [73, GROUPS, 'event-queue-time-ms-p99'],
  groupProcessingP99: [74, GROUPS, 'event-processing-time-ms-p99'],
  groupFlushP99: [75, GROUPS, 'batch-flush-time-ms-p99'],
  groupLoadMax: [76, GROUPS, 'partition-load-time-max'],
  markerRetries: [90, markers('LogAppendRetryQueueSize'), 'Value'],
  markerUnknown: [91, markers('UnknownDestinationQueueSize'), 'Value'],
  verificationFailures: [92, verification('VerificationFailureRate'), 'Count', COUNTER],
  verificationP99: [93, verification('VerificationTimeMs'), '99thPercentile'],
  transactionLoadMax: [
    94,
    'kafka.server:type=transaction-coordinator-metrics',
    'partition-load-time-max',
  ],
})
const C = COORDINATION

const count = { section: 'controller', unit: 'count' } as const
const time = { section: 'controller', unit: 'ms' } as const

export const CONTROLLER_CHARTS: readonly BeanChart[] = [
  chart('active-controllers', count, level('', C.activeController, 'sum')),
  chart(
    'registered-brokers',
    count,
    level('active', C.activeBrokers, 'max'),
    level('fenced', C.fencedBrokers, 'max'),
  ),
  chart('topics', count, level('', C.topics, 'max')),
  chart('global-partitions', count, level('', C.partitions, 'max')),
  chart('offline-partitions', count, level('', C.offlinePartitions, 'max')),
  chart('imbalance', count, level('', C.imbalance, 'max')),
  chart('unclean-elections', { section: 'controller', unit: '1/s' }, rate('', C.uncleanElections)),
  chart(
    'controller-events',
    time,
    level('queue', C.eventQueueP99, 'max'),
    level('processing', C.eventProcessingP99, 'max'),
  ),
  chart('controller-lag', time, level('', C.appliedLag, 'max')),
  chart(
    'controller-timeouts',
    { section: 'controller', unit: '1/s' },
    rate('heartbeats', C.timedOutHeartbeats),
    rate('operations', C.timedOutOperations),
  ),
  chart('new-controllers', count, level('', C.newControllers, 'max')),
  chart('metadata-errors', count, level('', C.metadataErrors, 'sum')),
]

const raft = { section: 'quorum', unit: 'count' } as const
const raftTime = { section: 'quorum', unit: 'ms' } as const
const raftRate = { section: 'quorum', unit: 'records/s' } as const

export const QUORUM_CHARTS: readonly BeanChart[] = [
  chart(
    'commit-latency',
    raftTime,
    level('average', C.commitAvg, 'max'),
    level('maximum', C.commitMax, 'max'),
  ),
  chart(
    'election-latency',
    raftTime,
    level('average', C.electionAvg, 'max'),
    level('maximum', C.electionMax, 'max'),
  ),
  chart(
    'raft-records',
    raftRate,
    level('append', C.appendRate, 'max'),
    level('fetch', C.fetchRate, 'max'),
  ),
  chart(
    'raft-offsets',
    { section: 'quorum', unit: 'records' },
    level('end', C.raftEnd, 'max'),
    level('high-watermark', C.raftHigh, 'max'),
  ),
  chart('raft-epoch', raft, level('', C.raftEpoch, 'max')),
  chart(
    'quorum-members',
    raft,
    level('voters', C.voters, 'max'),
    level('observers', C.observers, 'max'),
  ),
  chart('raft-idle', { section: 'quorum', unit: 'percent' }, level('', C.pollIdle, 'mean', 100)),
  chart('metadata-lag', raftTime, level('', C.metadataLag, 'max')),
  chart(
    'metadata-failures',
    raft,
    level('load', C.loadErrors, 'sum'),
    level('apply', C.applyErrors, 'sum'),
  ),
  chart('snapshot-size', { section: 'quorum', unit: 'bytes' }, level('', C.snapshotBytes, 'max')),
]

const members = { section: 'groups', unit: 'count' } as const
const groupTime = { section: 'groups', unit: 'ms' } as const
const groupRate = { section: 'groups', unit: '1/s' } as const

export const GROUP_CHARTS: readonly BeanChart[] = [
  chart('groups', members, level('', C.groups, 'sum')),
  chart(
    'groups-by-state',
    { ...members, isStacked: true },
    level('stable', C.groupsStable, 'sum'),
    level('preparing', C.groupsPreparing, 'sum'),
    level('completing', C.groupsCompleting, 'sum'),
    level('empty', C.groupsEmpty, 'sum'),
    level('dead', C.groupsDead, 'sum'),
  ),
  chart('offsets', members, level('', C.offsets, 'sum')),
  chart(
    'offset-changes',
    groupRate,
    rate('commits', C.offsetCommits),
    rate('expirations', C.offsetExpirations),
    rate('deletions', C.offsetDeletions),
  ),
  chart(
    'rebalances',
    groupRate,
    rate('classic', C.classicRebalances),
    rate('consumer', C.consumerRebalances),
  ),
  chart('group-queue', members, level('', C.groupQueue, 'sum')),
  chart(
    'group-events',
    groupTime,
    level('queue', C.groupQueueP99, 'max'),
    level('processing', C.groupProcessingP99, 'max'),
    level('flush', C.groupFlushP99, 'max'),
  ),
  chart('group-load', groupTime, level('', C.groupLoadMax, 'max')),
]

const transactions = { section: 'transactions', unit: 'count' } as const
const transactionTime = { section: 'transactions', unit: 'ms' } as const

export const TRANSACTION_CHARTS: readonly BeanChart[] = [
  chart('producer-ids', transactions, level('', SERVER.producerIds, 'sum')),
  chart('late-transactions', transactions, level('', SERVER.lateTransactions, 'sum')),
  chart(
    'marker-queues',
    transactions,
    level('retry', C.markerRetries, 'sum'),
    level('unknown', C.markerUnknown, 'sum'),
  ),
  chart(
    'verification-failures',
    { section: 'transactions', unit: '1/s' },
    rate('', C.verificationFailures),
  ),
  chart('verification-time', transactionTime, level('', C.verificationP99, 'max')),
  chart('transaction-load', transactionTime, level('', C.transactionLoadMax, 'max')),
]
