// What this process and machine say about themselves, for the metrics. Called by broker/main.ts once; shares and delays
// are of windows that all readers share.
import { readdirSync, readFileSync } from 'node:fs'
import { arch, availableParallelism, freemem, loadavg, release, totalmem, type } from 'node:os'
import { constants, type PerformanceEntry, PerformanceObserver, performance } from 'node:perf_hooks'
import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8'
import { type LoopDelay, LoopDelayWindows } from './loop-delay.ts'
import { type BusyTime, ShareOverTime } from './share-over-time.ts'

/** How old the disk's figures may be. */
const DISK_BYTES_AGE_MS = 100

/** V8's kinds of collection by the names under which they are told. */
const COLLECTORS: ReadonlyMap<number, string> = new Map([
  [constants.NODE_PERFORMANCE_GC_MINOR, 'V8 Scavenge'],
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'V8 Mark-Sweep-Compact'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'V8 Incremental Marking'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'V8 Weak Callbacks'],
])

interface Collector {
  readonly name: string
  count: number
  /** In which nothing else ran. */
  durationMs: number
  /** Since the start of the process. */
  last: { startMs: number; endMs: number } | null
}

interface MemoryUse {
  usedBytes: number
  committedBytes: number
}

interface MemoryPool extends MemoryUse {
  readonly name: string
  readonly peak: MemoryUse
}

export class NodeProcess {
  readonly pid = process.pid
  readonly arguments: readonly string[] = process.execArgv
  readonly availableProcessors = availableParallelism()
  readonly totalMemoryBytes = totalmem()
  readonly startTimeMs = Math.round(performance.timeOrigin)
  readonly platform = {
    name: type(),
    version: release(),
    arch: arch(),
    nodeVersion: process.versions.node,
  }
  readonly #delay: LoopDelayWindows
  readonly #collecting: PerformanceObserver
  readonly #collectors = new Map<string, Collector>(
    [...COLLECTORS.values()].map((name) => [name, { name, count: 0, durationMs: 0, last: null }]),
  )
  readonly #peaks = new Map<string, MemoryUse>()
  /** Where Linux tells of processes; elsewhere, or out of reach, what is read there is not known. */
  readonly #proc: string
  readonly #systemLoad: ShareOverTime
  readonly #load: ShareOverTime
  readonly #utilization: ShareOverTime
  #disk = { read: 0, written: 0 }
  #diskReadMs = Number.NEGATIVE_INFINITY
  #maxFiles: number | null = null

  constructor(proc = '/proc', nowMs: () => number = () => performance.now()) {
    this.#proc = proc
    this.#systemLoad = new ShareOverTime(() => readCpuTicks(proc), nowMs)
    this.#load = new ShareOverTime(() => ownCpuTime(nowMs(), this.availableProcessors), nowMs)
    this.#utilization = new ShareOverTime(loopTime, nowMs)
    this.#delay = new LoopDelayWindows(nowMs)
    this.#collecting = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) this.#noteCollection(entry)
    })
    this.#collecting.observe({ entryTypes: ['gc'] })
  }

  uptimeMs(): number {
    return performance.now()
  }

  heap(): { usedBytes: number; committedBytes: number; maxBytes: number } {
    const heap = getHeapStatistics()
    return {
      usedBytes: heap.used_heap_size,
      committedBytes: heap.total_heap_size,
      maxBytes: heap.heap_size_limit,
    }
  }

  residentBytes(): number {
    return process.memoryUsage.rss()
  }

  externalBytes(): number {
    return getHeapStatistics().external_memory
  }

  cpuTimeNs(): number {
    const { user, system } = process.cpuUsage()
    return (user + system) * 1000
  }

  /** Share of all CPUs that this process used lately, 0 to 1. */
  cpuLoad(): number {
    return this.#load.share() ?? 0
  }

  /** What V8's collectors have done since the start. */
  collectors(): readonly Collector[] {
    return [...this.#collectors.values()]
  }

  /** V8's heap spaces; `peak` is the most that was in use when somebody asked. */
  memoryPools(): readonly MemoryPool[] {
    return getHeapSpaceStatistics().map((space) => {
      const name = space.space_name
      const used = { usedBytes: space.space_used_size, committedBytes: space.space_size }
      const peak = this.#peaks.get(name)
      if (peak === undefined || used.usedBytes > peak.usedBytes) this.#peaks.set(name, used)
      return { name, ...used, peak: this.#peaks.get(name) ?? used }
    })
  }

  #noteCollection(entry: PerformanceEntry & { readonly detail?: { kind?: number } }): void {
    const { startTime, duration } = entry
    const kind = entry.detail?.kind
    const collector = this.#collectors.get(COLLECTORS.get(kind ?? -1) ?? '')
    if (collector === undefined) return
    collector.count += 1
    collector.durationMs += duration
    collector.last = { startMs: startTime, endMs: startTime + duration }
  }

  /** Threads of this process: the event loop's, V8's and those of the pool. -1 where the system does not say. */
  threadCount(): number {
    return countIn(`${this.#proc}/self/task`)
  }

  /** Share of all CPUs that anybody used lately, 0 to 1; -1 where the system does not say. */
  systemCpuLoad(): number {
    return this.#systemLoad.share() ?? -1
  }

  /** -1 where the system does not say. */
  swapBytes(): { total: number; free: number } {
    const text = textOf(`${this.#proc}/meminfo`)
    if (text === null) return { total: -1, free: -1 }
    const figure = (name: string) =>
      1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0)
    return { total: figure('SwapTotal'), free: figure('SwapFree') }
  }

  /** -1 where the system does not say. */
  openFileDescriptors(): number {
    return countIn(`${this.#proc}/self/fd`)
  }

  /** 0 where the system never said. Several beans of one answer ask: the file is read for the first. */
  diskBytes(): { read: number; written: number } {
    const nowMs = performance.now()
    if (nowMs - this.#diskReadMs > DISK_BYTES_AGE_MS) {
      this.#diskReadMs = nowMs
      this.#disk = readDiskBytes(this.#proc) ?? this.#disk
    }
    return this.#disk
  }

  /** -1 where the system does not say. Node sets it once, as it starts. */
  maxFileDescriptors(): number {
    this.#maxFiles ??= readMaxFiles(this.#proc)
    return this.#maxFiles ?? -1
  }

  freeMemoryBytes(): number {
    return freemem()
  }

  loadAverage(): number {
    return loadavg()[0] ?? -1
  }

  eventLoopDelayMs(): LoopDelay {
    return this.#delay.figures()
  }

  /** Since the start of the process. */
  eventLoopIdleMs(): number {
    return performance.eventLoopUtilization().idle
  }

  /** Share of the time that the loop was busy lately, 0 to 1. */
  eventLoopUtilization(): number {
    return this.#utilization.share() ?? 0
  }

  close(): void {
    this.#delay.close()
    this.#collecting.disconnect()
  }
}

