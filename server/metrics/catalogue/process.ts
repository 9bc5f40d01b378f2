import { COUNTER, chart, level, rate, seriesOf } from './lines.ts'
import type { BeanChart, StoredChart } from './types.ts'

const log = (type: string, name: string): string => `kafka.log:type=${type},name=${name}`
const system = 'java.lang:type=OperatingSystem'
const disk = (name: string): string => `kafka.server:type=KafkaServer,name=linux-disk-${name}-bytes`
const FLUSH = log('LogFlushStats', 'LogFlushRateAndTimeMs')

/** Of a broker's logs and its process. Slots: never reuse one. */
const PROCESS = seriesOf('process', {
  flushes: [1, FLUSH, 'Count', COUNTER],
  flushP50: [2, FLUSH, '50thPercentile'],
  flushP99: [3, FLUSH, '99thPercentile'],
  flushMax: [4, FLUSH, 'Max'],
  offlineDirectories: [5, log('LogManager', 'OfflineLogDirectoryCount'), 'Value'],
  dirtyPercent: [6, log('LogCleanerManager', 'max-dirty-percent'), 'Value'],
  sinceCleaned: [7, log('LogCleanerManager', 'time-since-last-run-ms'), 'Value'],
  deadCleaners: [8, log('LogCleaner', 'DeadThreadCount'), 'Value'],
  cleanSeconds: [9, log('LogCleaner', 'max-clean-time-secs'), 'Value'],
  recopyPercent: [10, log('LogCleaner', 'cleaner-recopy-percent'), 'Value'],
  uncleanable: [
    11,
    log('LogCleanerManager', 'uncleanable-partitions-count,logDirectory=*'),
    'Value',
  ],
  cpu: [30, system, 'ProcessCpuLoad'],
  openFiles: [31, system, 'OpenFileDescriptorCount', COUNTER],
  maxFiles: [32, system, 'MaxFileDescriptorCount', COUNTER],
  freeMemory: [33, system, 'FreeMemorySize', COUNTER],
  heapUsed: [34, 'java.lang:type=Memory', 'HeapMemoryUsage', { ...COUNTER, path: 'used' }],
  heapCommitted: [
    35,
    'java.lang:type=Memory',
    'HeapMemoryUsage',
    { ...COUNTER, path: 'committed' },
  ],
  heapMax: [36, 'java.lang:type=Memory', 'HeapMemoryUsage', { ...COUNTER, path: 'max' }],
  collections: [37, 'java.lang:type=GarbageCollector,name=*', 'CollectionCount', COUNTER],
  collectionMs: [38, 'java.lang:type=GarbageCollector,name=*', 'CollectionTime', COUNTER],
  threads: [39, 'java.lang:type=Threading', 'ThreadCount'],
  diskRead: [40, disk('read'), 'Value', COUNTER],
  diskWritten: [41, disk('write'), 'Value', COUNTER],
})
const P = PROCESS

const logs = { section: 'log', unit: 'count' } as const
const logTime = { section: 'log', unit: 'ms' } as const
const logShare = { section: 'log', unit: 'percent' } as const

export const LOG_CHARTS: readonly (BeanChart | StoredChart)[] = [
  { id: 'size', section: 'log', unit: 'bytes', metric: 'size-bytes', from: 'DescribeLogDirs' },
  chart('flushes', { section: 'log', unit: '1/s' }, rate('', P.flushes)),
  chart(
    'flush-time',
    logTime,
    level('50thPercentile', P.flushP50, 'max'),
    level('99thPercentile', P.flushP99, 'max'),
    level('maximum', P.flushMax, 'max'),
  ),
  chart('offline-directories', logs, level('', P.offlineDirectories, 'sum')),
  chart('dirty-percent', logShare, level('', P.dirtyPercent, 'max')),
  chart('recopy-percent', logShare, level('', P.recopyPercent, 'max')),
  chart('clean-time', logTime, level('', P.cleanSeconds, 'max', 1_000)),
  chart('since-cleaned', logTime, level('', P.sinceCleaned, 'max')),
  chart(
    'cleaner-trouble',
    logs,
    level('threads', P.deadCleaners, 'sum'),
    level('partitions', P.uncleanable, 'sum'),
  ),
]

const share = { section: 'process', unit: 'percent' } as const
const memory = { section: 'process', unit: 'bytes' } as const

export const PROCESS_CHARTS: readonly (BeanChart | StoredChart)[] = [
  chart('cpu', share, level('', P.cpu, 'mean', 100)),
  {
    id: 'memory',
    ...memory,
    metric: 'memory-used-bytes',
    from: 'java.lang:type=Memory HeapMemoryUsage; java.lang:type=OperatingSystem CommittedVirtualMemorySize',
  },
  chart(
    'heap',
    memory,
    level('used', P.heapUsed, 'sum'),
    level('committed', P.heapCommitted, 'sum'),
    level('maximum', P.heapMax, 'sum'),
  ),
  chart('gc-time', share, { ...rate('', P.collectionMs, 0.1), over: 'mean' }),
  chart('gc-count', { section: 'process', unit: '1/s' }, rate('', P.collections)),
  {
    id: 'event-loop',
    section: 'process',
    unit: 'ms',
    metric: 'event-loop-delay-ms',
    from: 'node:type=EventLoop DelayP99Ms',
  },
  chart(
    'open-files',
    { section: 'process', unit: 'count' },
    level('open', P.openFiles, 'sum'),
    level('maximum', P.maxFiles, 'sum'),
  ),
  chart('threads', { section: 'process', unit: 'count' }, level('', P.threads, 'sum')),
  chart('free-memory', memory, level('', P.freeMemory, 'max')),
  chart(
    'disk-traffic',
    { section: 'process', unit: 'bytes/s' },
    rate('read', P.diskRead),
    rate('written', P.diskWritten),
  ),
]
