// What a follower makes of its leader's answers. Pure; called by RaftCore alone.
import { assert } from '../runtime/assert.ts'
import type { Output, PeerResponse } from './core-types.ts'
import type { BatchSummary, LogModel } from './log-model.ts'
import type { Follower } from './roles.ts'
import type { VoterHistory } from './voter-set.ts'

type Change = Extract<Output, { kind: 'appendFetched' | 'truncate' | 'storeChunk' }>

/**
 * The one change of the log that follows; null: none; 'useless': it does not fit what was asked.
 */
export type Accepted = Change | null | 'useless'

interface Context {
  log: LogModel
  history: VoterHistory
  epoch: number
  highWatermark: number
}

/** `response` comes from the leader that `role` follows, in its epoch, without error. */
export function acceptFetched(role: Follower, response: PeerResponse, context: Context): Accepted {
  if (response.kind === 'fetch') return acceptFetch(role, response, context)
  if (response.kind === 'fetchSnapshot') return acceptChunk(role, response)
  return null
}

function acceptFetch(
  role: Follower,
  response: Extract<PeerResponse, { kind: 'fetch' }>,
  { log, history, epoch, highWatermark }: Context,
): Accepted {
  if (response.divergingEpoch !== null) {
    const offset = log.truncationOffset(response.divergingEpoch)
    assert(offset >= highWatermark, `truncation to ${offset} below the committed ${highWatermark}`)
    log.truncateTo(offset)
    history.truncateTo(offset)
    return { kind: 'truncate', offset }
  }
  if (response.snapshotId !== null) {
    if (response.snapshotId.offset <= highWatermark) return 'useless'
    role.snapshot = { id: response.snapshotId, positionBytes: 0 }
    return null
  }
  role.leaderHighWatermark = Math.max(role.leaderHighWatermark, response.highWatermark)
  if (response.batches.length === 0) return null
  if (!continuesLog(response.batches, log, epoch)) return 'useless'
  for (const batch of response.batches) {
    log.append(batch.epoch, batch.lastOffset - batch.baseOffset + 1)
    if (batch.change) history.append({ ...batch.change, offset: batch.lastOffset })
  }
  return { kind: 'appendFetched', records: response.records, endOffset: log.endOffset }
}

function continuesLog(batches: readonly BatchSummary[], log: LogModel, epoch: number): boolean {
  let expectedOffset = log.endOffset
  let leastEpoch = log.lastEpoch
  for (const batch of batches) {
    if (batch.baseOffset !== expectedOffset || batch.lastOffset < batch.baseOffset) return false
    if (batch.epoch < leastEpoch || batch.epoch > epoch) return false
    expectedOffset = batch.lastOffset + 1
    leastEpoch = batch.epoch
  }
  return true
}

function acceptChunk(
  role: Follower,
  response: Extract<PeerResponse, { kind: 'fetchSnapshot' }>,
): Accepted {
  const wanted = role.snapshot
  if (wanted === null) return null
  const { id, positionBytes, bytes, sizeBytes } = response
  if (id === null || id.offset !== wanted.id.offset || id.epoch !== wanted.id.epoch) {
    role.snapshot = null
    return null
  }
  if (positionBytes !== wanted.positionBytes || bytes.length === 0) return 'useless'
  wanted.positionBytes += bytes.length
  const isLast = wanted.positionBytes >= sizeBytes
  if (isLast) role.snapshot = null
  return { kind: 'storeChunk', id: wanted.id, positionBytes, bytes, isLast }
}
