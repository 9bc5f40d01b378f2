import type { JolokiaRead } from './jolokia.ts'
import type { PrometheusSample, PrometheusText } from './prometheus.ts'

/**
 * What an exporter's text says of MBean attributes. Two ways of naming are understood: the JMX
 * exporter's own (`kafka_server_BrokerTopicMetrics_Count{name="BytesInPerSec",topic="t"}`) and the
 * one of its widespread Kafka rules (`kafka_server_brokertopicmetrics_bytesin_total{topic="t"}`,
 * `kafka_network_requestmetrics_totaltimems{request="Produce",quantile="0.99"}`). Names are
 * compared without regard to case, since rules may lower them.
 */
export function answerReads(
  reads: readonly JolokiaRead[],
  text: PrometheusText,
  nowMs: number,
): unknown[] {
  const source: Source = { text, nowMs }
  return reads.map((read) => answerRead(read, source))
}

interface Source {
  readonly text: PrometheusText
  readonly nowMs: number
}

interface Bean {
  /** As a metric name begins: `kafka_server`. */
  readonly domain: string
  readonly rawDomain: string
  /** In the order of the MBean's name; `type` and `name` among them. */
  readonly properties: readonly (readonly [string, string])[]
}

function parseBean(mbean: string): Bean {
  const colon = mbean.indexOf(':')
  const rawDomain = mbean.slice(0, colon)
  const properties = mbean
    .slice(colon + 1)
    .split(',')
    .map((part) => {
      const equals = part.indexOf('=')
      return [part.slice(0, equals), part.slice(equals + 1)] as const
    })
    .filter(([key]) => key !== '' && key !== '*')
  return { domain: sanitize(rawDomain), rawDomain, properties }
}

const sanitize = (text: string): string => text.replace(/[^a-zA-Z0-9_]/g, '_').toLowerCase()

function answerRead(read: JolokiaRead, source: Source): unknown {
  const bean = parseBean(read.mbean)
  const wanted = typeof read.attribute === 'string' ? [read.attribute] : read.attribute
  const isPattern = bean.properties.some(([, value]) => value === '*')
  const found = new Map<string, Record<string, unknown>>()
  for (const attribute of wanted) {
    for (const [name, value] of valuesOf(bean, attribute, source)) {
      found.set(name, { ...found.get(name), [attribute]: value })
    }
  }
  if (isPattern) return found.size === 0 ? undefined : Object.fromEntries(found)
  const [attributes] = found.values()
  if (attributes === undefined) return undefined
  return typeof read.attribute === 'string' ? attributes[read.attribute] : attributes
}

/** By full MBean name. */
function valuesOf(bean: Bean, attribute: string, source: Source): Map<string, unknown> {
  if (bean.rawDomain === 'java.lang') return javaValues(bean, attribute, source)
  for (const candidate of candidatesOf(bean, attribute)) {
    const values = new Map<string, unknown>()
    for (const sample of source.text.samplesOf(candidate.metric)) {
      const name = beanName(bean, candidate.labels, sample)
      if (name !== null) values.set(name, sample.value)
    }
    if (values.size > 0) return values
  }
  return new Map()
}

interface Candidate {
  /** Lower case. */
  readonly metric: string
  /** All labels that a sample must have, lower case; `*`: any value. */
  readonly labels: ReadonlyMap<string, string>
}

function candidatesOf(bean: Bean, attribute: string): Candidate[] {
  const { domain, properties } = bean
  const [first, ...rest] = properties
  if (first === undefined) return []
  const own = `${domain}_${sanitize(first[1])}_${sanitize(attribute)}`
  const candidates: Candidate[] = [{ metric: own, labels: new Map(rest.map(lowerKey)) }]
  const name = properties.find(([key]) => key === 'name')?.[1]
  const type = properties.find(([key]) => key === 'type')?.[1]
  if (type === undefined) return candidates
  const others = properties.filter(([key]) => key !== 'name' && key !== 'type').map(lowerKey)
  const stem = `${domain}_${sanitize(type)}${name === undefined ? '' : `_${sanitize(name)}`}`
  const add = (metric: string, labels: readonly (readonly [string, string])[]): void => {
    candidates.push({ metric, labels: new Map(labels) })
  }
  const percentile = /^(\d+)thPercentile$/.exec(attribute)?.[1]
  if (attribute === 'Value') {
    add(stem, others)
    if (stem.endsWith('percent')) add(`${stem.slice(0, -'percent'.length)}_percent`, others)
  } else if (attribute === 'Count') {
    add(`${stem.replace(/persec$/, '')}_total`, others)
    add(`${stem}_total`, others)
    add(`${stem}_count`, others)
  } else if (percentile !== undefined) {
    add(stem, [...others, ['quantile', `0.${percentile}`]])
  } else {
    add(`${stem}_${sanitize(attribute)}`, others)
    // Kafka's own counters and the like have no name: the attribute is the metric's.
    if (name === undefined) add(`${domain}_${sanitize(type)}_${sanitize(attribute)}_total`, others)
  }
  return candidates
}

