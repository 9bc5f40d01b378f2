// Answers the quorum's requests: checks them, asks the core, adds what has to be read from log and
// snapshots. Owned by RaftNode. A reply leaves only after everything it depends on is on disk.
import type { Encodable } from '../../protocol/api.ts'
import { ErrorCode } from '../../protocol/errors.ts'
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
  DescribeQuorumRequest,
  DescribeQuorumResponse,
} from '../../protocol/schemas/55-describe-quorum.ts'
import type {
  FetchSnapshotRequest,
  FetchSnapshotResponse,
} from '../../protocol/schemas/59-fetch-snapshot.ts'
import type { Log } from '../log/types.ts'
import type { ConnectionContext } from '../network/types.ts'
import type { Clock } from '../runtime/runtime.ts'
import type { FetchReply, ReplyHeader, VoteReply } from './core-types.ts'
import { describeQuorum, describeResponse } from './describe.ts'
import type { RaftCore } from './raft-core.ts'
import type { RaftSettings } from './settings.ts'
import type { SnapshotStore } from './snapshots.ts'
import type { RaftEndpoint } from './types.ts'
import type { VoterEndpoint } from './voter-set.ts'
import {
  fetchReply,
  fetchSnapshotReply,
  type Learn,
  leaderReply,
  METADATA_TOPIC,
  METADATA_TOPIC_ID,
  voteReply,
  type WireContext,
} from './wire.ts'

export interface RequestHandlersOptions {
  core: RaftCore
  log: Log
  snapshots: SnapshotStore
  settings: RaftSettings
  wire: WireContext & { learn: Learn }
  clock: Clock
  isClosed(): boolean
  /** Runs an input of the core that owes a reply, and waits for it. */
  ask<Reply>(run: (core: RaftCore, nowMs: number, token: number) => void): Promise<Reply>
  step(run: (core: RaftCore, nowMs: number) => void): void
}

const EMPTY = Buffer.alloc(0)

export class RequestHandlers implements RaftEndpoint {
  readonly #options: RequestHandlersOptions

  constructor(options: RequestHandlersOptions) {
    this.#options = options
  }

  async handleVote(request: VoteRequest): Promise<Encodable<VoteResponse>> {
    const partition = request.topics[0]?.partitions[0]
    const errorCode = this.#refusal(request.clusterId, request.topics[0]?.topicName)
    if (errorCode !== ErrorCode.NONE || partition === undefined) return { errorCode }
    const data = {
      epoch: partition.replicaEpoch,
      candidateId: partition.replicaId,
      candidateDirectoryId: partition.replicaDirectoryId,
      voterId: request.voterId,
      voterDirectoryId: partition.voterDirectoryId,
      lastOffset: partition.lastOffset,
      lastEpoch: partition.lastOffsetEpoch,
      isPreVote: partition.preVote,
    }
    const reply = await this.#options.ask<VoteReply>((core, nowMs, token) =>
      core.handleVote(nowMs, data, token),
    )
    return voteReply(this.#options.wire, reply)
  }

  async handleBeginQuorumEpoch(
    request: BeginQuorumEpochRequest,
  ): Promise<Encodable<BeginQuorumEpochResponse>> {
    const partition = request.topics[0]?.partitions[0]
    const errorCode = this.#refusal(request.clusterId, request.topics[0]?.topicName)
    if (errorCode !== ErrorCode.NONE || partition === undefined) return { errorCode }
    const { leaderEpoch: epoch, leaderId, voterDirectoryId } = partition
    const { voterId } = request
    const { wire } = this.#options
    const told = request.leaderEndpoints.find(({ name }) => name === wire.listenerName)
    if (told !== undefined) wire.learn(leaderId, told)
    const reply = await this.#options.ask<ReplyHeader>((core, nowMs, token) =>
      core.handleBeginEpoch(nowMs, { epoch, leaderId, voterId, voterDirectoryId }, token),
    )
    return leaderReply(this.#options.wire, reply)
  }

  async handleEndQuorumEpoch(
    request: EndQuorumEpochRequest,
  ): Promise<Encodable<EndQuorumEpochResponse>> {
    const partition = request.topics[0]?.partitions[0]
    const errorCode = this.#refusal(request.clusterId, request.topics[0]?.topicName)
    if (errorCode !== ErrorCode.NONE || partition === undefined) return { errorCode }
    const { leaderEpoch: epoch, leaderId, preferredSuccessors } = partition
    const named = partition.preferredCandidates.map(({ candidateId }) => candidateId)
    const preferredCandidates = named.length > 0 ? named : preferredSuccessors
    const data = { epoch, leaderId, voterId: -1, preferredCandidates }
    const reply = await this.#options.ask<ReplyHeader>((core, nowMs, token) =>
      core.handleEndEpoch(nowMs, data, token),
    )
    return leaderReply(this.#options.wire, reply)
  }

