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
  /** Share of all CPUs this process used since it was last asked, 0 to 1. */
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
  /** Delay of the event loop since it was last asked, in milliseconds. */
  eventLoopDelayMs(): { min: number; mean: number; p50: number; p99: number; max: number }
  /** Share of the time the loop was busy since it was last asked, 0 to 1. */
  eventLoopUtilization(): number
}

/** As Java's beans declare them: a number alone does not tell. */
const RUNTIME_TYPES = { Pid: 'long', StartTime: 'long', Uptime: 'long' }
const SYSTEM_TYPES = {
  AvailableProcessors: 'int',
  CommittedVirtualMemorySize: 'long',
  FreeMemorySize: 'long',
  MaxFileDescriptorCount: 'long',
  OpenFileDescriptorCount: 'long',
  ProcessCpuLoad: 'double',
  ProcessCpuTime: 'long',
  SystemLoadAverage: 'double',
  TotalMemorySize: 'long',
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
    () => ({
      Arch: platform.arch,
      AvailableProcessors: stats.availableProcessors,
      CommittedVirtualMemorySize: stats.residentBytes(),
      FreeMemorySize: stats.freeMemoryBytes(),
      MaxFileDescriptorCount: stats.maxFileDescriptors(),
      Name: platform.name,
      OpenFileDescriptorCount: stats.openFileDescriptors(),
      ProcessCpuLoad: stats.cpuLoad(),
      ProcessCpuTime: stats.cpuTimeNs(),
      SystemLoadAverage: stats.loadAverage(),
      TotalMemorySize: stats.totalMemoryBytes,
      Version: platform.version,
    }),
    SYSTEM_TYPES,
  )
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
  metrics.sensors('kafka.server:type=app-info', () => ({
    'commit-id': app.commitId,
    'start-time-ms': stats.startTimeMs,
    version: app.version,
  }))
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

function usage(used: number, committed: number, max: number) {
  return { init: 0, committed, max, used }
}
