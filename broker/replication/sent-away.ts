// Which idempotent producers were sent away by this broker, and with which batch: a client with several in flight may
// find that the next one comes just as this broker begins to lead. Owned by ProducerGate; nothing durable.
import {
  BATCH_HEADER_BYTES,
  batchBaseSequence,
  batchMagic,
  batchProducerId,
  CURRENT_MAGIC,
} from '../../protocol/records/batch.ts'
import type { Clock } from '../runtime/runtime.ts'

/** Longer than clients take to come back, retry.backoff.ms and a look at the metadata. */
const REMEMBERED_MS = 10_000
const PRODUCERS_MAX = 10_000

interface ProducerBatch {
  readonly topic: string
  readonly partition: number
  readonly records: Buffer
}

export class SentAway {
  readonly #clock: Clock
  /** First sequence that was refused, by partition and producer; whose time ends first stands first. */
  readonly #refused = new Map<string, { sequence: number; untilMs: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The batch was refused since this broker does not lead. */
  note(batch: ProducerBatch): void {
    const key = keyOf(batch)
    if (key === null) return
    const nowMs = this.#clock.monotonicMs()
    this.#expire(nowMs)
    const sequence = batchBaseSequence(batch.records, 0)
    const known = this.#refused.get(key)?.sequence ?? sequence
    this.#refused.delete(key)
    const untilMs = nowMs + REMEMBERED_MS
    this.#refused.set(key, { sequence: Math.min(sequence, known), untilMs })
  }

  /** The batch was taken: what came before it, too, or never comes. */
  forget(batch: ProducerBatch): void {
    if (this.#refused.size === 0) return
    this.#expire(this.#clock.monotonicMs())
    const key = keyOf(batch)
    if (key !== null) this.#refused.delete(key)
  }

  /**
   * Whether the batch is out of sequence only because one before it was sent away: then it has to come again behind
   * that one. Told OUT_OF_ORDER_SEQUENCE_NUMBER, librdkafka begins a new epoch and writes anew what may stand in a log.
   */
  isBehind(batch: ProducerBatch): boolean {
    this.#expire(this.#clock.monotonicMs())
    const key = keyOf(batch)
    const refused = key === null ? undefined : this.#refused.get(key)
    return refused !== undefined && batchBaseSequence(batch.records, 0) > refused.sequence
  }

  /** Those who found another leader do not come back. */
  #expire(nowMs: number): void {
    for (const [key, { untilMs }] of this.#refused) {
      if (untilMs > nowMs && this.#refused.size < PRODUCERS_MAX) return
      this.#refused.delete(key)
    }
  }
}

/** null for what is no batch of an idempotent producer. */
function keyOf({ topic, partition, records }: ProducerBatch): string | null {
  if (records.length < BATCH_HEADER_BYTES || batchMagic(records, 0) !== CURRENT_MAGIC) return null
  const producerId = batchProducerId(records, 0)
  return producerId < 0 ? null : `${topic}-${partition} ${producerId}`
}
