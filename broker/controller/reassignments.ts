// AlterPartitionReassignments and ListPartitionReassignments. A reassignment first makes the union of the old and the
// new replicas the partition's replicas, waits until everyone who stays is in sync (partition-change.ts completes
// it with whatever change brings that about), and then drops who leaves. All of it stands in the partition's
// metadata, so any controller carries on where the last one stopped. Pure.
import type { Encodable } from '../../protocol/api.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import type {
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse,
} from '../../protocol/schemas/45-alter-partition-reassignments.ts'
import type {
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse,
} from '../../protocol/schemas/46-list-partition-reassignments.ts'
import type { PartitionImage, TopicImage } from '../metadata/image-types.ts'
import type { MetadataRecord } from '../metadata/records.ts'
import { checkAssignment } from './assignments.ts'
import { isUncleanElectionEnabled } from './configs.ts'
import {
  type ControllerResult,
  type ControllerState,
  defaultDirectory,
} from './controller-state.ts'
import { electionKindFor, leaderAcceptor, minIsrFor } from './elections.ts'
import { errorOf, failure } from './errors.ts'
import { changePartition, type PartitionChangeOptions } from './partition-change.ts'

type Wanted = AlterPartitionReassignmentsRequest['topics'][number]['partitions'][number]
type ListedTopic = Encodable<ListPartitionReassignmentsResponse['topics'][number]>

export function alterPartitionReassignments(
  state: ControllerState,
  request: AlterPartitionReassignmentsRequest,
): ControllerResult<Encodable<AlterPartitionReassignmentsResponse>> {
  const { allowReplicationFactorChange } = request
  const records: MetadataRecord[] = []
  const responses = request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map((wanted) => {
      const error = errorOf(() => {
        const place = find(state, name, wanted.partitionIndex)
        const record =
          wanted.replicas === null
            ? revert(state, place)
            : reassign(state, place, { replicas: wanted.replicas, allowReplicationFactorChange })
        if (record !== null) records.push(record)
      })
      const { partitionIndex } = wanted
      return { partitionIndex, errorCode: error.code, errorMessage: error.message }
    }),
  }))
  const reply = {
    allowReplicationFactorChange,
    errorCode: ErrorCode.NONE,
    errorMessage: null,
    responses,
  }
  return { records, reply, isAtomic: true }
}

interface Place {
  readonly topic: TopicImage
  readonly partition: PartitionImage
}

/** Throws KafkaError UNKNOWN_TOPIC_OR_PARTITION. */
function find(state: ControllerState, name: string, index: Wanted['partitionIndex']): Place {
  const topic = state.image.topicsByName.get(name)
  const code = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
  if (topic === undefined) throw failure(code, `Unable to find a topic named ${name}.`)
  const partition = topic.partitions[index]
  if (partition === undefined) throw failure(code, `Unable to find partition ${name}:${index}.`)
  return { topic, partition }
}

function isReassigning(partition: PartitionImage): boolean {
  return partition.addingReplicas.length > 0 || partition.removingReplicas.length > 0
}

/** null when the partition is as wanted. Throws KafkaError when it may not become so. */
function reassign(
  state: ControllerState,
  place: Place,
  wanted: { replicas: readonly number[]; allowReplicationFactorChange: boolean },
): MetadataRecord | null {
  const { image } = state
  const { partition } = place
  checkAssignment(image, wanted.replicas, null)
  if (!wanted.allowReplicationFactorChange) checkFactor(partition, wanted.replicas.length)
  const leaves = (replica: number) => !wanted.replicas.includes(replica)
  const comes = (replica: number) => !partition.replicas.includes(replica)
  const removing = partition.replicas.filter(leaves).sort((a, b) => a - b)
  const adding = wanted.replicas.filter(comes).sort((a, b) => a - b)
  return changePartition({
    ...changeOf(state, place),
    targetReplicas: [...wanted.replicas, ...removing],
    // Kafka leaves either list as it is where nothing new belongs on it.
    ...(removing.length > 0 ? { targetRemoving: removing } : {}),
    ...(adding.length > 0 ? { targetAdding: adding } : {}),
    directories: new Map(adding.map((replica) => [replica, defaultDirectory(image, replica)])),
  })
}

/** Against the number of replicas that the partition has, or is on its way to. */
function checkFactor(partition: PartitionImage, wanted: number): void {
  const heading = new Set([...partition.replicas, ...partition.addingReplicas])
  for (const replica of partition.removingReplicas) heading.delete(replica)
  if (heading.size === wanted) return
  throw failure(
    ErrorCode.INVALID_REPLICATION_FACTOR,
    `The replication factor is changed from ${heading.size} to ${wanted}`,
  )
}

/** Back to the replicas of before. Throws KafkaError when that would need an unclean election nobody allowed. */
function revert(state: ControllerState, place: Place): MetadataRecord | null {
  const { topic, partition } = place
  if (!isReassigning(partition)) throw failure(ErrorCode.NO_REASSIGNMENT_IN_PROGRESS)
  const wasThere = (replica: number) => !partition.addingReplicas.includes(replica)
  const targetReplicas = partition.replicas.filter(wasThere)
  const [first] = targetReplicas
  if (first === undefined) {
    throw failure(
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      'Invalid replica assignment: addingReplicas contains all replicas.',
    )
  }
  const inSync = partition.isr.filter(wasThere)
  // Whether the ISR is empty already (nobody leads, the eligible ones are known) or would become so.
  if (inSync.length === 0 && !isUncleanElectionEnabled(state, topic.name)) {
    throw failure(
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      `Unable to revert partition assignment for ${topic.name}:${partition.partition} because ` +
        'it would require an unclean leader election.',
    )
  }
  return changePartition({
    ...changeOf(state, place),
    election: electionKindFor(state, topic.name),
    targetIsr: inSync.length === 0 ? [first] : inSync,
    targetReplicas,
    targetRemoving: [],
    targetAdding: [],
  })
}

function changeOf(state: ControllerState, { topic, partition }: Place): PartitionChangeOptions {
  return {
    topicId: topic.id,
    partition,
    isAcceptableLeader: leaderAcceptor(state.image, partition),
    minIsr: minIsrFor(state, topic.name),
  }
}

export function listPartitionReassignments(
  state: ControllerState,
  request: ListPartitionReassignmentsRequest,
): ControllerResult<Encodable<ListPartitionReassignmentsResponse>> {
  const { topicsByName } = state.image
  const topics: ListedTopic[] = []
  if (request.topics === null) {
    for (const topic of topicsByName.values()) topics.push(...listed(topic, topic.partitions))
  } else {
    for (const { name, partitionIndexes } of request.topics) {
      const topic = topicsByName.get(name)
      if (topic === undefined) continue
      topics.push(
        ...listed(
          topic,
          partitionIndexes.map((index) => topic.partitions[index]),
        ),
      )
    }
  }
  return { records: [], reply: { errorCode: ErrorCode.NONE, errorMessage: null, topics } }
}

/** Empty when none of the partitions is being reassigned. */
function listed(
  topic: TopicImage,
  candidates: readonly (PartitionImage | undefined)[],
): ListedTopic[] {
  const partitions = candidates
    .filter((partition) => partition !== undefined)
    .filter(isReassigning)
    .map(({ partition: partitionIndex, replicas, addingReplicas, removingReplicas }) => ({
      partitionIndex,
      replicas: [...replicas],
      addingReplicas: [...addingReplicas],
      removingReplicas: [...removingReplicas],
    }))
  return partitions.length === 0 ? [] : [{ name: topic.name, partitions }]
}
