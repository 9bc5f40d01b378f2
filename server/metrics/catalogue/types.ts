import type { MetricName, MetricUnit } from '../../../contracts/metrics.ts'
import type { BeanFamily } from '../fields.ts'

/** One attribute of one MBean of a broker, as it is kept. */
export interface BeanSeries {
  readonly family: BeanFamily
  /** Its number within the family, on disk: never give one to another attribute. */
  readonly slot: number
  /** Kafka's name; with `*` in a property the figures of all MBeans that match are one. */
  readonly mbean: string
  readonly attribute: string
  /** Within a composite attribute, such as `used` of HeapMemoryUsage. */
  readonly path?: string
  /** `counter` keeps whole numbers exact, `gauge` keeps three digits. */
  readonly stored: 'counter' | 'gauge'
  /** What many MBeans come to; `sum` when left out. */
  readonly join?: 'sum' | 'max'
}

export interface BeanLine {
  readonly id: string
  readonly series: BeanSeries
  /** A rate is the change of a counter a second; a level is shown as it is. */
  readonly show: 'rate' | 'level'
  /** One figure for the cluster of its brokers'. `weighted`: by the rate of `weight`. */
  readonly over: 'sum' | 'max' | 'mean' | 'weighted'
  readonly weight?: BeanSeries
  /** What the stored figure is multiplied with to be in the chart's unit. */
  readonly scale?: number
}

export type Section =
  | 'throughput'
  | 'latency'
  | 'saturation'
  | 'replication'
  | 'log'
  | 'controller'
  | 'quorum'
  | 'groups'
  | 'transactions'
  | 'process'

interface ChartBase {
  readonly id: string
  readonly section: Section
  readonly unit: MetricUnit
  /** Lines that are parts of a whole. */
  readonly isStacked?: boolean
}

/** Lines of the brokers' MBeans. */
export interface BeanChart extends ChartBase {
  readonly lines: readonly BeanLine[]
}

/** A figure that the collector keeps for other pages too. */
export interface StoredChart extends ChartBase {
  readonly metric: MetricName
  /** Where it comes from, for the reader: an MBean, or a request of the wire protocol. */
  readonly from: string
}

export type CatalogueChart = BeanChart | StoredChart

export function isStored(chart: CatalogueChart): chart is StoredChart {
  return 'metric' in chart
}