const lowerKey = ([key, value]: readonly [string, string]): readonly [string, string] => [
  key.toLowerCase(),
  value,
]

/** Null where the sample is of another bean: its labels must be these, no more and no fewer. */
function beanName(
  bean: Bean,
  labels: ReadonlyMap<string, string>,
  sample: PrometheusSample,
): string | null {
  if (sample.labels.size !== labels.size) return null
  const given = new Map<string, string>()
  for (const [key, value] of sample.labels) {
    const lower = key.toLowerCase()
    const wanted = labels.get(lower)
    if (wanted === undefined || (wanted !== '*' && wanted !== value)) return null
    given.set(lower, value)
  }
  const parts = bean.properties.map(([key, value]) => {
    const shown = value === '*' ? (given.get(key.toLowerCase()) ?? '') : value
    return `${key}=${shown}`
  })
  return `${bean.rawDomain}:${parts.join(',')}`
}

type JavaFact = (read: (metric: string, label?: readonly [string, string]) => number | null) => {
  readonly [attribute: string]: unknown
}

/** The exporter tells these as metrics of its own, in Prometheus's units. */
const JAVA_FACTS: Readonly<Record<string, JavaFact>> = {
  Memory: (read) => {
    const used =
      read('java_lang_memory_heapmemoryusage_used') ??
      read('jvm_memory_used_bytes', ['area', 'heap']) ??
      read('jvm_memory_bytes_used', ['area', 'heap'])
    const committed =
      read('java_lang_memory_heapmemoryusage_committed') ??
      read('jvm_memory_committed_bytes', ['area', 'heap']) ??
      read('jvm_memory_bytes_committed', ['area', 'heap'])
    return { HeapMemoryUsage: used === null ? null : { used, committed } }
  },
  OperatingSystem: (read) => ({
    ProcessCpuLoad: read('java_lang_operatingsystem_processcpuload'),
    CommittedVirtualMemorySize:
      read('java_lang_operatingsystem_committedvirtualmemorysize') ??
      read('process_virtual_memory_bytes'),
    OpenFileDescriptorCount:
      read('java_lang_operatingsystem_openfiledescriptorcount') ?? read('process_open_fds'),
    MaxFileDescriptorCount:
      read('java_lang_operatingsystem_maxfiledescriptorcount') ?? read('process_max_fds'),
  }),
}

function javaValues(bean: Bean, attribute: string, source: Source): Map<string, unknown> {
  const type = bean.properties.find(([key]) => key === 'type')?.[1] ?? ''
  const name = `${bean.rawDomain}:${bean.properties.map((pair) => pair.join('=')).join(',')}`
  const read = (metric: string, label?: readonly [string, string]): number | null =>
    source.text
      .samplesOf(metric)
      .find((sample) => label === undefined || sample.labels.get(label[0]) === label[1])?.value ??
    null
  const value =
    type === 'Runtime'
      ? runtimeFact(attribute, read, source.nowMs)
      : (JAVA_FACTS[type]?.(read)[attribute] ?? null)
  if (value !== null) return new Map([[name, value]])
  const generic: Bean = { ...bean, rawDomain: '' }
  const found = valuesOf(generic, attribute, source)
  return new Map([...found].map(([key, one]) => [`${bean.rawDomain}${key}`, one]))
}

function runtimeFact(
  attribute: string,
  read: (metric: string) => number | null,
  nowMs: number,
): number | null {
  const startSeconds = read('process_start_time_seconds')
  const startMs = startSeconds === null ? read('java_lang_runtime_starttime') : startSeconds * 1000
  if (startMs === null) return null
  if (attribute === 'StartTime') return startMs
  return attribute === 'Uptime' ? Math.max(0, nowMs - startMs) : null
}
