// What the quorum looks like from one member: for DescribeQuorum, the console and metrics. Pure.
import type { Encodable } from '../../protocol/api.ts'
import { ErrorCode, errorName } from '../../protocol/errors.ts'
import type {
  DescribeQuorumRequest,
  DescribeQuorumResponse,
} from '../../protocol/schemas/55-describe-quorum.ts'
import type { Clock } from '../runtime/runtime.ts'
import type { RaftCore } from './raft-core.ts'
import type { ReplicaProgress } from './replication.ts'
import type { RaftSettings } from './settings.ts'
import type { QuorumInfo, QuorumReplicaState } from './types.ts'
import type { VoterEndpoint } from './voter-set.ts'
import { METADATA_TOPIC } from './wire.ts'

/** Only the leader knows how far the others are; elsewhere they are listed with -1. */
export function describeQuorum(core: RaftCore, settings: RaftSettings, clock: Clock): QuorumInfo {
  const nowMs = clock.monotonicMs()
  const wallMs = clock.nowMs()
  const toWall = (thenMs: number) => (thenMs < 0 ? -1 : Math.round(wallMs - (nowMs - thenMs)))
  const self: QuorumReplicaState = {
    replicaId: settings.nodeId,
    replicaDirectoryId: core.voterSet.get(settings.nodeId)?.directoryId ?? settings.directoryId,
    logEndOffset: core.log.flushedOffset,
    lastFetchTimestampMs: wallMs,
    lastCaughtUpTimestampMs: wallMs,
  }
  const describe = (replica: ReplicaProgress): QuorumReplicaState =>
    replica.replicaId === settings.nodeId
      ? self
      : {
          replicaId: replica.replicaId,
          replicaDirectoryId: replica.directoryId,
          logEndOffset: replica.logEndOffset,
          lastFetchTimestampMs: toWall(replica.lastFetchMs),
          lastCaughtUpTimestampMs: toWall(replica.lastCaughtUpMs),
        }
  const common = {
    leaderId: core.leaderId ?? -1,
    leaderEpoch: core.epoch,
    highWatermark: core.highWatermark,
  }
  const { role } = core
  if (role.name === 'leader') {
    const { replication } = role
    return {
      ...common,
      voters: replication.voters.map(describe),
      observers: replication.observers(nowMs).map(describe),
    }
  }
  const voters = core.voterSet.voters.map(({ id: replicaId, directoryId }) =>
    replicaId === settings.nodeId
      ? { ...self, lastFetchTimestampMs: -1, lastCaughtUpTimestampMs: -1 }
      : {
          replicaId,
          replicaDirectoryId: directoryId,
          logEndOffset: -1,
          lastFetchTimestampMs: -1,
          lastCaughtUpTimestampMs: -1,
        },
  )
  return { ...common, voters, observers: [] }
}

function replicaState(replica: QuorumReplicaState) {
  return {
    replicaId: replica.replicaId,
    replicaDirectoryId: replica.replicaDirectoryId,
    logEndOffset: replica.logEndOffset,
    lastFetchTimestamp: replica.lastFetchTimestampMs,
    lastCaughtUpTimestamp: replica.lastCaughtUpTimestampMs,
  }
}

function failed(request: DescribeQuorumRequest, errorCode: number) {
  const errorMessage = errorName(errorCode)
  return {
    topics: request.topics.map(({ topicName, partitions }) => ({
      topicName,
      partitions: partitions.map(({ partitionIndex }) => ({
        partitionIndex,
        errorCode,
        errorMessage,
      })),
    })),
  }
}

export function describeResponse(
  request: DescribeQuorumRequest,
  quorum: {
    isLeader: boolean
    info: QuorumInfo
    endpointsOf(voterId: number): readonly VoterEndpoint[]
  },
): Encodable<DescribeQuorumResponse> {
  const [topic] = request.topics
  const isKnown =
    request.topics.length === 1 &&
    topic?.topicName === METADATA_TOPIC &&
    topic.partitions.length === 1 &&
    topic.partitions[0]?.partitionIndex === 0
  if (!isKnown) return failed(request, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  if (!quorum.isLeader) return failed(request, ErrorCode.NOT_LEADER_OR_FOLLOWER)
  const { info, endpointsOf } = quorum
  const partition = {
    partitionIndex: 0,
    leaderId: info.leaderId,
    leaderEpoch: info.leaderEpoch,
    highWatermark: info.highWatermark,
    currentVoters: info.voters.map(replicaState),
    observers: info.observers.map(replicaState),
  }
  return {
    topics: [{ topicName: METADATA_TOPIC, partitions: [partition] }],
    nodes: info.voters.map(({ replicaId }) => ({
      nodeId: replicaId,
      listeners: endpointsOf(replicaId).map(({ name, host, port }) => ({ name, host, port })),
    })),
  }
}
