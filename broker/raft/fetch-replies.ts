// What a leader answers to fetches, and when: at once, or once there is something to say. Pure; owned by RaftCore.
import { ErrorCode } from '../../protocol/errors.ts'
import type { FetchReply, ReplyHeader } from './core-types.ts'
import type { LogModel } from './log-model.ts'
import type { QuorumState } from './quorum-state.ts'
import type { ParkedFetch } from './replication.ts'

export interface FetchRepliesOptions {
  quorum: QuorumState
  log: LogModel
  highWatermark(): number
  header(errorCode: number): ReplyHeader
}

export class FetchReplies {
  readonly #options: FetchRepliesOptions

  constructor(options: FetchRepliesOptions) {
    this.#options = options
  }

  reply(token: number, errorCode: number, what: Partial<FetchReply> = {}): void {
    const { quorum, log, header } = this.#options
    const reply: FetchReply = {
      ...header(errorCode),
      highWatermark: this.#toldHighWatermark(),
      logStartOffset: log.startOffset,
      divergingEpoch: null,
      snapshotId: null,
      read: null,
      ...what,
    }
    quorum.emit({ kind: 'replyFetch', token, reply })
  }

  /** Of those that wait, whoever need not wait any longer. */
  answerParked(nowMs: number): void {
    const { role } = this.#options.quorum
    if (role.name !== 'leader' || role.replication.parked.length === 0) return
    const { replication } = role
    replication.parked = replication.parked.filter((fetch) => !this.#answer(fetch, nowMs))
  }

  #answer({ request, token, deadlineMs }: ParkedFetch, nowMs: number): boolean {
    const offset = request.fetchOffset
    const endOffsetExclusive = this.#options.log.writtenOffset
    if (offset < endOffsetExclusive) {
      const read = { offset, endOffsetExclusive, maxBytes: request.maxBytes }
      this.reply(token, ErrorCode.NONE, { read })
      return true
    }
    if (request.highWatermark >= this.#toldHighWatermark() && nowMs < deadlineMs) return false
    this.reply(token, ErrorCode.NONE)
    return true
  }

  /** -1 until this epoch has committed something: before that it could be behind what others know. */
  #toldHighWatermark(): number {
    const { quorum, highWatermark } = this.#options
    const { role } = quorum
    const isKnown = role.name === 'leader' && highWatermark() > role.epochStartOffset
    return isKnown ? highWatermark() : -1
  }
}
