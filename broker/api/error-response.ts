// Builds the response of a request that failed as a whole: Kafka has no general error reply, so each API carries
// the code in its own places. Called by dispatch.ts only. Pure.
import type { AnyApi, RequestOf } from '../../protocol/api.ts'
import type { Produce } from '../../protocol/schemas/00-produce.ts'
import type { Fetch } from '../../protocol/schemas/01-fetch.ts'
import type { ListOffsets } from '../../protocol/schemas/02-list-offsets.ts'
import type { Metadata } from '../../protocol/schemas/03-metadata.ts'
import type { OffsetCommit } from '../../protocol/schemas/08-offset-commit.ts'
import type { OffsetFetch } from '../../protocol/schemas/09-offset-fetch.ts'
import type { FindCoordinator } from '../../protocol/schemas/10-find-coordinator.ts'
import type { DescribeGroups } from '../../protocol/schemas/15-describe-groups.ts'
import type { CreateTopics } from '../../protocol/schemas/19-create-topics.ts'
import type { DeleteTopics } from '../../protocol/schemas/20-delete-topics.ts'
import type { DeleteRecords } from '../../protocol/schemas/21-delete-records.ts'
import type { OffsetForLeaderEpoch } from '../../protocol/schemas/23-offset-for-leader-epoch.ts'
import type { DescribeConfigs } from '../../protocol/schemas/32-describe-configs.ts'
import type { AlterConfigs } from '../../protocol/schemas/33-alter-configs.ts'
import type { CreatePartitions } from '../../protocol/schemas/37-create-partitions.ts'
import type { DeleteGroups } from '../../protocol/schemas/42-delete-groups.ts'
import type { ElectLeaders } from '../../protocol/schemas/43-elect-leaders.ts'
import type { IncrementalAlterConfigs } from '../../protocol/schemas/44-incremental-alter-configs.ts'
import type { AlterPartitionReassignments } from '../../protocol/schemas/45-alter-partition-reassignments.ts'
import type { DescribeTopicPartitions } from '../../protocol/schemas/75-describe-topic-partitions.ts'

interface Failure {
  errorCode: number
  errorMessage: string | null
}

type Fill = (request: never, failure: Failure, version: number) => object

/** A filler for one API; the request is what that API decodes. */
function fill<A>(
  build: (request: RequestOf<A>, failure: Failure, version: number) => object,
): Fill {
  return build as Fill
}

