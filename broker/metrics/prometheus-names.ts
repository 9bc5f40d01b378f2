// What a bean's attribute is called in Prometheus' text: the names that the JMX exporter's widespread Kafka rules give
// (its examples kafka-2_0_0.yml and kafka-kraft-3_0_0.yml, names in lower case), so that public Grafana dashboards
// work; docs/METRICS.md says where they differ. Pure; called by prometheus.ts, once for each attribute of a bean.
import type { ObjectName } from './object-name.ts'

export type Labels = readonly (readonly [name: string, value: string])[]
type Kind = 'counter' | 'gauge' | 'summary'

/** One sample that an attribute becomes. */
export interface Sample {
  readonly name: string
  readonly kind: Kind
  readonly help: string
  readonly labels: Labels
  /** What the attribute's number is divided by. */
  readonly per?: number
  /** Written in place of the number. */
  readonly constant?: number
  /** Of which family, where that has another name. */
  readonly family?: string
}

/** An attribute, or with `key` one figure in it; `text` is its value where that is no number. */
interface Attribute {
  readonly name: string
  readonly key: string | null
  readonly text: string | null
}

const NONE: readonly Sample[] = []

export function samplesOf(bean: ObjectName, attribute: Attribute): readonly Sample[] {
  if (bean.domain === 'java.lang' || bean.domain === 'node') {
    return attribute.text === null ? [plain(bean, attribute), ...process(bean, attribute)] : NONE
  }
  return bean.keys.has('name') ? named(bean, attribute) : sensor(bean, attribute)
}

/** kafka.server:type=T,name=N,… → kafka_server_t_n; see the rules' order in the exporter's examples. */
function named({ domain, keys }: ObjectName, attribute: Attribute): readonly Sample[] {
  if (attribute.text !== null) return NONE
  const type = keys.get('type') ?? ''
  const name = keys.get('name') ?? ''
  const labels: Labels = [...keys].filter(([key]) => key !== 'type' && key !== 'name')
  const base = `${domain}_${type}`
  const help = `${domain}:type=${type},name=${name}`
  const sample = (of: string, kind: Kind, more: Labels = []): Sample[] => [
    { name: `${base}_${of}`, kind, help, labels: [...labels, ...more] },
  ]
  const perSec = /^(.+)PerSec/.exec(name)?.[1]
  if (perSec !== undefined) {
    return attribute.name === 'Count' ? sample(`${perSec}_total`, 'counter') : NONE
  }
  if (attribute.name === 'Value') return sample(name, 'gauge')
  if (attribute.name === 'Count') return sample(`${name}_count`, 'counter')
  const percent = /^(.+)Percent/.exec(name)?.[1]
  if (attribute.name === 'MeanRate') {
    return percent === undefined ? NONE : sample(`${percent}_percent`, 'gauge')
  }
  const quantile = /^(\d+)thPercentile$/.exec(attribute.name)?.[1]
  return quantile === undefined ? NONE : sample(name, 'gauge', [['quantile', `0.${quantile}`]])
}

/** Beans of Kafka's newer sensors have no `name` key; their attributes are the metrics. */
function sensor({ domain, keys }: ObjectName, attribute: Attribute): readonly Sample[] {
  const base = `${domain}_${keys.get('type') ?? ''}`
  const labels: Labels = [...keys].filter(([key]) => key !== 'type')
  const help = `${base} ${attribute.name}`
  if (attribute.text !== null) {
    if (attribute.name !== 'current-state') return NONE
    const state: Labels = [...labels, ['state', attribute.text]]
    const name = `${base}_current_state_info`
    return [{ name, kind: 'gauge', help, labels: state, constant: 1 }]
  }
  const kind = attribute.name.endsWith('-total') ? 'counter' : 'gauge'
  return [{ name: `${base}_${attribute.name}`, kind, help, labels }]
}

/** As the exporter names what no rule takes: domain_type_attribute, composites with their key behind. */
function plain({ domain, keys }: ObjectName, attribute: Attribute): Sample {
  const base = `${domain}_${keys.get('type') ?? ''}`
  const name = attribute.key === null ? attribute.name : `${attribute.name}_${attribute.key}`
  const labels: Labels = [...keys].filter(([key]) => key !== 'type')
  return { name: `${base}_${name}`, kind: 'gauge', help: `${base} ${attribute.name}`, labels }
}

const NS_PER_S = 1e9
const MS_PER_S = 1000
const gauge = (name: string, help: string): Sample => ({ name, kind: 'gauge', help, labels: [] })

const processSamples: Readonly<Record<string, Sample>> = {
  'OperatingSystem ProcessCpuTime': {
    ...gauge('process_cpu_seconds_total', 'CPU time spent'),
    kind: 'counter',
    per: NS_PER_S,
  },
  'OperatingSystem OpenFileDescriptorCount': gauge('process_open_fds', 'Open file descriptors'),
  'OperatingSystem MaxFileDescriptorCount': gauge('process_max_fds', 'Most file descriptors'),
  'OperatingSystem CommittedVirtualMemorySize': gauge(
    'process_resident_memory_bytes',
    'Resident memory',
  ),
  'Threading ThreadCount': gauge('jvm_threads_current', 'Threads of the process'),
  'Runtime StartTime': {
    ...gauge('process_start_time_seconds', 'Start of the process since the Unix epoch'),
    per: MS_PER_S,
  },
}

const memoryAreas: Readonly<Record<string, string>> = {
  HeapMemoryUsage: 'heap',
  NonHeapMemoryUsage: 'nonheap',
}

/** What Prometheus' Java client says of every process, for dashboards that ask for it. */
function process({ domain, keys }: ObjectName, attribute: Attribute): readonly Sample[] {
  const type = keys.get('type') ?? ''
  if (domain !== 'java.lang') return NONE
  const { name, key } = attribute
  if (key === null) {
    const known = processSamples[`${type} ${name}`]
    if (known !== undefined) return [known]
    return type === 'GarbageCollector' ? collections(keys.get('name') ?? '', name) : NONE
  }
  if (type === 'MemoryPool' && name === 'Usage') {
    const labels: Labels = [['pool', keys.get('name') ?? '']]
    return [{ ...gauge(`jvm_memory_pool_${key}_bytes`, `Memory of pools: ${key}`), labels }]
  }
  const area = type === 'Memory' ? memoryAreas[name] : undefined
  if (area === undefined) return NONE
  const help = `Memory ${key}`
  const labels: Labels = [['area', area]]
  // The first since version 1 of the client, the second before.
  return [`jvm_memory_${key}_bytes`, `jvm_memory_bytes_${key}`].map((each) => ({
    ...gauge(each, help),
    labels,
  }))
}

function collections(gc: string, attribute: string): readonly Sample[] {
  const family = 'jvm_gc_collection_seconds'
  const common = { kind: 'summary', help: 'Time spent collecting garbage', family } as const
  const labels: Labels = [['gc', gc]]
  if (attribute === 'CollectionCount') return [{ ...common, name: `${family}_count`, labels }]
  if (attribute !== 'CollectionTime') return NONE
  return [{ ...common, name: `${family}_sum`, labels, per: MS_PER_S }]
}
