// The cleaner's gauges under the names of Kafka's beans LogCleaner and LogCleanerManager. Registered once by
// server-beans.ts; values are read when asked for.
import path from 'node:path'
import type { MetricsRegistry } from '../../metrics/types.ts'
import type { LogCleaner } from './log-cleaner.ts'

export function registerCleanerBeans(
  metrics: MetricsRegistry,
  cleaner: LogCleaner,
  options: { directories: readonly string[]; nowMs: () => number },
): void {
  const { statistics } = cleaner
  const threads = () => cleaner.settings.threads
  const gauge = (type: string, name: string, read: () => number) =>
    metrics.gauge(`kafka.log:type=${type},name=${name}`, read)
  gauge('LogCleaner', 'cleaner-recopy-percent', () => statistics.recopyPercent(threads()))
  gauge('LogCleaner', 'max-buffer-utilization-percent', () =>
    statistics.maxBufferUtilizationPercent(threads()),
  )
  gauge('LogCleaner', 'max-clean-time-secs', () => statistics.maxCleanTimeSeconds(threads()))
  gauge('LogCleaner', 'max-compaction-delay-secs', () =>
    Math.floor(statistics.maxCompactionDelayMs / 1000),
  )
  gauge('LogCleaner', 'DeadThreadCount', () => cleaner.missingThreads)
  gauge('LogCleanerManager', 'max-dirty-percent', () => Math.floor(100 * statistics.maxDirtyRatio))
  gauge('LogCleanerManager', 'time-since-last-run-ms', () =>
    Math.max(0, options.nowMs() - statistics.lastLookMs),
  )
  for (const directory of options.directories) {
    const stuck = () =>
      [...cleaner.uncleanable].filter(([log]) => path.dirname(log.directory) === directory)
    const label = `logDirectory=${directory}`
    gauge('LogCleanerManager', `uncleanable-partitions-count,${label}`, () => stuck().length)
    gauge('LogCleanerManager', `uncleanable-bytes,${label}`, () =>
      stuck().reduce((sum, [, bytes]) => sum + bytes, 0),
    )
  }
}
