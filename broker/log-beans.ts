// Beans of the logs, under Kafka's names: five a partition, made when asked for, since a broker may hold ten
// thousand. Made once by server-beans.ts.
import type { Log, TopicPartition } from './log/types.ts'
import type { Bean, BeanSource, MetricsRegistry } from './metrics/types.ts'

const gauges: Readonly<Record<string, (log: Log) => number>> = {
  LogEndOffset: (log) => log.logEndOffset,
  LogStartOffset: (log) => log.logStartOffset,
  NumLogSegments: (log) => log.segmentCount,
  RetentionSizeInPercent: ({ config, sizeBytes }) =>
    config.retentionBytes <= 0 ? 0 : Math.floor((100 * sizeBytes) / config.retentionBytes),
  Size: (log) => log.sizeBytes,
}

export interface LogBeanSources {
  logs: { all(): Iterable<Log>; get(tp: TopicPartition): Log | null }
  metadataLog: Log
}

const LOG_BEAN = /^kafka\.log:name=([^,]+),partition=(\d+),topic=(.+),type=Log$/

export function registerLogBeans(metrics: MetricsRegistry, sources: LogBeanSources): void {
  metrics.attach(logBeans(sources))
}

function logBeans({ logs, metadataLog }: LogBeanSources): BeanSource {
  const beanOf = (name: string, log: Log): Bean | null => {
    const read = gauges[name]
    if (read === undefined) return null
    const keys = `name=${name},partition=${log.partition},topic=${log.topic},type=Log`
    return { name: `kafka.log:${keys}`, kind: 'gauge', read: () => ({ Value: read(log) }) }
  }
  const find = (tp: TopicPartition): Log | null =>
    tp.topic === metadataLog.topic ? metadataLog : logs.get(tp)
  function* all(): Generator<Log> {
    yield metadataLog
    yield* logs.all()
  }
  return {
    type: 'Log',
    isPerPartition: true,
    find(name) {
      const [, gauge, partition, topic] = LOG_BEAN.exec(name) ?? []
      if (gauge === undefined || topic === undefined) return null
      const log = find({ topic, partition: Number(partition) })
      return log === null ? null : beanOf(gauge, log)
    },
    *beans() {
      for (const log of all()) {
        for (const gauge of Object.keys(gauges)) {
          const bean = beanOf(gauge, log)
          if (bean !== null) yield bean
        }
      }
    },
  }
}
