// AlterPartition: the leader of a partition proposes an ISR. Whatever the leader could not have known when it
// asked is refused with the error that tells it what to do. Pure.
import type { Encodable } from '../../protocol/api.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import type {
  AlterPartitionRequest,
  AlterPartitionResponse,
} from '../../protocol/schemas/56-alter-partition.ts'
import { mergePartitionChange } from '../metadata/image.ts'
import type { PartitionImage, TopicImage } from '../metadata/image-types.ts'
import type { MetadataRecord } from '../metadata/records.ts'
import { checkBrokerEpoch } from './brokers.ts'
import type { ControllerResult, ControllerState } from './controller-state.ts'
import { electionKindFor, leaderAcceptor, minIsrFor } from './elections.ts'
import { changePartition, RECOVERED, RECOVERING } from './partition-change.ts'

type Proposal = AlterPartitionRequest['topics'][number]['partitions'][number]
type Answer = Encodable<AlterPartitionResponse['topics'][number]['partitions'][number]>

interface ProposedMember {
  readonly brokerId: number
  /** -1: not told. */
  readonly brokerEpoch: number
}

export function alterPartition(
  state: ControllerState,
  request: AlterPartitionRequest,
  version: number,
): ControllerResult<Encodable<AlterPartitionResponse>> {
  checkBrokerEpoch(state.image, request.brokerId, request.brokerEpoch)
  const records: MetadataRecord[] = []
  const topics = request.topics.map(({ topicId, partitions }) => {
    const topic = state.image.topicsById.get(topicId)
    return {
      topicId,
      partitions: partitions.map((proposal): Answer => {
        const { partitionIndex } = proposal
        if (topic === undefined) return { partitionIndex, errorCode: ErrorCode.UNKNOWN_TOPIC_ID }
        const members = membersOf(proposal, version)
        const result = changeIsr(state, topic, { brokerId: request.brokerId, proposal, members })
        records.push(...result.records)
        return result.reply
      }),
    }
  })
  return { records, reply: { errorCode: ErrorCode.NONE, topics } }
}

function membersOf(proposal: Proposal, version: number): readonly ProposedMember[] {
  if (version >= 3) return proposal.newIsrWithEpochs
  return proposal.newIsr.map((brokerId) => ({ brokerId, brokerEpoch: -1 }))
}

function changeIsr(
  state: ControllerState,
  topic: TopicImage,
  asked: { brokerId: number; proposal: Proposal; members: readonly ProposedMember[] },
): ControllerResult<Answer> {
  const { brokerId, proposal, members } = asked
  const { partitionIndex } = proposal
  const partition = topic.partitions[partitionIndex]
  const refuse = (errorCode: number) => ({ records: [], reply: { partitionIndex, errorCode } })
  if (partition === undefined) return refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  const errorCode =
    epochError(partition, brokerId, proposal) ??
    isrError(partition, proposal, members) ??
    eligibilityError(state, members)
  if (errorCode !== null) return refuse(errorCode)

  const record = changePartition({
    topicId: topic.id,
    partition,
    isAcceptableLeader: leaderAcceptor(state.image, partition),
    minIsr: minIsrFor(state, topic.name),
    election: electionKindFor(state, topic.name),
    targetIsr: members.map((member) => member.brokerId),
    targetLeaderRecoveryState: proposal.leaderRecoveryState,
  })
  const after =
    record?.type === 'partitionChange' ? mergePartitionChange(partition, record.value) : partition
  const records = record === null ? [] : [record]
  if (after.leader !== brokerId) {
    // The change finished a reassignment that the leader is not part of any more: it stands, and the
    // asker must learn who leads now.
    return { records, reply: { partitionIndex, errorCode: ErrorCode.NEW_LEADER_ELECTED } }
  }
  return {
    records,
    reply: {
      partitionIndex,
      errorCode: ErrorCode.NONE,
      leaderId: after.leader,
      leaderEpoch: after.leaderEpoch,
      isr: [...after.isr],
      leaderRecoveryState: after.leaderRecoveryState,
      partitionEpoch: after.partitionEpoch,
    },
  }
}

function epochError(
  partition: PartitionImage,
  brokerId: number,
  proposal: Proposal,
): number | null {
  // Whoever knows of a later epoch has heard from a later controller than this one.
  if (proposal.leaderEpoch > partition.leaderEpoch) return ErrorCode.NOT_CONTROLLER
  if (proposal.partitionEpoch > partition.partitionEpoch) return ErrorCode.NOT_CONTROLLER
  if (proposal.leaderEpoch < partition.leaderEpoch) return ErrorCode.FENCED_LEADER_EPOCH
  if (brokerId !== partition.leader) return ErrorCode.INVALID_REQUEST
  if (proposal.partitionEpoch < partition.partitionEpoch) return ErrorCode.INVALID_UPDATE_VERSION
  return null
}

function isrError(
  partition: PartitionImage,
  proposal: Proposal,
  members: readonly ProposedMember[],
): number | null {
  const ids = members.map(({ brokerId }) => brokerId)
  const isValid =
    new Set(ids).size === ids.length && ids.every((id) => partition.replicas.includes(id))
  if (!isValid || !ids.includes(partition.leader)) return ErrorCode.INVALID_REQUEST
  const { leaderRecoveryState } = proposal
  if (leaderRecoveryState !== RECOVERED && leaderRecoveryState !== RECOVERING) {
    return ErrorCode.INVALID_REQUEST
  }
  if (leaderRecoveryState === RECOVERING) {
    if (ids.length > 1 || partition.leaderRecoveryState === RECOVERED) {
      return ErrorCode.INVALID_REQUEST
    }
  }
  return null
}

/** A member that has been restarted since the leader heard of it is not in sync, whatever it had before. */
function eligibilityError(
  state: ControllerState,
  members: readonly ProposedMember[],
): number | null {
  const isEligible = ({ brokerId, brokerEpoch }: ProposedMember) => {
    const broker = state.image.brokers.get(brokerId)
    if (broker === undefined || broker.inControlledShutdown || broker.isFenced) return false
    return brokerEpoch === -1 || brokerEpoch === broker.epoch
  }
  return members.every(isEligible) ? null : ErrorCode.INELIGIBLE_REPLICA
}
