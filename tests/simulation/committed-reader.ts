// A consumer of the simulated cluster that reads committed transactions only, as clients do: past the records of those
// that a Fetch names as aborted. What it was once given must stay.
import { ErrorCode } from '../../protocol/errors.ts'
import {
  batchLastOffset,
  batchPositions,
  batchProducerId,
  batchSizeBytes,
  isControlBatch,
  isTransactionalBatch,
} from '../../protocol/records/batch.ts'
import { readEndTransactionMarker } from '../../protocol/records/control.ts'
import { readRecordsSync } from '../../protocol/records/read.ts'
import { Fetch, type FetchResponse } from '../../protocol/schemas/01-fetch.ts'
import { Client, RETRY_MS, type TopicHandle } from './client.ts'
import type { SimulatedCluster } from './cluster.ts'

const MAX_BYTES = 16 * 1024
const READ_COMMITTED = 1

type FetchedPartition = FetchResponse['responses'][number]['partitions'][number]

export class CommittedReader {
  readonly partition: number
  readonly values: number[] = []
  position = 0
  isStopping = false
  readonly done: Promise<void>
  readonly #client: Client
  readonly #topic: TopicHandle
  readonly #untilHighWatermark: boolean

  /** `untilHighWatermark`: ends by itself once everything is read. */
  constructor(
    cluster: SimulatedCluster,
    topic: TopicHandle,
    options: { partition: number; untilHighWatermark?: boolean },
  ) {
    this.partition = options.partition
    this.#untilHighWatermark = options.untilHighWatermark ?? false
    this.#topic = topic
    this.#client = new Client(cluster)
    this.done = this.#run()
  }

  async #run(): Promise<void> {
    while (!this.isStopping) {
      const leader = await this.#client.leaderOf(this.#topic.name, this.partition)
      while (leader !== null && !this.isStopping && (await this.#read(leader))) {
        await this.#client.sleep(this.#client.runtime.random.int(200))
      }
      await this.#client.sleep(RETRY_MS)
    }
  }

  /** False when the leader has to be looked up anew. */
  async #read(leader: number): Promise<boolean> {
    const partition = {
      partition: this.partition,
      fetchOffset: this.position,
      partitionMaxBytes: MAX_BYTES,
    }
    const { name, id } = this.#topic
    const response = await this.#client.ask(leader, Fetch, {
      maxWaitMs: 300,
      minBytes: 1,
      maxBytes: MAX_BYTES,
      isolationLevel: READ_COMMITTED,
      sessionEpoch: -1,
      topics: [{ topicId: id, topic: name, partitions: [partition] }],
    })
    const found = response?.responses[0]?.partitions[0]
    if (found?.errorCode !== ErrorCode.NONE) return false
    this.#take(found)
    if (this.#untilHighWatermark && this.position >= found.highWatermark) this.isStopping = true
    return true
  }

  #take({ records, abortedTransactions }: FetchedPartition): void {
    if (records === null) return
    const coming = [...(abortedTransactions ?? [])].sort((a, b) => a.firstOffset - b.firstOffset)
    const aborted = new Set<number>()
    for (const at of batchPositions(records)) {
      const batch = records.subarray(at, at + batchSizeBytes(records, at))
      const lastOffset = batchLastOffset(batch, 0)
      const producerId = batchProducerId(batch, 0)
      while (coming[0] !== undefined && coming[0].firstOffset <= lastOffset) {
        aborted.add(coming.shift()?.producerId ?? -1)
      }
      if (isControlBatch(batch, 0)) {
        if (readEndTransactionMarker(batch)?.isCommit === false) aborted.delete(producerId)
      } else if (!isTransactionalBatch(batch, 0) || !aborted.has(producerId)) {
        for (const record of readRecordsSync(batch)) {
          if (record.offset >= this.position) this.values.push(Number(record.value?.toString()))
        }
      }
      this.position = Math.max(this.position, lastOffset + 1)
    }
  }
}
