// Between the core's plain data and Kafka's messages: Vote, BeginQuorumEpoch, EndQuorumEpoch,
// Fetch, FetchSnapshot, all for the one partition of the metadata topic. Pure.
import type { Encodable } from '../../protocol/api.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import type { FetchRequest, FetchResponse } from '../../protocol/schemas/01-fetch.ts'
import type { VoteRequest, VoteResponse } from '../../protocol/schemas/52-vote.ts'
import type {
  BeginQuorumEpochRequest,
  BeginQuorumEpochResponse,
} from '../../protocol/schemas/53-begin-quorum-epoch.ts'
import type {
  EndQuorumEpochRequest,
  EndQuorumEpochResponse,
} from '../../protocol/schemas/54-end-quorum-epoch.ts'
import type {
  FetchSnapshotRequest,
  FetchSnapshotResponse,
} from '../../protocol/schemas/59-fetch-snapshot.ts'
import type { Endpoint } from '../runtime/runtime.ts'
import { summarize } from './control-records.ts'
import type {
  EndEpochRequestData,
  FetchReply,
  FetchRequestData,
  FetchSnapshotRequestData,
  LeaderRequestData,
  PeerResponse,
  ReplyHeader,
  VoteReply,
  VoteRequestData,
} from './core-types.ts'
import type { Voter, VoterEndpoint } from './voter-set.ts'

export const METADATA_TOPIC = '__cluster_metadata'
/** Kafka's fixed id of the metadata topic. */
export const METADATA_TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ'
const EMPTY = Buffer.alloc(0)
/** Of a change that is answered when it is written, not when it is committed. */
const VOTER_CHANGE_TIMEOUT_MS = 1000

/** Keeps what an answer says of where nodes listen. */
export type Learn = (nodeId: number, endpoint: Endpoint) => void

export interface WireContext {
  nodeId: number
  clusterId: string
  directoryId: string
  listenerName: string
  fetchMaxBytes: number
  fetchSnapshotMaxBytes: number
  /** Of this controller; where left out, as endpointOf says. */
  ownEndpoints?: readonly VoterEndpoint[]
  endpointOf(nodeId: number): Endpoint | undefined
}

export function voteRequest(context: WireContext, data: VoteRequestData): Encodable<VoteRequest> {
  const partition = {
    partitionIndex: 0,
    replicaEpoch: data.epoch,
    replicaId: data.candidateId,
    replicaDirectoryId: context.directoryId,
    voterDirectoryId: data.voterDirectoryId ?? ZERO_UUID,
    lastOffsetEpoch: data.lastEpoch,
    lastOffset: data.lastOffset,
    preVote: data.isPreVote,
  }
  return {
    clusterId: context.clusterId,
    voterId: data.voterId,
    topics: [{ topicName: METADATA_TOPIC, partitions: [partition] }],
  }
}

function leaderPartition(data: LeaderRequestData) {
  const { leaderId, epoch, voterDirectoryId = ZERO_UUID } = data
  return { partitionIndex: 0, leaderId, leaderEpoch: epoch, voterDirectoryId }
}

function ownEndpoints(context: WireContext) {
  if (context.ownEndpoints !== undefined && context.ownEndpoints.length > 0) {
    return context.ownEndpoints
  }
  const endpoint = context.endpointOf(context.nodeId)
  return endpoint === undefined ? [] : [{ name: context.listenerName, ...endpoint }]
}

export function beginEpochRequest(
  context: WireContext,
  data: LeaderRequestData,
): Encodable<BeginQuorumEpochRequest> {
  return {
    clusterId: context.clusterId,
    voterId: data.voterId,
    topics: [{ topicName: METADATA_TOPIC, partitions: [leaderPartition(data)] }],
    leaderEndpoints: ownEndpoints(context),
  }
}

export function endEpochRequest(
  context: WireContext,
  data: EndEpochRequestData,
): Encodable<EndQuorumEpochRequest> {
  const partition = {
    ...leaderPartition(data),
    preferredSuccessors: data.preferredCandidates,
    preferredCandidates: data.preferredCandidates.map((candidateId) => ({ candidateId })),
  }
  return {
    clusterId: context.clusterId,
    topics: [{ topicName: METADATA_TOPIC, partitions: [partition] }],
    leaderEndpoints: ownEndpoints(context),
  }
}