/** By API key: those whose errors are per item, in all versions or in some. */
const fillers: ReadonlyMap<number, Fill> = new Map<number, Fill>([
  [
    0,
    fill<typeof Produce>((request, failure) => ({
      responses: request.topicData.map((topic) => ({
        name: topic.name,
        topicId: topic.topicId,
        partitionResponses: topic.partitionData.map(({ index }) => ({
          index,
          baseOffset: -1,
          logStartOffset: -1,
          ...failure,
        })),
      })),
    })),
  ],
  [
    1,
    fill<typeof Fetch>((request, { errorCode }, version) =>
      version >= 7
        ? { errorCode }
        : {
            responses: request.topics.map((topic) => ({
              topic: topic.topic,
              partitions: topic.partitions.map(({ partition }) => ({
                partitionIndex: partition,
                errorCode,
                highWatermark: -1,
                records: Buffer.alloc(0),
              })),
            })),
          },
    ),
  ],
  [
    2,
    fill<typeof ListOffsets>((request, { errorCode }) => ({
      topics: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
      })),
    })),
  ],
  [
    3,
    fill<typeof Metadata>((request, { errorCode }) => ({
      errorCode,
      topics: (request.topics ?? []).map(({ name, topicId }) => ({
        name: name ?? '',
        topicId,
        errorCode,
      })),
    })),
  ],
  [
    8,
    fill<typeof OffsetCommit>((request, { errorCode }) => ({
      topics: request.topics.map(({ name, topicId, partitions }) => ({
        name,
        topicId,
        partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
      })),
    })),
  ],
  [
    9,
    fill<typeof OffsetFetch>((request, { errorCode }, version) =>
      version >= 8
        ? { groups: request.groups.map(({ groupId }) => ({ groupId, errorCode })) }
        : {
            errorCode,
            topics: (request.topics ?? []).map(({ name, partitionIndexes }) => ({
              name,
              partitions: partitionIndexes.map((partitionIndex) => ({
                partitionIndex,
                committedOffset: -1,
                metadata: '',
                errorCode,
              })),
            })),
          },
    ),
  ],
  [
    10,
    fill<typeof FindCoordinator>((request, failure, version) =>
      version >= 4
        ? {
            coordinators: request.coordinatorKeys.map((key) => ({
              key,
              nodeId: -1,
              host: '',
              port: -1,
              ...failure,
            })),
          }
        : { ...failure, nodeId: -1, host: '', port: -1 },
    ),
  ],
  [
    15,
    fill<typeof DescribeGroups>((request, { errorCode }) => ({
      groups: request.groups.map((groupId) => ({ groupId, errorCode })),
    })),
  ],
  [
    19,
    fill<typeof CreateTopics>((request, failure) => ({
      topics: request.topics.map(({ name }) => ({ name, ...failure })),
    })),
  ],
  [
    20,
    fill<typeof DeleteTopics>((request, failure, version) => ({
      responses:
        version >= 6
          ? request.topics.map(({ name, topicId }) => ({ name, topicId, ...failure }))
          : request.topicNames.map((name) => ({ name, ...failure })),
    })),
  ],
  [
    21,
    fill<typeof DeleteRecords>((request, { errorCode }) => ({
      topics: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({
          partitionIndex,
          lowWatermark: -1,
          errorCode,
        })),
      })),
    })),
  ],
  [
    23,
    fill<typeof OffsetForLeaderEpoch>((request, { errorCode }) => ({
      topics: request.topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition }) => ({ partition, errorCode })),
      })),
    })),
  ],
  [
    32,
    fill<typeof DescribeConfigs>((request, failure) => ({ results: resources(request, failure) })),
  ],
  [
    33,
    fill<typeof AlterConfigs>((request, failure) => ({ responses: resources(request, failure) })),
  ],
  [
    37,
    fill<typeof CreatePartitions>((request, failure) => ({
      results: request.topics.map(({ name }) => ({ name, ...failure })),
    })),
  ],
  [
    42,
    fill<typeof DeleteGroups>((request, { errorCode }) => ({
      results: request.groupsNames.map((groupId) => ({ groupId, errorCode })),
    })),
  ],
  [
    43,
    fill<typeof ElectLeaders>((request, failure, version) => ({
      errorCode: version >= 1 ? failure.errorCode : 0,
      replicaElectionResults: (request.topicPartitions ?? []).map(({ topic, partitions }) => ({
        topic,
        partitionResult: partitions.map((partitionId) => ({ partitionId, ...failure })),
      })),
    })),
  ],
  [
    44,
    fill<typeof IncrementalAlterConfigs>((request, failure) => ({
      responses: resources(request, failure),
    })),
  ],
  [
    45,
    fill<typeof AlterPartitionReassignments>((request, failure) => ({
      ...failure,
      responses: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, ...failure })),
      })),
    })),
  ],
  [
    75,
    fill<typeof DescribeTopicPartitions>((request, { errorCode }) => ({
      topics: request.topics.map(({ name }) => ({ name, errorCode })),
    })),
  ],
])

function resources(
  request: { resources: readonly { resourceType: number; resourceName: string }[] },
  failure: Failure,
) {
  return request.resources.map(({ resourceType, resourceName }) => ({
    resourceType,
    resourceName,
    ...failure,
  }))
}

/**
 * The response that says `errorCode` to `request`, whole or for every item; null when this API has no place
 * for an error (the connection is closed then, as Kafka does).
 */
export function errorResponse(
  api: AnyApi,
  request: unknown,
  failure: Failure,
  version: number,
): object | null {
  const filler = fillers.get(api.key)
  if (filler) return filler(request as never, failure, version)
  if (!('errorCode' in api.responseFields)) return null
  return 'errorMessage' in api.responseFields ? failure : { errorCode: failure.errorCode }
}
