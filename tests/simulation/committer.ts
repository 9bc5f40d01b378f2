// Commits group offsets in the simulated cluster and reads them back.
import { ErrorCode, errorName } from '../../protocol/errors.ts'
import { OffsetCommit } from '../../protocol/schemas/08-offset-commit.ts'
import { OffsetFetch } from '../../protocol/schemas/09-offset-fetch.ts'
import { FindCoordinator } from '../../protocol/schemas/10-find-coordinator.ts'
import { Client, RETRY_MS, type TopicHandle } from './client.ts'
import type { SimulatedCluster } from './cluster.ts'

/** Commits ever larger offsets for a group of its own. */
export class OffsetCommitter {
  committed = 0
  attempted = 0
  isStopping = false
  readonly done: Promise<void>
  readonly #client: Client
  readonly #topic: TopicHandle
  readonly groupId: string

  constructor(cluster: SimulatedCluster, topic: TopicHandle, groupId: string) {
    this.groupId = groupId
    this.#topic = topic
    this.#client = new Client(cluster)
    this.done = this.#run()
  }

  #coordinator(): Promise<number> {
    const request = { keyType: 0, coordinatorKeys: [this.groupId] }
    return this.#client.insist(FindCoordinator, request, (response) => {
      const found = response.coordinators[0]
      return found?.errorCode === ErrorCode.NONE ? found.nodeId : null
    })
  }

  async #run(): Promise<void> {
    while (!this.isStopping) {
      const coordinator = await this.#coordinator()
      while (!this.isStopping) {
        this.attempted++
        const response = await this.#client.ask(coordinator, OffsetCommit, {
          groupId: this.groupId,
          generationIdOrMemberEpoch: -1,
          memberId: '',
          topics: [
            {
              name: this.#topic.name,
              topicId: this.#topic.id,
              partitions: [
                { partitionIndex: 0, committedOffset: this.attempted, committedMetadata: '' },
              ],
            },
          ],
        })
        const code = response?.topics[0]?.partitions[0]?.errorCode
        await this.#client.sleep(50)
        if (code !== ErrorCode.NONE) break
        this.committed = this.attempted
      }
    }
  }

  /** What the group's coordinator answers once it can. */
  async read(): Promise<number> {
    for (;;) {
      const coordinator = await this.#coordinator()
      const topics = [{ name: this.#topic.name, topicId: this.#topic.id, partitionIndexes: [0] }]
      const response = await this.#client.ask(coordinator, OffsetFetch, {
        groups: [{ groupId: this.groupId, topics }],
      })
      const group = response?.groups[0]
      const partition = group?.topics[0]?.partitions[0]
      if (group?.errorCode === ErrorCode.NONE && partition?.errorCode === ErrorCode.NONE) {
        return partition.committedOffset
      }
      const code = group?.errorCode ?? ErrorCode.NONE
      if (code !== ErrorCode.NONE) this.#client.cluster.say(`OffsetFetch: ${errorName(code)}`)
      await this.#client.sleep(RETRY_MS)
    }
  }
}
