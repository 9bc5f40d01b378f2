// Random values for the fields of any request schema: mostly such as mean something to a broker (names that exist,
// small numbers, what earlier answers told), now and then the edges of a type.
import type { FieldSpec } from '../../protocol/fields.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import type { SeededRandom } from '../support/memory-runtime.ts'
import { randomRecords } from './records.ts'

/** Nobody but the check of health uses it. */
export const HEALTH_TOPIC = 'health'

/** Values seen in answers, by the name of their field: topic ids, member ids, epochs, producer ids. */
export class Learned {
  readonly #byName = new Map<string, unknown[]>()
  readonly #random: SeededRandom

  constructor(random: SeededRandom) {
    this.#random = random
  }

  take(value: unknown, name = ''): void {
    if (Array.isArray(value)) {
      for (const element of value.slice(0, KEPT_EACH)) this.take(element, name)
    } else if (Buffer.isBuffer(value)) {
      return
    } else if (typeof value === 'object' && value !== null) {
      if (Object.values(value).includes(HEALTH_TOPIC)) return
      for (const [key, inner] of Object.entries(value)) this.take(inner, key)
    } else if (typeof value === 'string' || typeof value === 'number') {
      this.#keep(kin(name), value)
    }
  }

  #keep(name: string, value: unknown): void {
    const kept = this.#byName.get(name) ?? []
    this.#byName.set(name, kept)
    if (kept.length < KEPT_EACH) kept.push(value)
    else kept[this.#random.int(KEPT_EACH)] = value
  }

  recall(name: string): unknown {
    const kept = this.#byName.get(kin(name)) ?? []
    return kept[this.#random.int(Math.max(1, kept.length))]
  }
}

const KEPT_EACH = 20
/** Elements of an array, mostly. */
const ELEMENTS_MAX = 3
/** The longest that a request may wait; more would only let the fuzzer wait too. */
const WAIT_MAX_MS = 20_000

/** group.min.session.timeout.ms */
const MIN_SESSION_MS = 6000

/** Fields that mean the same under another name. */
const kin = (name: string): string =>
  name.replace(/^(topic|name|topicName)$/, 'topic').replace(/^partition(Index|Id)?$/, 'partition')

const pools: readonly (readonly [name: RegExp, values: readonly string[]])[] = [
  [/^(topic|name|topicName|topicNames|resourceName)$/, ['a', 'b', 'c', '1']],
  [/clusterId/i, ['AAAAAAAAQACAAAAAAAAAAA']],
  [/group/i, ['g1', 'g2', 'g3']],
  [/transactionalId/i, ['t1', 't2']],
  [/protocolType|types/i, ['consumer', 'classic', 'connect']],
  [/protocol/i, ['range', 'roundrobin', 'consumer']],
  [/memberId|instanceId/i, ['', 'm1']],
  [/config|key/i, ['retention.ms', 'cleanup.policy', 'min.insync.replicas', 'segment.bytes']],
  [/feature/i, ['metadata.version', 'kraft.version', 'transaction.version']],
  [/state/i, ['Stable', 'Empty', 'Ongoing']],
]

const edges: readonly string[] = [
  '__consumer_offsets',
  '',
  ' ',
  '.',
  '..',
  '../..',
  'ü',
  '\u0000',
  'x'.repeat(300),
]
const numbers = [-2, -1, -1, 0, 0, 0, 1, 1, 2, 3, 5, 10] as const

const limits: Partial<Record<FieldSpec['kind'], readonly [number, number]>> = {
  int8: [-128, 127],
  int16: [-32768, 32767],
  uint16: [0, 65535],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
}

export class ValueSource {
  readonly learned: Learned
  readonly #random: SeededRandom
  /** Of an envelope: what is inside. */
  readonly #innerRequest: () => Buffer

  constructor(random: SeededRandom, innerRequest: () => Buffer) {
    this.#random = random
    this.#innerRequest = innerRequest
    this.learned = new Learned(random)
  }

