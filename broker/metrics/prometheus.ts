// The metrics as Prometheus text (exposition format 0.0.4), under the names that the JMX exporter's widespread Kafka
// rules give (its examples kafka-2_0_0.yml and kafka-kraft-3_0_0.yml, names in lower case), so that public Grafana
// dashboards work. Pure: beans in, text out.
import { type ObjectName, parseObjectName } from './object-name.ts'
import type { Bean } from './registry.ts'

export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

type Labels = readonly (readonly [name: string, value: string])[]
type Kind = 'counter' | 'gauge'

interface Family {
  kind: Kind
  help: string
  samples: string[]
}

/** Beans kept for each partition: many, so they are given only when asked for. */
const PER_PARTITION = /^kafka\.(?:cluster:.*type=Partition|log:.*type=Log)(?:,|$)/

/** `withPartitions` adds the beans that exist for each partition. */
export function prometheusText(
  beans: Iterable<Bean>,
  options: { withPartitions: boolean },
): string {
  const families = new Families()
  for (const bean of beans) {
    if (!options.withPartitions && PER_PARTITION.test(bean.name)) continue
    const name = parseObjectName(bean.name)
    if (name === null) continue
    const attributes = bean.read()
    if (name.domain === 'java.lang' || name.domain === 'node') addPlain(families, name, attributes)
    else addKafka(families, name, attributes)
    addProcess(families, bean.name, attributes)
  }
  return families.text()
}

class Families {
  readonly #families = new Map<string, Family>()

  add(name: string, kind: Kind, help: string, labels: Labels, value: unknown): void {
    const number = typeof value === 'boolean' ? Number(value) : value
    if (typeof number !== 'number') return
    const clean = metricName(name)
    let family = this.#families.get(clean)
    if (family === undefined) {
      family = { kind, help, samples: [] }
      this.#families.set(clean, family)
    }
    family.samples.push(`${clean}${labelText(labels)} ${numberText(number)}`)
  }

  text(): string {
    const lines: string[] = []
    for (const [name, { kind, help, samples }] of this.#families) {
      lines.push(`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${kind}`, ...samples)
    }
    return lines.length === 0 ? '' : `${lines.join('\n')}\n`
  }
}

/** kafka.server:type=T,name=N,… → kafka_server_t_n; see the rules' order in the exporter's examples. */
function addKafka(
  families: Families,
  { domain, keys }: ObjectName,
  attributes: Readonly<Record<string, unknown>>,
): void {
  const type = keys.get('type') ?? ''
  const name = keys.get('name')
  const labels: Labels = [...keys].filter(([key]) => key !== 'type' && key !== 'name')
  const base = `${domain}_${type}`
  if (name === undefined) return addSensors(families, base, labels, attributes)
  const help = `${domain}:type=${type},name=${name}`
  const perSec = /^(.+)PerSec/.exec(name)
  if (perSec !== null) {
    families.add(`${base}_${perSec[1]}_total`, 'counter', help, labels, attributes.Count)
    return
  }
  families.add(`${base}_${name}`, 'gauge', help, labels, attributes.Value)
  const percent = /^(.+)Percent/.exec(name)
  if (percent !== null && 'MeanRate' in attributes) {
    families.add(`${base}_${percent[1]}_percent`, 'gauge', help, labels, attributes.MeanRate)
  }
  families.add(`${base}_${name}_count`, 'counter', help, labels, attributes.Count)
  for (const [attribute, value] of Object.entries(attributes)) {
    const quantile = /^(\d+)thPercentile$/.exec(attribute)?.[1]
    if (quantile === undefined) continue
    const withQuantile: Labels = [...labels, ['quantile', `0.${quantile}`]]
    families.add(`${base}_${name}`, 'gauge', help, withQuantile, value)
  }
}

