// What this process and machine say about themselves, for the metrics. Called by broker/main.ts once; figures
// "since last asked" are kept here and start anew with each reading.
import { readdirSync, readFileSync } from 'node:fs'
import { arch, availableParallelism, freemem, loadavg, release, totalmem, type } from 'node:os'
import {
  type EventLoopUtilization,
  type IntervalHistogram,
  monitorEventLoopDelay,
  performance,
} from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'

const NS_PER_MS = 1e6
/** The loop's delay is sampled by a timer of this period, which is part of what it measures. */
const SAMPLE_PERIOD_MS = 50
/** How old the disk's figures may be. */
const DISK_BYTES_AGE_MS = 100

export class NodeProcess {
  readonly pid = process.pid
  readonly availableProcessors = availableParallelism()
  readonly totalMemoryBytes = totalmem()
  readonly startTimeMs = Math.round(performance.timeOrigin)
  readonly platform = {
    name: type(),
    version: release(),
    arch: arch(),
    nodeVersion: process.versions.node,
  }
  readonly #delay: IntervalHistogram
  #disk = { read: 0, written: 0 }
  #diskReadMs = Number.NEGATIVE_INFINITY
  #maxFiles: number | null = null
  #lastCpu = process.cpuUsage()
  #lastCpuMs = performance.now()
  #lastUtilization: EventLoopUtilization = performance.eventLoopUtilization()

  constructor() {
    this.#delay = monitorEventLoopDelay({ resolution: SAMPLE_PERIOD_MS })
    this.#delay.enable()
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

  cpuLoad(): number {
    const nowMs = performance.now()
    const { user, system } = process.cpuUsage(this.#lastCpu)
    const elapsedMs = nowMs - this.#lastCpuMs
    if (elapsedMs < 1) return 0
    this.#lastCpu = process.cpuUsage()
    this.#lastCpuMs = nowMs
    return Math.min(1, (user + system) / 1000 / elapsedMs / this.availableProcessors)
  }

  /** -1 where the system does not say. */
  openFileDescriptors(): number {
    return process.platform === 'linux' ? readdirSync('/proc/self/fd').length : -1
  }

  /** 0 where the system does not say. Several beans of one answer ask: the file is read for the first. */
  diskBytes(): { read: number; written: number } {
    const nowMs = performance.now()
    if (nowMs - this.#diskReadMs > DISK_BYTES_AGE_MS) {
      this.#diskReadMs = nowMs
      this.#disk = readDiskBytes()
    }
    return this.#disk
  }

  /** -1 where the system does not say. Node sets it once, as it starts. */
  maxFileDescriptors(): number {
    this.#maxFiles ??= readMaxFiles()
    return this.#maxFiles
  }

  freeMemoryBytes(): number {
    return freemem()
  }

  loadAverage(): number {
    return loadavg()[0] ?? -1
  }

  eventLoopDelayMs(): { min: number; mean: number; p50: number; p99: number; max: number } {
    const delay = this.#delay
    const toMs = (ns: number) =>
      Number.isFinite(ns) ? Math.max(0, ns / NS_PER_MS - SAMPLE_PERIOD_MS) : 0
    const figures =
      delay.count === 0
        ? { min: 0, mean: 0, p50: 0, p99: 0, max: 0 }
        : {
            min: toMs(delay.min),
            mean: toMs(delay.mean),
            p50: toMs(delay.percentile(50)),
            p99: toMs(delay.percentile(99)),
            max: toMs(delay.max),
          }
    delay.reset()
    return figures
  }

  eventLoopUtilization(): number {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, this.#lastUtilization)
    this.#lastUtilization = now
    return utilization
  }

  close(): void {
    this.#delay.disable()
  }
}

function readDiskBytes(): { read: number; written: number } {
  if (process.platform !== 'linux') return { read: 0, written: 0 }
  const text = readFileSync('/proc/self/io', 'utf8')
  const figure = (name: string) => Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(text)?.[1] ?? 0)
  return { read: figure('read_bytes'), written: figure('write_bytes') }
}

function readMaxFiles(): number {
  if (process.platform !== 'linux') return -1
  const match = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))
  return match ? Number(match[1]) : -1
}
