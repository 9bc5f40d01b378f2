// A consumer without a group that reads a partition as faults go on: what it was once given must stay.
import type { Encodable } from '../../protocol/api.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import { batchPositions, batchSizeBytes, isControlBatch } from '../../protocol/records/batch.ts'
import { readRecordsSync } from '../../protocol/records/read.ts'
import { Fetch, type FetchRequest } from '../../protocol/schemas/01-fetch.ts'
import { Client, RETRY_MS, type TopicHandle } from './client.ts'
import type { SimulatedCluster } from './cluster.ts'

const MAX_BYTES = 16 * 1024

export class Reader {
  readonly partition: number
  /** Everything below it was read. */
  position = 0
  isStopping = false
  readonly done: Promise<void>
  readonly #cluster: SimulatedCluster
  readonly #client: Client
  readonly #topic: TopicHandle

  constructor(cluster: SimulatedCluster, topic: TopicHandle, partition: number) {
    this.partition = partition
    this.#cluster = cluster
    this.#topic = topic
    this.#client = new Client(cluster)
    this.done = this.#run()
  }

  async #run(): Promise<void> {
    while (!this.isStopping) {
      const leader = await this.#client.leaderOf(this.#topic.name, this.partition)
      while (leader !== null && !this.isStopping && (await this.#read(leader))) {
        await this.#client.sleep(this.#client.runtime.random.int(300))
      }
      await this.#client.sleep(RETRY_MS)
    }
  }

  #request(): Encodable<FetchRequest> {
    const partition = {
      partition: this.partition,
      fetchOffset: this.position,
      partitionMaxBytes: MAX_BYTES,
    }
    const topics = [{ topicId: this.#topic.id, topic: this.#topic.name, partitions: [partition] }]
    return { maxWaitMs: 300, minBytes: 1, maxBytes: MAX_BYTES, sessionEpoch: -1, topics }
  }

  /** False when the leader has to be looked up anew. */
  async #read(leader: number): Promise<boolean> {
    const response = await this.#client.ask(leader, Fetch, this.#request())
    const found = response?.responses[0]?.partitions[0]
    if (found?.errorCode !== ErrorCode.NONE) return false
    const records = found.records ?? Buffer.alloc(0)
    for (const at of batchPositions(records)) {
      const batch = records.subarray(at, at + batchSizeBytes(records, at))
      if (!isControlBatch(batch, 0)) this.#take(batch, leader)
    }
    return true
  }

  /** One producer numbers its records from 0 and is alone: the number is the offset. */
  #take(batch: Buffer, leader: number): void {
    for (const record of readRecordsSync(batch)) {
      if (record.offset < this.position) continue
      const value = record.value?.toString() ?? ''
      const wanted = `${this.partition}:${this.position}`
      if (record.offset !== this.position || value !== wanted) {
        this.#cluster.violations.push(
          `a reader of ${this.#topic.name}-${this.partition} on ${leader} finds ${value} at offset ` +
            `${record.offset} where ${wanted} belongs`,
        )
      }
      this.position = record.offset + 1
    }
  }
}
