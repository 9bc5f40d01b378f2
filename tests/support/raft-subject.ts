// One Raft core as a test's subject: it is told what others say, and what it answers is at hand.
import { expect } from 'vitest'
import type {
  ElectionState,
  FetchRequestData,
  Output,
  PeerRequest,
  PeerResponse,
  VoteRequestData,
} from '../../broker/raft/core-types.ts'
import type { LogModelState } from '../../broker/raft/log-model.ts'
import { RaftCore } from '../../broker/raft/raft-core.ts'

const timings = {
  electionTimeoutMs: 1000,
  electionBackoffMaxMs: 1000,
  fetchTimeoutMs: 2000,
  retryBackoffMs: 20,
  fetchMaxWaitMs: 500,
}
const noElection: ElectionState = { epoch: 0, leaderId: null, votedId: null }
const emptyLog: LogModelState = {
  startOffset: 0,
  endOffset: 0,
  epochs: [],
  snapshot: null,
  baseEpoch: 0,
}

export function logOf(endOffset: number, epochs: LogModelState['epochs']): LogModelState {
  return { ...emptyLog, endOffset, epochs }
}

/** A core as node 1 with its outputs at hand. */
export class Subject {
  readonly core: RaftCore
  nowMs = 0
  outputs: Output[] = []
  #token = 0

  constructor(options: {
    voters?: readonly number[]
    election?: ElectionState
    log?: LogModelState
    nodeId?: number
  }) {
    this.core = new RaftCore({
      nodeId: options.nodeId ?? 1,
      voters: options.voters ?? [1, 2, 3],
      timings,
      random: { int: () => 0 },
      nowMs: 0,
      election: options.election ?? noElection,
      log: options.log ?? emptyLog,
    })
    this.take()
  }

  take(): Output[] {
    this.outputs = this.core.takeOutputs()
    return this.outputs
  }

  of<Kind extends Output['kind']>(kind: Kind): Extract<Output, { kind: Kind }>[] {
    return this.outputs.filter(
      (output): output is Extract<Output, { kind: Kind }> => output.kind === kind,
    )
  }

  kinds(): string[] {
    return this.outputs.map((output) => output.kind)
  }

  sent<Kind extends PeerRequest['kind']>(kind: Kind) {
    return this.of('send').filter((output) => output.request.kind === kind)
  }

  tickTo(nowMs: number): void {
    this.nowMs = nowMs
    this.core.tick(nowMs)
    this.take()
  }

  vote(request: Partial<VoteRequestData>) {
    this.#token += 1
    this.core.handleVote(
      this.nowMs,
      {
        epoch: 1,
        candidateId: 2,
        voterId: 1,
        lastOffset: 0,
        lastEpoch: 0,
        isPreVote: false,
        ...request,
      },
      this.#token,
    )
    this.take()
    return this.of('replyVote')[0]?.reply
  }

  begin(leaderId: number, epoch: number): void {
    this.core.handleBeginEpoch(this.nowMs, { epoch, leaderId, voterId: 1 }, 0)
    this.take()
  }

  /** Node `replicaId` fetches as a follower that has everything below `fetchOffset`. */
  fetch(replicaId: number, fetchOffset: number, more: Partial<FetchRequestData> = {}): number {
    this.#token += 1
    const request = {
      replicaId,
      replicaDirectoryId: 'd',
      epoch: this.core.epoch,
      fetchOffset,
      lastFetchedEpoch: this.core.log.epochOf(fetchOffset - 1),
      maxWaitMs: 500,
      maxBytes: 1000,
      highWatermark: this.core.highWatermark,
      ...more,
    }
    this.core.handleFetch(this.nowMs, request, this.#token)
    this.take()
    return this.#token
  }

  replyTo(token: number) {
    return this.of('replyFetch').find((output) => output.token === token)?.reply
  }

  answer(output: { requestId: number } | undefined, response: PeerResponse): void {
    this.core.handleResponse(this.nowMs, output!.requestId, response)
    this.take()
  }

  fetched(what: Partial<Extract<PeerResponse, { kind: 'fetch' }>>): PeerResponse {
    const { epoch, leaderId } = this.core
    return {
      kind: 'fetch',
      header: { errorCode: 0, epoch, leaderId: leaderId ?? -1 },
      highWatermark: -1,
      divergingEpoch: null,
      snapshotId: null,
      records: Buffer.alloc(0),
      batches: [],
      ...what,
    }
  }

  grant(output: { requestId: number } | undefined, isGranted = true): void {
    const header = { errorCode: 0, epoch: this.core.epoch, leaderId: -1 }
    this.answer(output, { kind: 'vote', header, isGranted })
  }

  /** Through pre-vote and vote to leadership, the first record synced. */
  becomeLeader(): void {
    this.tickTo(this.core.nextDeadlineMs())
    while (this.core.role.name !== 'prospective') this.tickTo(this.core.nextDeadlineMs())
    this.grant(this.sent('vote')[0])
    this.grant(this.sent('vote')[0])
    expect(this.core.role.name).toBe('leader')
  }

  flushAll(): void {
    this.core.flushed(this.nowMs, this.core.log.endOffset)
    this.take()
  }

  follow(leaderId: number, epoch: number): void {
    this.begin(leaderId, epoch)
    expect(this.core.role.name).toBe('follower')
  }
}
