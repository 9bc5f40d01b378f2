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

  async #run(): Promise<void> {
    while (!this.isStopping) {
      const coordinator = await coordinatorOf(this.#client, this.groupId)
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
}

export function coordinatorOf(client: Client, groupId: string): Promise<number> {
  return client.insist(FindCoordinator, { keyType: 0, coordinatorKeys: [groupId] }, (response) => {
    const found = response.coordinators[0]
    return found?.errorCode === ErrorCode.NONE ? found.nodeId : null
  })
}

/** What a group's coordinator says it has committed for a partition once it can, and no transaction is open. */
export async function readGroupOffset(
  cluster: SimulatedCluster,
  { topic, partition: index = 0 }: { topic: TopicHandle; partition?: number },
  groupId: string,
): Promise<number> {
  const client = new Client(cluster)
  for (;;) {
    const coordinator = await coordinatorOf(client, groupId)
    const topics = [{ name: topic.name, topicId: topic.id, partitionIndexes: [index] }]
    const response = await client.ask(coordinator, OffsetFetch, {
      groups: [{ groupId, topics }],
      requireStable: true,
    })
    const group = response?.groups[0]
    const partition = group?.topics[0]?.partitions[0]
    if (group?.errorCode === ErrorCode.NONE && partition?.errorCode === ErrorCode.NONE) {
      return partition.committedOffset
    }
    const code = group?.errorCode || partition?.errorCode || ErrorCode.NONE
    if (code !== ErrorCode.NONE) cluster.say(`OffsetFetch: ${errorName(code)}`)
    await client.sleep(RETRY_MS)
  }
}
