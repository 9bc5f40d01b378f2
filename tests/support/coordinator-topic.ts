// One partition of a coordinator's internal topic as a list of batches that outlives coordinators, and the
// replicas over it as far as a coordinator asks.

import type { Log } from '../../broker/log/types.ts'
import type { PartitionView, Replicas } from '../../broker/replication/types.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import { batchRecordCount, setBatchBaseOffset } from '../../protocol/records/batch.ts'
import { type DecodedRecord, readRecordsSync } from '../../protocol/records/read.ts'

export class CoordinatorTopic {
  readonly batches: Buffer[] = []
  endOffset = 0
  /** What appends are answered; nothing is written unless NONE. */
  errorCode: number = ErrorCode.NONE
  /** What transactional appends are answered when they are verified. */
  verificationCode: number = ErrorCode.NONE
  /** Appends wait for it, as for the high watermark; set by `hold`. */
  #held: Promise<void> | null = null

  get log(): Log {
    const fake = {
      logStartOffset: 0,
      logEndOffset: this.endOffset,
      read: ({ offset }: { offset: number }) => ({
        records: Buffer.concat(this.batches),
        baseOffset: offset,
        nextOffset: this.endOffset,
      }),
    }
    return fake as unknown as Log
  }

  records(): DecodedRecord[] {
    return this.batches.flatMap((batch) => readRecordsSync(batch))
  }

  /** Gives the offset of its first record. */
  append(batch: Buffer): number {
    setBatchBaseOffset(batch, 0, this.endOffset)
    const firstOffset = this.endOffset
    this.endOffset += batchRecordCount(batch, 0)
    this.batches.push(batch)
    return firstOffset
  }

  /** Appends from now on stand in the log but are not committed until the result is called. */
  hold(): () => void {
    let release: () => void = () => undefined
    this.#held = new Promise((resolve) => {
      release = () => {
        this.#held = null
        resolve()
      }
    })
    return release
  }

  /** A broker's view of it: `elect` begins its leadership, `resign` ends it. */
  leader() {
    type Listener = Parameters<Replicas['onLeadership']>[1]
    let listener: Listener | null = null
    const replicas = {
      localBrokerEpoch: 1,
      get: () => ({ log: this.log }) as unknown as PartitionView,
      onLeadership: (_topic: string, own: Listener) => {
        listener = own
      },
      verifyTransaction: async () => ({
        errorCode: this.verificationCode,
        verificationGuard: null,
      }),
      produce: async (entries: readonly { records: Buffer }[]) => {
        const results = entries.map(({ records }) => ({
          errorCode: this.errorCode,
          info: this.errorCode === 0 ? { firstOffset: this.append(records) } : null,
        }))
        await this.#held
        return results
      },
    } as unknown as Replicas
    return {
      replicas,
      elect: (epoch: number) => listener?.elected(0, epoch),
      resign: () => listener?.resigned(0, null),
    }
  }
}
