import type { PinItem } from '../contracts/charts.ts'
import type { MetricUnit } from '../contracts/metrics.ts'

type Pinned = Pick<PinItem, 'mbean' | 'attribute' | 'stored'>

/** What counts events, whatever the MBean measures: `Count`, `CollectionCount`, `request-total`. */
const COUNT = /count$|total$/i
/** Of a meter: already a change a second. */
const RATE = /Rate$|-rate$/
/** The JVM's memory pools, all in bytes, and its operating system's. */
const MEMORY = /^(Heap|NonHeap)MemoryUsage$|^(Peak|Collection)?Usage$|Memory(Size)?$/
/** `TotalTimeMs`, `commit-latency-avg`, `poll-time-ms-max`; and the JVM's own. */
const MS = /Ms$|-(ms|latency)(-|$)|^Uptime$/

const nameOf = (mbean: string): string => /[:,]name=([^,]+)/.exec(mbean)?.[1] ?? ''

/** Of an MBean's attribute, read off its names, for nothing else says it; `count` where they are mute. */
export const unitOfPin = ({ mbean, attribute, stored }: Pinned): MetricUnit => {
  const name = nameOf(mbean)
  const isRate = stored === 'counter' || RATE.test(attribute)
  const isBytes =
    /bytes/i.test(`${name} ${attribute}`) ||
    (mbean.startsWith('java.lang:') && MEMORY.test(attribute)) ||
    (mbean.startsWith('kafka.log:type=Log,') && name === 'Size')
  if (isBytes) return isRate ? 'bytes/s' : 'bytes'
  if (isRate) return '1/s'
  return !COUNT.test(attribute) && (MS.test(name) || MS.test(attribute)) ? 'ms' : 'count'
}

/** Of one axis for all of them, or `count` where they differ. */
export const sharedUnit = (pins: readonly Pinned[]): MetricUnit => {
  const [unit = 'count', ...others] = new Set(pins.map(unitOfPin))
  return others.length === 0 ? unit : 'count'
}