  async handleFetch(
    request: FetchRequest,
    connection: Pick<ConnectionContext, 'onClose'>,
  ): Promise<Encodable<FetchResponse>> {
    const [topic] = request.topics
    const partition = topic?.partitions[0]
    const isNamed = topic?.topic === METADATA_TOPIC || topic?.topicId === METADATA_TOPIC_ID
    const errorCode = this.#refusal(request.clusterId, isNamed ? METADATA_TOPIC : undefined)
    if (errorCode !== ErrorCode.NONE || partition === undefined) return { errorCode }
    const { replicaState, replicaId } = request
    const data = {
      replicaId: replicaState.replicaId >= 0 ? replicaState.replicaId : replicaId,
      replicaDirectoryId: partition.replicaDirectoryId,
      epoch: partition.currentLeaderEpoch,
      fetchOffset: partition.fetchOffset,
      lastFetchedEpoch: partition.lastFetchedEpoch,
      maxWaitMs: request.maxWaitMs,
      maxBytes: Math.min(request.maxBytes, partition.partitionMaxBytes),
      highWatermark: partition.highWatermark,
    }
    let unregister: () => void = () => undefined
    const reply = await this.#options.ask<FetchReply>((core, nowMs, token) => {
      unregister = connection.onClose(() => this.#options.step((live) => live.cancelFetch(token)))
      core.handleFetch(nowMs, data, token)
    })
    unregister()
    return this.#withRecords(reply)
  }

  async handleFetchSnapshot(
    request: FetchSnapshotRequest,
  ): Promise<Encodable<FetchSnapshotResponse>> {
    const [topic] = request.topics
    const partition = topic?.partitions[0]
    const errorCode = this.#refusal(request.clusterId, topic?.name)
    if (errorCode !== ErrorCode.NONE || partition === undefined) return { errorCode }
    const { position: positionBytes, currentLeaderEpoch } = partition
    const id = { offset: partition.snapshotId.endOffset, epoch: partition.snapshotId.epoch }
    let header: ReplyHeader = this.#options.core.header(ErrorCode.BROKER_NOT_AVAILABLE)
    this.#options.step((core, nowMs) => {
      const { replicaId } = request
      const { replicaDirectoryId } = partition
      header = core.admitSnapshotFetch(nowMs, replicaId, currentLeaderEpoch, replicaDirectoryId)
    })
    const nothing = { id, positionBytes, sizeBytes: 0, bytes: EMPTY }
    if (header.errorCode !== ErrorCode.NONE) {
      return fetchSnapshotReply(this.#options.wire, header, nothing)
    }
    const maxBytes = Math.min(request.maxBytes, this.#options.settings.fetchSnapshotMaxBytes)
    const chunk = await this.#options.snapshots.readChunk(id, positionBytes, maxBytes)
    if (chunk === null) {
      header = { ...header, errorCode: ErrorCode.SNAPSHOT_NOT_FOUND }
    } else if (positionBytes < 0 || positionBytes >= chunk.sizeBytes) {
      header = { ...header, errorCode: ErrorCode.POSITION_OUT_OF_RANGE }
    } else {
      return fetchSnapshotReply(this.#options.wire, header, { id, positionBytes, ...chunk })
    }
    return fetchSnapshotReply(this.#options.wire, header, nothing)
  }

  handleDescribeQuorum(request: DescribeQuorumRequest): Encodable<DescribeQuorumResponse> {
    return describeResponse(request, {
      isLeader: this.#options.core.role.name === 'leader' && !this.#options.isClosed(),
      info: describeQuorum(this.#options.core, this.#options.settings, this.#options.clock),
      endpointsOf: (voterId) => this.#endpointsOf(voterId),
    })
  }

  #endpointsOf(voterId: number): readonly VoterEndpoint[] {
    const { core, wire, settings } = this.#options
    const voter = core.voterSet.get(voterId)
    if (voter !== undefined && voter.endpoints.length > 0) return voter.endpoints
    const endpoint = wire.endpointOf(voterId)
    return endpoint === undefined ? [] : [{ name: settings.listenerName, ...endpoint }]
  }

  /** Reads what the core granted; whoever no longer leads may not answer with what it reads now. */
  async #withRecords(reply: FetchReply): Promise<Encodable<FetchResponse>> {
    if (reply.read === null) return fetchReply(this.#options.wire, reply, EMPTY)
    const { offset, endOffsetExclusive, maxBytes } = reply.read
    const { records } = await this.#options.log.read({
      offset,
      maxBytes: Math.min(maxBytes, this.#options.settings.fetchMaxBytes),
      minOneBatch: true,
      endOffsetExclusive,
    })
    const errorCode = this.#options.core.checkLeadership(reply.epoch)
    if (errorCode === ErrorCode.NONE) return fetchReply(this.#options.wire, reply, records)
    return fetchReply(
      this.#options.wire,
      { ...reply, ...this.#options.core.header(errorCode) },
      EMPTY,
    )
  }

  #refusal(clusterId: string | null, topic: string | undefined): number {
    if (this.#options.isClosed()) return ErrorCode.BROKER_NOT_AVAILABLE
    if (clusterId !== null && clusterId !== this.#options.settings.clusterId) {
      return ErrorCode.INCONSISTENT_CLUSTER_ID
    }
    return topic === METADATA_TOPIC ? ErrorCode.NONE : ErrorCode.INVALID_REQUEST
  }
}
