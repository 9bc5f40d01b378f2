// Metadata transactions, as Apache Kafka writes them around its bootstrap records: what stands between begin
// and end counts only once the end is there. Fed with committed records in order, by the publisher.
import type { MetadataRecord } from './records.ts'

export class TransactionFilter {
  #held: MetadataRecord[] | null = null

  get isOpen(): boolean {
    return this.#held !== null
  }

  /** The records that count now. */
  push(records: readonly MetadataRecord[]): MetadataRecord[] {
    const ready: MetadataRecord[] = []
    for (const record of records) {
      if (record.type === 'beginTransaction') {
        this.#held = []
      } else if (record.type === 'endTransaction') {
        ready.push(...(this.#held ?? []))
        this.#held = null
      } else if (record.type === 'abortTransaction') {
        this.#held = null
      } else {
        const target = this.#held ?? ready
        target.push(record)
      }
    }
    return ready
  }

  clear(): void {
    this.#held = null
  }
}
