// A metadata quorum for tests of what stands on it: it leads or not, and commits, when the test says so.
import type { MetadataPublisher } from '../../broker/metadata/publisher.ts'
import type { QuorumInfo, RaftClient, RaftListener } from '../../broker/raft/types.ts'

interface Batch {
  baseOffset: number
  epoch: number
  records: readonly Buffer[]
}

export class OneNodeQuorum implements RaftClient {
  readonly nodeId: number
  leaderAndEpoch: { leaderId: number | null; epoch: number } = { leaderId: null, epoch: 0 }
  highWatermark = 0
  logEndOffset = 0
  /** Commits whatever is appended, in the same turn. */
  isCommitting = true
  readonly snapshots: { endOffset: number; records: readonly Buffer[] }[] = []
  readonly batches: Batch[] = []
  #uncommitted: Batch[] = []
  #listener: RaftListener | null = null

  constructor(nodeId: number) {
    this.nodeId = nodeId
  }

  register(listener: RaftListener): void {
    this.#listener = listener
  }

  scheduleAppend(epoch: number, records: readonly Buffer[]): number | null {
    const { leaderId, epoch: current } = this.leaderAndEpoch
    if (leaderId !== this.nodeId || epoch !== current) return null
    const batch = { baseOffset: this.logEndOffset, epoch, records }
    this.#uncommitted.push(batch)
    this.logEndOffset += records.length
    if (this.isCommitting) queueMicrotask(() => this.commit())
    return this.logEndOffset - 1
  }

  /** The next `count` batches are committed. */
  commit(count = Number.POSITIVE_INFINITY): void {
    for (const batch of this.#uncommitted.splice(0, count)) {
      this.batches.push(batch)
      const lastOffset = batch.baseOffset + batch.records.length - 1
      this.highWatermark = lastOffset + 1
      void this.#listener?.handleCommit({ ...batch, lastOffset, appendTimestampMs: 0 })
    }
  }

  lead(epoch = this.leaderAndEpoch.epoch + 1): void {
    this.#change(this.nodeId, epoch)
  }

  /** Somebody else leads; what was not committed is gone. */
  follow(leaderId: number | null, epoch = this.leaderAndEpoch.epoch + 1): void {
    this.#uncommitted = []
    this.logEndOffset = this.highWatermark
    this.#change(leaderId, epoch)
  }

  #change(leaderId: number | null, epoch: number): void {
    this.leaderAndEpoch = { leaderId, epoch }
    this.#listener?.handleLeaderChange(this.leaderAndEpoch)
  }

  resign(): void {
    this.follow(null)
  }

  createSnapshot(snapshot: { endOffset: number; records: readonly Buffer[] }): Promise<void> {
    this.snapshots.push(snapshot)
    return Promise.resolve()
  }

  describe(): QuorumInfo {
    const { leaderId, epoch: leaderEpoch } = this.leaderAndEpoch
    const { highWatermark } = this
    return { leaderId: leaderId ?? -1, leaderEpoch, highWatermark, voters: [], observers: [] }
  }

  shutdown(): Promise<void> {
    return Promise.resolve()
  }

  /** Hands the publisher to the quorum. */
  feed(publisher: MetadataPublisher): void {
    publisher.start(this)
  }
}