/** Null where it cannot be read: no such system, hidden from a container, or no descriptor left to open it with. */
function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

/** -1 where the directory cannot be read. */
function countIn(path: string): number {
  try {
    return readdirSync(path).length
  } catch {
    return -1
  }
}

function readDiskBytes(proc: string): { read: number; written: number } | null {
  const text = textOf(`${proc}/self/io`)
  if (text === null) return null
  const figure = (name: string) => Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(text)?.[1] ?? 0)
  return { read: figure('read_bytes'), written: figure('write_bytes') }
}

function readMaxFiles(proc: string): number | null {
  const match = /^Max open files\s+(\d+)/m.exec(textOf(`${proc}/self/limits`) ?? '')
  return match ? Number(match[1]) : null
}

/** In microseconds of one CPU. */
function ownCpuTime(nowMs: number, processors: number): BusyTime {
  const { user, system } = process.cpuUsage()
  return { busy: user + system, all: 1_000 * nowMs * processors }
}

/** In milliseconds, since the start of the process. */
function loopTime(): BusyTime {
  const { active, idle } = performance.eventLoopUtilization()
  return { busy: active, all: active + idle }
}

/** Of all CPUs since the machine started; null where the system does not say. */
function readCpuTicks(proc: string): BusyTime | null {
  const [line = ''] = textOf(`${proc}/stat`)?.split('\n', 1) ?? []
  if (line === '') return null
  // user nice system idle iowait irq softirq steal; what guests use is in user already.
  const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number)
  const all = ticks.reduce((sum, each) => sum + each, 0)
  return { busy: all - (ticks[3] ?? 0) - (ticks[4] ?? 0), all }
}