export function fetchRequest(
  context: WireContext,
  data: FetchRequestData,
): Encodable<FetchRequest> {
  const partition = {
    partition: 0,
    currentLeaderEpoch: data.epoch,
    fetchOffset: data.fetchOffset,
    lastFetchedEpoch: data.lastFetchedEpoch,
    partitionMaxBytes: context.fetchMaxBytes,
    replicaDirectoryId: context.directoryId,
    highWatermark: data.highWatermark,
  }
  return {
    clusterId: context.clusterId,
    replicaId: data.replicaId,
    replicaState: { replicaId: data.replicaId },
    maxWaitMs: data.maxWaitMs,
    minBytes: 1,
    maxBytes: context.fetchMaxBytes,
    topics: [{ topic: METADATA_TOPIC, topicId: METADATA_TOPIC_ID, partitions: [partition] }],
  }
}

export function fetchSnapshotRequest(
  context: WireContext,
  data: FetchSnapshotRequestData,
): Encodable<FetchSnapshotRequest> {
  const partition = {
    partition: 0,
    currentLeaderEpoch: data.epoch,
    snapshotId: { endOffset: data.id.offset, epoch: data.id.epoch },
    position: data.positionBytes,
    replicaDirectoryId: context.directoryId,
  }
  return {
    clusterId: context.clusterId,
    replicaId: context.nodeId,
    maxBytes: context.fetchSnapshotMaxBytes,
    topics: [{ name: METADATA_TOPIC, partitions: [partition] }],
  }
}

interface LeaderPartition {
  errorCode: number
  leaderId: number
  leaderEpoch: number
}

/** null: the answer has no such partition, or a top-level error; the sender backs off. */
function headerOf(errorCode: number, partition: LeaderPartition | undefined): ReplyHeader | null {
  if (errorCode !== ErrorCode.NONE || partition === undefined) return null
  const { leaderId, leaderEpoch } = partition
  return { errorCode: partition.errorCode, epoch: leaderEpoch, leaderId }
}

export function voteResponse(response: VoteResponse): PeerResponse | null {
  const partition = response.topics[0]?.partitions[0]
  const header = headerOf(response.errorCode, partition)
  if (header === null) return null
  return { kind: 'vote', header, isGranted: partition?.voteGranted ?? false }
}

export function leaderResponse(
  kind: 'beginEpoch' | 'endEpoch',
  response: BeginQuorumEpochResponse | EndQuorumEpochResponse,
): PeerResponse | null {
  const header = headerOf(response.errorCode, response.topics[0]?.partitions[0])
  return header === null ? null : { kind, header }
}

export function fetchResponse(response: FetchResponse): PeerResponse | null {
  const partition = response.responses[0]?.partitions[0]
  if (response.errorCode !== ErrorCode.NONE || partition === undefined) return null
  const { currentLeader, divergingEpoch, snapshotId } = partition
  const { batches, sizeBytes } = summarize(partition.records ?? EMPTY)
  return {
    kind: 'fetch',
    header: {
      errorCode: partition.errorCode,
      epoch: currentLeader.leaderEpoch,
      leaderId: currentLeader.leaderId,
    },
    highWatermark: partition.highWatermark,
    divergingEpoch: divergingEpoch.epoch < 0 ? null : divergingEpoch,
    snapshotId:
      snapshotId.epoch < 0 || snapshotId.endOffset < 0
        ? null
        : { offset: snapshotId.endOffset, epoch: snapshotId.epoch },
    batches,
    records: (partition.records ?? EMPTY).subarray(0, sizeBytes),
  }
}

export function fetchSnapshotResponse(response: FetchSnapshotResponse): PeerResponse | null {
  const partition = response.topics[0]?.partitions[0]
  if (response.errorCode !== ErrorCode.NONE || partition === undefined) return null
  const { snapshotId, currentLeader } = partition
  return {
    kind: 'fetchSnapshot',
    header: {
      errorCode: partition.errorCode,
      epoch: currentLeader.leaderEpoch,
      leaderId: currentLeader.leaderId,
    },
    id:
      snapshotId.endOffset < 0 || snapshotId.epoch < 0
        ? null
        : { offset: snapshotId.endOffset, epoch: snapshotId.epoch },
    sizeBytes: partition.size,
    positionBytes: partition.position,
    bytes: partition.unalignedRecords ?? EMPTY,
  }
}

