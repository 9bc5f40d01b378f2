// The beans a JVM has about itself, filled from this Node process, and the ones about the event loop. Registered
// once by main.ts; values are read when asked for.
import type { MetricsRegistry } from './types.ts'

/** What the operating system and the engine say; implemented by runtime/node-process.ts. */
export interface ProcessStats {
  pid: number
  startTimeMs: number
  uptimeMs(): number
  heap(): { usedBytes: number; committedBytes: number; maxBytes: number }
  residentBytes(): number
  externalBytes(): number
  /** CPU time of this process since its start. */
  cpuTimeNs(): number
  /** Share of all CPUs that this process used lately, 0 to 1. */
  cpuLoad(): number
  openFileDescriptors(): number
  /** Bytes this process made the disks read and write since its start; 0 where the system does not say. */
  diskBytes(): { read: number; written: number }
  maxFileDescriptors(): number
  availableProcessors: number
  totalMemoryBytes: number
  freeMemoryBytes(): number
  loadAverage(): number
  platform: { name: string; version: string; arch: string; nodeVersion: string }
  /** Delay of the event loop over the last ten seconds or more, in milliseconds. */
  eventLoopDelayMs(): { min: number; mean: number; p50: number; p99: number; max: number }
  /** What V8's collectors have done since the start. */
  collectors(): readonly {
    name: string
    count: number
    durationMs: number
    last: { startMs: number; endMs: number } | null
  }[]
  /** V8's heap spaces; `peak` is the most that was in use when somebody asked. */
  memoryPools(): readonly (MemoryUse & { name: string; peak: MemoryUse })[]
  threadCount(): number
  /** Share of all CPUs that anybody used lately, 0 to 1; -1 where the system does not say. */
  systemCpuLoad(): number
  /** -1 where the system does not say. */
  swapBytes(): { total: number; free: number }
  /** What Node itself was told on its command line. */
  arguments: readonly string[]
  /** Share of the time that the loop was busy lately, 0 to 1. */
  eventLoopUtilization(): number
}

interface MemoryUse {
  usedBytes: number
  committedBytes: number
}

/** As Java's beans declare them: a number alone does not tell. */
const STRINGS = '[Ljava.lang.String;'
const RUNTIME_TYPES = { InputArguments: STRINGS, Pid: 'long', StartTime: 'long', Uptime: 'long' }
const COLLECTOR_TYPES = {
  CollectionCount: 'long',
  CollectionTime: 'long',
  LastGcInfo: 'javax.management.openmbean.CompositeData',
  MemoryPoolNames: STRINGS,
}
const POOL_TYPES = { MemoryManagerNames: STRINGS }
const SYSTEM_TYPES = {
  AvailableProcessors: 'int',
  CommittedVirtualMemorySize: 'long',
  CpuLoad: 'double',
  FreeMemorySize: 'long',
  FreePhysicalMemorySize: 'long',
  FreeSwapSpaceSize: 'long',
  MaxFileDescriptorCount: 'long',
  OpenFileDescriptorCount: 'long',
  ProcessCpuLoad: 'double',
  ProcessCpuTime: 'long',
  SystemCpuLoad: 'double',
  SystemLoadAverage: 'double',
  TotalMemorySize: 'long',
  TotalPhysicalMemorySize: 'long',
  TotalSwapSpaceSize: 'long',
}
const APP_TYPES = { StartTimeMs: 'java.lang.Long' }

