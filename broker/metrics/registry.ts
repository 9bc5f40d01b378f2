// Metrics under Kafka's MBean names, with the attributes Kafka's own beans have. Everything marks or updates here;
// Jolokia reads. In memory only: counts begin at 0 with the process, as Kafka's do.
import type { Clock } from '../runtime/runtime.ts'
import { DecayingHistogram } from './histogram.ts'
import { EwmaMeter } from './meter.ts'
import { canonicalName } from './object-name.ts'
import type {
  Bean,
  BeanSource,
  Histogram,
  Meter,
  MetricsRegistry,
  RateUnit,
  Timer,
} from './types.ts'

export type BeanAttributes = Readonly<Record<string, unknown>>

export type { Bean } from './types.ts'

type Metric = EwmaMeter | DecayingHistogram | MeteredHistogram | SensorReaders | null
/** Counts the others when it is read. */
const COUNT_BEAN = 'kafka.server:type=kafka-metrics-count'

type Reader = () => BeanAttributes

export class Registry implements MetricsRegistry {
  readonly #clock: Clock
  #seeds = 0
  readonly #beans = new Map<string, { bean: Bean; metric: Metric }>()
  readonly #sources: BeanSource[] = []
  /** Spellings met so far, so that a hot path pays one lookup. */
  readonly #canonicalNames = new Map<string, string>()

  constructor(options: { clock: Clock }) {
    this.#clock = options.clock
  }

  #nextSeed(): number {
    this.#seeds += 1
    return Math.imul(this.#seeds, 0x9e37_79b1) | 1
  }

