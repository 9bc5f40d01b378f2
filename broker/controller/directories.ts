// AssignReplicasToDirs: a broker says in which of its directories its replicas are. Pure.
import type { Encodable } from '../../protocol/api.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import type {
  AssignReplicasToDirsRequest,
  AssignReplicasToDirsResponse,
} from '../../protocol/schemas/73-assign-replicas-to-dirs.ts'
import type { BrokerImage } from '../metadata/image-types.ts'
import type { MetadataRecord } from '../metadata/records.ts'
import { checkBrokerEpoch } from './brokers.ts'
import {
  type ControllerResult,
  type ControllerState,
  hasOnlineDirectory,
} from './controller-state.ts'
import { electionKindFor, leaderAcceptor, minIsrFor } from './elections.ts'
import { changePartition } from './partition-change.ts'

export function assignReplicasToDirs(
  state: ControllerState,
  request: AssignReplicasToDirsRequest,
): ControllerResult<Encodable<AssignReplicasToDirsResponse>> {
  const { image } = state
  checkBrokerEpoch(image, request.brokerId, request.brokerEpoch)
  const broker = image.brokers.get(request.brokerId) as BrokerImage
  const records: MetadataRecord[] = []
  const directories = request.directories.map(({ id, topics }) => ({
    id,
    topics: topics.map(({ topicId, partitions }) => ({
      topicId,
      partitions: partitions.map(({ partitionIndex }) => {
        const result = assign(state, broker, { topicId, partitionIndex, directory: id })
        if (result.record !== null) records.push(result.record)
        return { partitionIndex, errorCode: result.errorCode }
      }),
    })),
  }))
  return { records, reply: { errorCode: ErrorCode.NONE, directories } }
}

function assign(
  state: ControllerState,
  broker: BrokerImage,
  place: { topicId: string; partitionIndex: number; directory: string },
): { errorCode: number; record: MetadataRecord | null } {
  const refuse = (errorCode: number) => ({ errorCode, record: null })
  const topic = state.image.topicsById.get(place.topicId)
  if (topic === undefined) return refuse(ErrorCode.UNKNOWN_TOPIC_ID)
  const partition = topic.partitions[place.partitionIndex]
  if (partition === undefined) return refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  if (!partition.replicas.includes(broker.id)) return refuse(ErrorCode.NOT_LEADER_OR_FOLLOWER)
  const isOnline = hasOnlineDirectory(broker, place.directory)
  const mayLead = leaderAcceptor(state.image, partition)
  const record = changePartition({
    topicId: topic.id,
    partition,
    isAcceptableLeader: (replica) => (isOnline || replica !== broker.id) && mayLead(replica),
    minIsr: minIsrFor(state, topic.name),
    election: electionKindFor(state, topic.name),
    targetIsr: isOnline ? partition.isr : partition.isr.filter((replica) => replica !== broker.id),
    directories: new Map([[broker.id, place.directory]]),
  })
  return { errorCode: ErrorCode.NONE, record }
}