  /** A value of all fields that the version has. */
  struct(fields: Readonly<Record<string, FieldSpec>>, version: number): Record<string, unknown> {
    const value: Record<string, unknown> = {}
    for (const [name, spec] of Object.entries(fields)) {
      const isThere = version >= spec.from && version <= (spec.until ?? Number.POSITIVE_INFINITY)
      const isTagged = spec.tag !== undefined && version >= (spec.tagFrom ?? 0)
      if (spec.tag !== undefined && !isTagged) continue
      if (isThere && (!isTagged || this.#random.next() < 0.5)) {
        value[name] = this.#value(spec, name, version)
      }
    }
    return value
  }

  #value(spec: FieldSpec, name: string, version: number): unknown {
    const mayBeNull =
      spec.nullableFrom !== undefined &&
      version >= spec.nullableFrom &&
      version <= (spec.nullableUntil ?? Number.POSITIVE_INFINITY)
    if (mayBeNull && this.#random.next() < 0.15) return null
    switch (spec.kind) {
      case 'array':
        return this.#array(spec.element, name, version)
      case 'struct':
        return this.struct(spec.fields ?? {}, version)
      case 'string':
        return this.#string(name)
      case 'bool':
        return this.#random.next() < 0.5
      case 'uuid':
        return this.#uuid(name)
      case 'records':
        return randomRecords(this.#random)
      case 'bytes':
        return this.#bytes(name)
      case 'float64':
        return [0, 1, -1, Number.NaN, Number.POSITIVE_INFINITY][this.#random.int(5)]
      default:
        return this.#number(spec.kind, name)
    }
  }

  #array(element: FieldSpec | undefined, name: string, version: number): unknown[] {
    const isLong = this.#random.next() < 0.01
    const count = isLong ? this.#random.int(200) : this.#random.int(ELEMENTS_MAX + 1)
    if (element === undefined) return []
    return Array.from({ length: count }, () => this.#value(element, name, version))
  }

  #string(name: string): string {
    const roll = this.#random.next()
    if (roll < 0.05) return edges[this.#random.int(edges.length)] ?? ''
    const known = roll < 0.4 ? this.learned.recall(name) : undefined
    if (typeof known === 'string') return known
    const pool = pools.find(([pattern]) => pattern.test(name))?.[1] ?? ['', 'x', '1', 'a']
    return pool[this.#random.int(pool.length)] ?? ''
  }

  #uuid(name: string): string {
    const known = this.#random.next() < 0.7 ? this.learned.recall(name) : undefined
    if (typeof known === 'string') return known
    return this.#random.next() < 0.5 ? ZERO_UUID : this.#random.uuid()
  }

  #bytes(name: string): Buffer {
    if (name === 'requestData') return this.#innerRequest()
    const roll = this.#random.next()
    // A consumer's subscription to topic "a", version 0.
    if (roll < 0.5) return Buffer.from('000000000001000161ffffffff', 'hex')
    const length = roll < 0.98 ? this.#random.int(40) : this.#random.int(5000)
    return Buffer.from(Array.from({ length }, () => this.#random.int(256)))
  }

  #number(kind: FieldSpec['kind'], name: string): number {
    const [least, most] = limits[kind] ?? [0, 1]
    const within = (value: number): number => Math.max(least, Math.min(most, value))
    if (/sessionTimeoutMs/i.test(name) && this.#random.next() < 0.8) return MIN_SESSION_MS
    if (/Ms$|timeout/i.test(name)) return within(this.#waitMs())
    const roll = this.#random.next()
    if (roll < 0.04) return this.#random.next() < 0.5 ? least : most
    if (roll < 0.07) return within(this.#random.int(2 ** 31))
    const known = roll < 0.45 ? this.learned.recall(name) : undefined
    if (typeof known === 'number') return within(known)
    if (/bytes/i.test(name)) return within(this.#random.int(100_000))
    return within(numbers[this.#random.int(numbers.length)] ?? 0)
  }

  #waitMs(): number {
    const roll = this.#random.next()
    if (roll < 0.05) return -1
    if (roll < 0.98) return this.#random.int(100)
    return this.#random.int(WAIT_MAX_MS)
  }
}
