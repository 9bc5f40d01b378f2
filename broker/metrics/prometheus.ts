// The metrics as Prometheus text (exposition format 0.0.4). A scrape each second must cost next to nothing: what of a
// line is the same each time is made once, and the lines of what stands still are kept whole.
import { type ObjectName, parseObjectName } from './object-name.ts'
import { type Labels, type Sample, samplesOf } from './prometheus-names.ts'
import type { Bean, Registry } from './registry.ts'

export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

interface Family {
  readonly header: string
  /** Lines of the answer being written. */
  readonly lines: string[]
}

/** A line up to its value. */
interface Slot {
  readonly family: Family
  readonly prefix: string
  readonly sample: Sample
}

type Put = (family: Family, line: string) => void

/** Beans whose lines are remembered; some hundreds are usual, topics and versions of clients add to them. */
const MAX_BEANS = 20_000
/** Attributes of one bean, texts that came and went among them. */
const MAX_SLOTS = 1000

export class PrometheusWriter {
  readonly #families = new Map<string, Family>()
  readonly #beans = new Map<string, BeanLines>()

  /** `withPartitions` adds the beans that exist for each partition: many, so nothing of them is remembered. */
  text(registry: Registry, { withPartitions }: { withPartitions: boolean }): string {
    if (this.#beans.size > MAX_BEANS) {
      this.#beans.clear()
      this.#families.clear()
    }
    try {
      for (const bean of registry.beans({ withPartitions: false })) {
        const lines = this.#beans.get(bean.name) ?? this.#remember(bean)
        lines?.write(bean)
      }
      const beans = withPartitions ? registry.partitionBeans() : []
      for (const bean of beans) this.#linesOf(bean)?.write(bean)
      return this.#collect()
    } finally {
      // Also where a bean could not be read.
      for (const { lines } of this.#families.values()) lines.length = 0
    }
  }

  #remember(bean: Bean): BeanLines | null {
    const lines = this.#linesOf(bean)
    if (lines !== null) this.#beans.set(bean.name, lines)
    return lines
  }

  #linesOf(bean: Bean): BeanLines | null {
    const name = parseObjectName(bean.name)
    return name === null ? null : new BeanLines(name, (sample) => this.#familyOf(sample))
  }

  #familyOf(sample: Sample): Family {
    const name = metricName(sample.family ?? sample.name)
    let family = this.#families.get(name)
    if (family === undefined) {
      const header = `# HELP ${name} ${escapeHelp(sample.help)}\n# TYPE ${name} ${sample.kind}`
      family = { header, lines: [] }
      this.#families.set(name, family)
    }
    return family
  }

  #collect(): string {
    const text: string[] = []
    for (const { header, lines } of this.#families.values()) {
      if (lines.length === 0) continue
      text.push(header)
      for (const line of lines) text.push(line)
    }
    return text.length === 0 ? '' : `${text.join('\n')}\n`
  }
}

const put: Put = (family, line) => family.lines.push(line)

/** The lines of one bean, from one answer to the next. */
class BeanLines {
  readonly #name: ObjectName
  readonly #familyOf: (sample: Sample) => Family
  /** By attribute, and by key or text within it. */
  readonly #slots = new Map<string, readonly Slot[]>()
  /** What is kept is of this bean at this revision. */
  #bean: Bean | null = null
  #revision = -1
  #kept: readonly (readonly [Family, string])[] = []

  constructor(name: ObjectName, familyOf: (sample: Sample) => Family) {
    this.#name = name
    this.#familyOf = familyOf
  }

  write(bean: Bean): void {
    const revision = this.#isStill(bean) ? bean.revision?.() : undefined
    if (revision === undefined) {
      this.#render(bean, put)
      return
    }
    if (revision !== this.#revision || bean !== this.#bean) {
      const kept: [Family, string][] = []
      this.#render(bean, (family, line) => {
        const last = kept.at(-1)
        if (last?.[0] === family) last[1] += `\n${line}`
        else kept.push([family, line])
      })
      this.#kept = kept
      this.#revision = revision
      this.#bean = bean
    }
    for (const [family, lines] of this.#kept) family.lines.push(lines)
  }

  /** Whether what is written of it changes with its revision alone; mean rates fall by themselves. */
  #isStill({ kind }: Bean): boolean {
    if (kind === 'histogram') return true
    return (
      (kind === 'meter' || kind === 'timer') && !this.#name.keys.get('name')?.includes('Percent')
    )
  }

  #render(bean: Bean, to: Put): void {
    const attributes = bean.read()
    for (const name in attributes) {
      const value = attributes[name]
      if (typeof value === 'number') this.#write(to, value, name)
      else if (typeof value === 'boolean') this.#write(to, value ? 1 : 0, name)
      else if (typeof value === 'string') this.#write(to, Number.NaN, name, null, value)
      else if (typeof value === 'object' && value !== null) {
        for (const [key, part] of Object.entries(value)) {
          if (typeof part === 'number') this.#write(to, part, name, key)
        }
      }
    }
  }

  #write(
    to: Put,
    value: number,
    name: string,
    key: string | null = null,
    text: string | null = null,
  ): void {
    const id = key === null && text === null ? name : `${name} ${key ?? ''} ${text ?? ''}`
    let slots = this.#slots.get(id)
    if (slots === undefined) {
      slots = this.#slotsOf(name, key, text)
      if (this.#slots.size < MAX_SLOTS) this.#slots.set(id, slots)
    }
    for (const { family, prefix, sample } of slots) {
      const number = sample.constant ?? (sample.per === undefined ? value : value / sample.per)
      to(family, prefix + numberText(number))
    }
  }

  #slotsOf(name: string, key: string | null, text: string | null): readonly Slot[] {
    return samplesOf(this.#name, { name, key, text }).map((sample) => ({
      sample,
      family: this.#familyOf(sample),
      prefix: `${metricName(sample.name)}${labelText(sample.labels)} `,
    }))
  }
}

function metricName(name: string): string {
  return name.replace(/[^a-zA-Z0-9_:]/g, '_').toLowerCase()
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
