import type { MetricName, MetricUnit } from '../../contracts/metrics.ts'
import type { Family, FieldName } from './fields.ts'

export type MetricScope = 'cluster' | 'topic' | 'broker' | 'group'

interface Definition {
  readonly unit: MetricUnit
  /** A rate is taken from a counter; a level is shown as it is. */
  readonly kind: 'rate' | 'level'
  /** How a coarse point is made of its samples. */
  readonly fold: 'last' | 'mean' | 'max'
  /**
   * Where each scope finds it; `sum`/`max` over brokers where the cluster has no series of its own.
   */
  readonly sources: Partial<Record<MetricScope, Source>>
  /** It comes over JMX only. */
  readonly needsJmx: boolean
}

export interface Source {
  readonly family: Family
  readonly field: FieldName
  /** Of many brokers one figure for the cluster. */
  readonly overBrokers?: 'sum' | 'max'
}

const traffic = (field: FieldName): Source => ({ family: 'traffic', field })
const health = (field: FieldName): Source => ({ family: 'health', field })
const total = (source: Source): Source => ({ ...source, overBrokers: 'sum' })
const worst = (source: Source): Source => ({ ...source, overBrokers: 'max' })

function brokerRate(unit: MetricUnit, field: FieldName): Definition {
  const source = traffic(field)
  const sources = { broker: source, cluster: total(source) }
  return { unit, kind: 'rate', fold: 'last', sources, needsJmx: true }
}

function brokerGauge(unit: MetricUnit, field: FieldName, fold: 'mean' | 'max'): Definition {
  const source = health(field)
  const cluster = fold === 'max' ? worst(source) : total(source)
  return { unit, kind: 'level', fold, sources: { broker: source, cluster }, needsJmx: true }
}

/** Every metric of the contract. `lag` is computed from two families and has no source here. */
export const METRICS: Readonly<Record<MetricName, Definition>> = {
  'messages-in-rate': {
    unit: 'records/s',
    kind: 'rate',
    fold: 'last',
    sources: {
      cluster: health('messagesIn'),
      topic: { family: 'log', field: 'logEndOffset' },
      broker: traffic('messagesIn'),
    },
    needsJmx: false,
  },
  'bytes-in-rate': withTopics(brokerRate('bytes/s', 'bytesIn')),
  'bytes-out-rate': withTopics(brokerRate('bytes/s', 'bytesOut')),
  'replication-bytes-in-rate': brokerRate('bytes/s', 'replicationBytesIn'),
  'failed-produce-rate': brokerRate('1/s', 'failedProduceRequests'),
  'failed-fetch-rate': brokerRate('1/s', 'failedFetchRequests'),
  'produce-p99-ms': brokerGauge('ms', 'produceP99Ms', 'max'),
  'fetch-consumer-p99-ms': brokerGauge('ms', 'fetchP99Ms', 'max'),
  'fetch-follower-p99-ms': brokerGauge('ms', 'fetchFollowerP99Ms', 'max'),
  lag: {
    unit: 'records',
    kind: 'level',
    fold: 'last',
    sources: { cluster: health('totalLag') },
    needsJmx: false,
  },
  'size-bytes': {
    unit: 'bytes',
    kind: 'level',
    fold: 'last',
    sources: {
      cluster: health('sizeBytes'),
      topic: { family: 'log', field: 'sizeBytes' },
      broker: health('diskBytes'),
    },
    needsJmx: false,
  },
  leaders: count({ broker: health('leaders'), cluster: health('leaders') }),
  'partitions-under-replicated': count({
    broker: health('underReplicated'),
    cluster: health('underReplicated'),
  }),
  'partitions-offline': count({ cluster: health('offlinePartitions') }),
  'isr-shrinks-rate': brokerRate('1/s', 'isrShrinks'),
  'isr-expands-rate': brokerRate('1/s', 'isrExpands'),
  'memory-used-bytes': brokerGauge('bytes', 'residentBytes', 'mean'),
  'event-loop-delay-ms': brokerGauge('ms', 'eventLoopDelayMs', 'max'),
}

function withTopics(definition: Definition): Definition {
  const { broker } = definition.sources
  if (broker === undefined) return definition
  return { ...definition, sources: { ...definition.sources, topic: broker } }
}

function count(sources: Definition['sources']): Definition {
  return { unit: 'count', kind: 'level', fold: 'last', sources, needsJmx: false }
}