/** Where the leader of `header` is, for answers that carry node endpoints. */
function leaderEndpoint(context: WireContext, header: ReplyHeader) {
  const endpoint = header.leaderId < 0 ? undefined : context.endpointOf(header.leaderId)
  return endpoint === undefined ? [] : [{ nodeId: header.leaderId, ...endpoint }]
}

function leaderTopics(header: ReplyHeader) {
  const { errorCode, leaderId, epoch } = header
  const partitions = [{ partitionIndex: 0, errorCode, leaderId, leaderEpoch: epoch }]
  return [{ topicName: METADATA_TOPIC, partitions }]
}

export function voteReply(context: WireContext, reply: VoteReply): Encodable<VoteResponse> {
  const { errorCode, leaderId, epoch, isGranted } = reply
  const partition = { errorCode, leaderId, leaderEpoch: epoch, voteGranted: isGranted }
  return {
    topics: [{ topicName: METADATA_TOPIC, partitions: [{ partitionIndex: 0, ...partition }] }],
    nodeEndpoints: leaderEndpoint(context, reply),
  }
}

export function leaderReply(
  context: WireContext,
  header: ReplyHeader,
): Encodable<BeginQuorumEpochResponse> & Encodable<EndQuorumEpochResponse> {
  return { topics: leaderTopics(header), nodeEndpoints: leaderEndpoint(context, header) }
}

export function fetchReply(
  context: WireContext,
  reply: FetchReply,
  records: Buffer,
): Encodable<FetchResponse> {
  const { divergingEpoch, snapshotId } = reply
  const partition = {
    partitionIndex: 0,
    errorCode: reply.errorCode,
    highWatermark: reply.highWatermark,
    lastStableOffset: reply.highWatermark,
    logStartOffset: reply.logStartOffset,
    currentLeader: { leaderId: reply.leaderId, leaderEpoch: reply.epoch },
    divergingEpoch: divergingEpoch ?? undefined,
    snapshotId:
      snapshotId === null ? undefined : { endOffset: snapshotId.offset, epoch: snapshotId.epoch },
    abortedTransactions: null,
    records,
  }
  return {
    responses: [{ topic: METADATA_TOPIC, topicId: METADATA_TOPIC_ID, partitions: [partition] }],
    nodeEndpoints: leaderEndpoint(context, reply),
  }
}

export function fetchSnapshotReply(
  context: WireContext,
  header: ReplyHeader,
  chunk: {
    id: { offset: number; epoch: number }
    sizeBytes: number
    positionBytes: number
    bytes: Buffer
  },
): Encodable<FetchSnapshotResponse> {
  const partition = {
    index: 0,
    errorCode: header.errorCode,
    snapshotId: { endOffset: chunk.id.offset, epoch: chunk.id.epoch },
    currentLeader: { leaderId: header.leaderId, leaderEpoch: header.epoch },
    size: chunk.sizeBytes,
    position: chunk.positionBytes,
    unalignedRecords: chunk.bytes,
  }
  return {
    topics: [{ name: METADATA_TOPIC, partitions: [partition] }],
    nodeEndpoints: leaderEndpoint(context, header),
  }
}

/** AddRaftVoter, RemoveRaftVoter and UpdateRaftVoter as a node asks them for itself. */
export function voterChangeRequest(context: WireContext, epoch: number, voter: Voter) {
  return {
    clusterId: context.clusterId,
    currentLeaderEpoch: epoch,
    timeoutMs: VOTER_CHANGE_TIMEOUT_MS,
    voterId: voter.id,
    voterDirectoryId: voter.directoryId,
    listeners: voter.endpoints.map(({ name, host, port }) => ({ name, host, port })),
    kRaftVersionFeature: {
      minSupportedVersion: voter.minVersion,
      maxSupportedVersion: voter.maxVersion,
    },
    ackWhenCommitted: false,
  }
}
