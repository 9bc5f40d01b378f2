// A fetcher's side of an incremental fetch session (KIP-227): remembers what the leader was told, so that the
// next request carries only what changed. Owned by ReplicaFetcher; begins anew with every connection.
import type { Encodable } from '../../protocol/api.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import type { FetchRequest, FetchResponse } from '../../protocol/schemas/01-fetch.ts'
import type { Partition } from './partition.ts'
import type { AskedPartition } from './take-fetched.ts'

interface Told {
  readonly asked: AskedPartition
  readonly logStartOffset: number
}

type RequestPart = Pick<
  Encodable<FetchRequest>,
  'sessionId' | 'sessionEpoch' | 'topics' | 'forgottenTopicsData'
>

const FULL = 0
const MAX_EPOCH = 0x7fffffff
const NEW_PER_REQUEST_MAX = 1500

export class FetchSessionClient {
  #id = 0
  #epoch = FULL
  readonly #told = new Map<Partition, Told>()
  /** The leader keeps none for this fetcher: what is not asked for now would never be. */
  #isWithoutSession = false

  /** Whether a response leaves out what has not changed. */
  get isIncremental(): boolean {
    return this.#epoch !== FULL
  }

  reset(): void {
    this.#id = 0
    this.#epoch = FULL
    this.#told.clear()
    this.#isWithoutSession = false
  }

  /**
   * Those of `ready` that the next request asks for: all that the leader was told of, and so many new ones that neither
   * side is kept for long by decoding and answering them; the others have their turn with the requests that follow.
   */
  admit(ready: readonly AskedPartition[]): readonly AskedPartition[] {
    if (ready.length <= NEW_PER_REQUEST_MAX || this.#isWithoutSession) return ready
    let left = NEW_PER_REQUEST_MAX
    const admitted: AskedPartition[] = []
    for (const one of ready) {
      if (!this.#told.has(one.followed.partition) && left-- <= 0) continue
      admitted.push(one)
    }
    return admitted
  }

  /** What the next request says; from then on it counts as told. */
  build(asked: readonly AskedPartition[], partitionMaxBytes: number): RequestPart {
    const changed: AskedPartition[] = []
    for (const one of asked) {
      const { partition } = one.followed
      const told = this.#told.get(partition)
      const { logStartOffset } = one.log
      const isSame =
        told !== undefined &&
        told.asked.followed === one.followed &&
        told.asked.fetchOffset === one.fetchOffset &&
        told.logStartOffset === logStartOffset
      if (isSame) continue
      this.#told.set(partition, { asked: one, logStartOffset })
      changed.push(one)
    }
    return {
      sessionId: this.#id,
      sessionEpoch: this.#epoch,
      topics: topicsOf(changed, partitionMaxBytes),
      forgottenTopicsData: this.#told.size > asked.length ? this.#forget(asked) : [],
    }
  }

  /** Takes the session on from a response; false: the leader lost it, ask in full. */
  accept(response: FetchResponse): boolean {
    const isLost =
      response.errorCode === ErrorCode.FETCH_SESSION_ID_NOT_FOUND ||
      response.errorCode === ErrorCode.INVALID_FETCH_SESSION_EPOCH ||
      response.errorCode === ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR
    if (isLost || response.sessionId === 0) {
      this.reset()
      this.#isWithoutSession = !isLost
      return !isLost
    }
    this.#id = response.sessionId
    this.#isWithoutSession = false
    this.#epoch = this.#epoch === MAX_EPOCH ? 1 : this.#epoch + 1
    return true
  }

  #forget(asked: readonly AskedPartition[]) {
    const kept = new Set(asked.map((one) => one.followed.partition))
    const byTopic = new Map<string, { topic: string; topicId: string; partitions: number[] }>()
    for (const partition of [...this.#told.keys()]) {
      if (kept.has(partition)) continue
      this.#told.delete(partition)
      const { topic, topicId } = partition
      const entry = byTopic.get(topicId) ?? { topic, topicId, partitions: [] }
      entry.partitions.push(partition.partition)
      byTopic.set(topicId, entry)
    }
    return [...byTopic.values()]
  }
}

function topicsOf(asked: readonly AskedPartition[], partitionMaxBytes: number) {
  type AskedTopic = { topic: string; topicId: string; partitions: ReturnType<typeof askOf>[] }
  const byTopic = new Map<string, AskedTopic>()
  for (const one of asked) {
    const { topic, topicId } = one.followed.partition
    let entry = byTopic.get(topicId)
    if (entry === undefined) {
      entry = { topic, topicId, partitions: [] }
      byTopic.set(topicId, entry)
    }
    entry.partitions.push(askOf(one, partitionMaxBytes))
  }
  return [...byTopic.values()]
}

function askOf({ followed, log, fetchOffset }: AskedPartition, partitionMaxBytes: number) {
  return {
    partition: followed.partition.partition,
    currentLeaderEpoch: followed.leaderEpoch,
    fetchOffset,
    // Of the last record, not of the last leadership: that one may have begun and ended without records.
    lastFetchedEpoch: log.epochOf(fetchOffset - 1),
    logStartOffset: log.logStartOffset,
    partitionMaxBytes,
  }
}