/** Beans of Kafka's newer sensors have no `name` key; their attributes are the metrics. */
function addSensors(
  families: Families,
  base: string,
  labels: Labels,
  attributes: Readonly<Record<string, unknown>>,
): void {
  for (const [attribute, value] of Object.entries(attributes)) {
    if (attribute === 'current-state' && typeof value === 'string') {
      const state: Labels = [...labels, ['state', value]]
      families.add(`${base}_current_state_info`, 'gauge', `${base} current-state`, state, 1)
      continue
    }
    const kind = attribute.endsWith('-total') ? 'counter' : 'gauge'
    families.add(`${base}_${attribute}`, kind, `${base} ${attribute}`, labels, value)
  }
}

/** As the exporter names what no rule takes: domain_type_attribute, composites with their key behind. */
function addPlain(
  families: Families,
  { domain, keys }: ObjectName,
  attributes: Readonly<Record<string, unknown>>,
): void {
  const base = `${domain}_${keys.get('type') ?? ''}`
  const labels: Labels = [...keys].filter(([key]) => key !== 'type')
  for (const [attribute, value] of Object.entries(attributes)) {
    if (typeof value === 'object' && value !== null) {
      for (const [key, part] of Object.entries(value)) {
        families.add(`${base}_${attribute}_${key}`, 'gauge', `${base} ${attribute}`, labels, part)
      }
    } else families.add(`${base}_${attribute}`, 'gauge', `${base} ${attribute}`, labels, value)
  }
}

/** What Prometheus' Java client says of every process, for dashboards that ask for it. */
function addProcess(
  families: Families,
  bean: string,
  attributes: Readonly<Record<string, unknown>>,
): void {
  const gauge = (name: string, help: string, value: unknown, labels: Labels = []) =>
    families.add(name, 'gauge', help, labels, value)
  if (bean === 'java.lang:type=OperatingSystem') {
    const { ProcessCpuTime: cpuNs, CommittedVirtualMemorySize: residentBytes } = attributes
    const seconds = typeof cpuNs === 'number' ? cpuNs / 1e9 : undefined
    families.add('process_cpu_seconds_total', 'counter', 'CPU time spent', [], seconds)
    gauge('process_open_fds', 'Open file descriptors', attributes.OpenFileDescriptorCount)
    gauge('process_max_fds', 'Most file descriptors', attributes.MaxFileDescriptorCount)
    gauge('process_resident_memory_bytes', 'Resident memory', residentBytes)
  } else if (bean === 'java.lang:type=Runtime') {
    const { StartTime: startMs } = attributes
    const seconds = typeof startMs === 'number' ? startMs / 1000 : undefined
    gauge('process_start_time_seconds', 'Start of the process since the Unix epoch', seconds)
  } else if (bean === 'java.lang:type=Memory') {
    for (const [area, usage] of [
      ['heap', attributes.HeapMemoryUsage],
      ['nonheap', attributes.NonHeapMemoryUsage],
    ] as const) {
      if (typeof usage !== 'object' || usage === null) continue
      for (const [key, value] of Object.entries(usage)) {
        if (key === 'init') continue
        const labels: Labels = [['area', area]]
        // The first since version 1 of the client, the second before.
        gauge(`jvm_memory_${key}_bytes`, `Memory ${key}`, value, labels)
        gauge(`jvm_memory_bytes_${key}`, `Memory ${key}`, value, labels)
      }
    }
  }
}

const cleanNames = new Map<string, string>()
const MAX_CLEAN_NAMES = 10_000

function metricName(name: string): string {
  let clean = cleanNames.get(name)
  if (clean === undefined) {
    clean = name.replace(/[^a-zA-Z0-9_:]/g, '_').toLowerCase()
    if (cleanNames.size >= MAX_CLEAN_NAMES) cleanNames.clear()
    cleanNames.set(name, clean)
  }
  return clean
}

function labelText(labels: Labels): string {
  if (labels.length === 0) return ''
  const parts = labels.map(([name, value]) => {
    const unquoted = /^".*"$/s.test(value) ? value.slice(1, -1) : value
    const escaped = unquoted.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`))
    return `${name.replace(/[^a-zA-Z0-9_]/g, '_')}="${escaped}"`
  })
  return `{${parts.join(',')}}`
}

function escapeHelp(help: string): string {
  return help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (Number.isFinite(value)) return String(value)
  return value > 0 ? '+Inf' : '-Inf'
}