/** `version` is the broker's own, as app-info shows it. */
export function registerProcessBeans(
  metrics: MetricsRegistry & { counts(): { yammer: number; sensors: number } },
  stats: ProcessStats,
  app: { nodeId: number; version: string; commitId: string },
): void {
  const { platform } = stats
  metrics.attributes(
    'java.lang:type=Runtime',
    () => ({
      InputArguments: stats.arguments,
      Name: `${stats.pid}@node`,
      Pid: stats.pid,
      SpecName: 'Node.js',
      SpecVersion: platform.nodeVersion,
      StartTime: stats.startTimeMs,
      Uptime: Math.round(stats.uptimeMs()),
      VmName: 'V8',
      VmVersion: platform.nodeVersion,
    }),
    RUNTIME_TYPES,
  )
  metrics.attributes('java.lang:type=Memory', () => {
    const heap = stats.heap()
    return {
      HeapMemoryUsage: usage(heap.usedBytes, heap.committedBytes, heap.maxBytes),
      NonHeapMemoryUsage: usage(stats.externalBytes(), stats.residentBytes(), -1),
    }
  })
  metrics.attributes(
    'java.lang:type=OperatingSystem',
    () => {
      const cpuLoad = stats.systemCpuLoad()
      const freeBytes = stats.freeMemoryBytes()
      const swap = stats.swapBytes()
      return {
        Arch: platform.arch,
        AvailableProcessors: stats.availableProcessors,
        CommittedVirtualMemorySize: stats.residentBytes(),
        CpuLoad: cpuLoad,
        FreeMemorySize: freeBytes,
        FreePhysicalMemorySize: freeBytes,
        FreeSwapSpaceSize: swap.free,
        MaxFileDescriptorCount: stats.maxFileDescriptors(),
        Name: platform.name,
        OpenFileDescriptorCount: stats.openFileDescriptors(),
        ProcessCpuLoad: stats.cpuLoad(),
        ProcessCpuTime: stats.cpuTimeNs(),
        SystemCpuLoad: cpuLoad,
        SystemLoadAverage: stats.loadAverage(),
        TotalMemorySize: stats.totalMemoryBytes,
        TotalPhysicalMemorySize: stats.totalMemoryBytes,
        TotalSwapSpaceSize: swap.total,
        Version: platform.version,
      }
    },
    SYSTEM_TYPES,
  )
  registerMemoryBeans(metrics, stats)
  metrics.attributes('java.lang:type=Threading', () => ({ ThreadCount: stats.threadCount() }), {
    ThreadCount: 'int',
  })
  metrics.attributes('node:type=EventLoop', () => {
    const delay = stats.eventLoopDelayMs()
    return {
      DelayMinMs: delay.min,
      DelayMeanMs: delay.mean,
      DelayP50Ms: delay.p50,
      DelayP99Ms: delay.p99,
      DelayMaxMs: delay.max,
      Utilization: stats.eventLoopUtilization(),
    }
  })
  metrics.attributes(
    `kafka.server:type=app-info,id=${app.nodeId}`,
    () => ({
      CommitId: app.commitId,
      StartTimeMs: stats.startTimeMs,
      Version: app.version,
    }),
    APP_TYPES,
  )
  for (const label of ['', `,client-id=${app.nodeId}`]) {
    metrics.sensors(`kafka.server:type=app-info${label}`, () => ({
      'commit-id': app.commitId,
      'start-time-ms': stats.startTimeMs,
      version: app.version,
    }))
  }
  for (const type of ['KafkaServer', 'ControllerServer']) {
    const server = `kafka.server:type=${type},name=`
    metrics.gauge(`${server}linux-disk-read-bytes`, () => stats.diskBytes().read)
    metrics.gauge(`${server}linux-disk-write-bytes`, () => stats.diskBytes().written)
    metrics.gauge(`${server}yammer-metrics-count`, () => metrics.counts().yammer)
  }
  metrics.sensors('kafka.server:type=kafka-metrics-count', () => ({
    count: metrics.counts().sensors,
  }))
}

/** One for each of V8's collectors and heap spaces, told apart from a JVM's by their names. */
function registerMemoryBeans(metrics: MetricsRegistry, stats: ProcessStats): void {
  const poolNames = stats.memoryPools().map(({ name }) => poolName(name))
  const collectorNames = stats.collectors().map(({ name }) => name)
  for (const collector of stats.collectors()) {
    const { name } = collector
    const read = () => ({
      CollectionCount: collector.count,
      CollectionTime: Math.round(collector.durationMs),
      LastGcInfo: gcInfo(collector),
      MemoryPoolNames: poolNames,
      Name: name,
      Valid: true,
    })
    metrics.attributes(`java.lang:type=GarbageCollector,name=${name}`, read, COLLECTOR_TYPES)
  }
  for (const { name } of stats.memoryPools()) {
    const read = () => {
      const pool = stats.memoryPools().find((each) => each.name === name)
      const used = pool ?? { usedBytes: 0, committedBytes: 0 }
      const peak = pool?.peak ?? used
      return {
        CollectionUsageThresholdSupported: false,
        MemoryManagerNames: collectorNames,
        Name: poolName(name),
        PeakUsage: usage(peak.usedBytes, peak.committedBytes, -1),
        Type: 'HEAP',
        Usage: usage(used.usedBytes, used.committedBytes, -1),
        UsageThresholdSupported: false,
        Valid: pool !== undefined,
      }
    }
    metrics.attributes(`java.lang:type=MemoryPool,name=${poolName(name)}`, read, POOL_TYPES)
  }
}

const poolName = (space: string): string => `V8 ${space}`

/** Milliseconds since the start of the process, as Java has them. */
function gcInfo({ count, last }: ReturnType<ProcessStats['collectors']>[number]) {
  if (last === null) return null
  const [startTime, endTime] = [Math.round(last.startMs), Math.round(last.endMs)]
  return { id: count, startTime, endTime, duration: endTime - startTime }
}

function usage(used: number, committed: number, max: number) {
  return { init: 0, committed, max, used }
}