  meter(name: string, eventType: string, unit: RateUnit = 'SECONDS'): Meter {
    const canonical = this.#canonical(name)
    const known = this.#beans.get(canonical)?.metric
    if (known instanceof EwmaMeter) return known
    const meter = new EwmaMeter(this.#clock)
    const read = () => meterAttributes(meter, eventType, unit)
    const revision = () => meter.count
    this.#put({ name: canonical, kind: 'meter', read, revision }, meter)
    return meter
  }

  histogram(name: string): Histogram {
    const canonical = this.#canonical(name)
    const known = this.#beans.get(canonical)?.metric
    if (known instanceof DecayingHistogram) return known
    const histogram = new DecayingHistogram(this.#clock, this.#nextSeed())
    const read = () => histogram.snapshot()
    const revision = () => histogram.count
    this.#put({ name: canonical, kind: 'histogram', read, revision }, histogram)
    return histogram
  }

  timer(name: string, eventType: string): Timer {
    const canonical = this.#canonical(name)
    const known = this.#beans.get(canonical)?.metric
    if (known instanceof MeteredHistogram) return known
    const meter = new EwmaMeter(this.#clock)
    const histogram = new DecayingHistogram(this.#clock, this.#nextSeed())
    const timer = new MeteredHistogram(meter, histogram)
    const read = () => ({
      ...histogram.snapshot(),
      ...meterAttributes(meter, eventType, 'SECONDS'),
      LatencyUnit: 'MILLISECONDS',
    })
    const revision = () => meter.count
    this.#put({ name: canonical, kind: 'timer', read, revision }, timer)
    return timer
  }

  gauge(name: string, read: () => number | string | boolean): void {
    const canonical = this.#canonical(name)
    this.#put({ name: canonical, kind: 'gauge', read: () => ({ Value: read() }) }, null)
  }

  sensors(name: string, read: Reader): void {
    const canonical = this.#canonical(name)
    const known = this.#beans.get(canonical)?.metric
    if (known instanceof SensorReaders) {
      known.add(read)
      return
    }
    const readers = new SensorReaders(read)
    this.#put({ name: canonical, kind: 'sensors', read: () => readers.read() }, readers)
  }

  attributes(name: string, read: Reader, types?: Readonly<Record<string, string>>): void {
    const canonical = this.#canonical(name)
    const typed = types === undefined ? {} : { types }
    this.#put({ name: canonical, kind: 'plain', read, ...typed }, null)
  }

  attach(source: BeanSource): void {
    this.#sources.push(source)
  }

  remove(name: string): void {
    this.#beans.delete(this.#canonical(name))
    this.#canonicalNames.delete(name)
  }

  /** By its canonical name, and only where it need not be made first. */
  known(name: string): Bean | null {
    return this.#beans.get(name)?.bean ?? null
  }

  /** Any order of keys; null when there is none. */
  find(name: string): Bean | null {
    const atOnce = this.#beans.get(name)
    if (atOnce !== undefined) return atOnce.bean
    const canonical = canonicalName(name)
    const known = this.#beans.get(canonical)
    if (known !== undefined) return known.bean
    for (const source of this.#sources) {
      const bean = source.find(canonical)
      if (bean !== null) return bean
    }
    return null
  }

  /** How many beans there are, those made when asked for left out; the figures in those of `kind` 'sensors'. */
  counts(): { yammer: number; sensors: number } {
    let yammer = 0
    let sensors = 0
    for (const { bean, metric } of this.#beans.values()) {
      if (bean.name === COUNT_BEAN) sensors += 1
      else if (metric instanceof SensorReaders) sensors += metric.figureCount
      else if (bean.kind !== 'plain') yammer += 1
    }
    return { yammer, sensors }
  }

  /**
   * Sources that have nothing of what is wanted are not asked: of beans of partitions, or of another `type` than
   * the one named. Others may come too.
   */
  *beans(wanted: { withPartitions?: boolean; type?: string } = {}): Iterable<Bean> {
    const { withPartitions = true, type } = wanted
    for (const { bean } of this.#beans.values()) yield bean
    for (const source of this.#sources) {
      if (!withPartitions && source.isPerPartition === true) continue
      if (type === undefined || source.type === undefined || source.type === type) {
        yield* source.beans()
      }
    }
  }

  /** Those that `withPartitions: false` leaves out. */
  *partitionBeans(): Iterable<Bean> {
    for (const source of this.#sources) if (source.isPerPartition === true) yield* source.beans()
  }

  #put(bean: Bean, metric: Metric): void {
    this.#beans.set(bean.name, { bean, metric })
  }

  #canonical(name: string): string {
    let canonical = this.#canonicalNames.get(name)
    if (canonical === undefined) {
      canonical = canonicalName(name)
      this.#canonicalNames.set(name, canonical)
    }
    return canonical
  }
}

/** The sources of one bean's attributes. */
class SensorReaders {
  readonly #readers: Reader[]
  #figureCount: number | null = null

  constructor(first: Reader) {
    this.#readers = [first]
  }

  add(reader: Reader): void {
    this.#readers.push(reader)
    this.#figureCount = null
  }

  read(): BeanAttributes {
    const [first, ...others] = this.#readers
    const figures = { ...first?.() }
    for (const reader of others) Object.assign(figures, reader())
    this.#figureCount = Object.keys(figures).length
    return figures
  }

  /** As of the last reading: counting must not cost what reading does. */
  get figureCount(): number {
    return this.#figureCount ?? Object.keys(this.read()).length
  }
}

class MeteredHistogram implements Timer {
  readonly #meter: EwmaMeter
  readonly #histogram: DecayingHistogram

  constructor(meter: EwmaMeter, histogram: DecayingHistogram) {
    this.#meter = meter
    this.#histogram = histogram
  }

  update(durationMs: number): void {
    this.#meter.mark()
    this.#histogram.update(durationMs)
  }
}

const PER_SECOND: Readonly<Record<RateUnit, number>> = { SECONDS: 1, NANOSECONDS: 1e9 }

function meterAttributes(meter: EwmaMeter, eventType: string, unit: RateUnit): BeanAttributes {
  const perSecond = PER_SECOND[unit]
  return {
    Count: meter.count,
    EventType: eventType,
    FifteenMinuteRate: meter.rate(15) / perSecond,
    FiveMinuteRate: meter.rate(5) / perSecond,
    MeanRate: meter.meanRate() / perSecond,
    OneMinuteRate: meter.rate(1) / perSecond,
    RateUnit: unit,
  }
}
