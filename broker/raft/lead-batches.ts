// The batches that a leader writes: records of the controller, and the control records that start an epoch or say
// who votes. Pure; called by RaftNode.
import { buildBatch } from '../../protocol/records/build.ts'
import { leaderChangeBatch, quorumChangeBatch } from './control-records.ts'
import type { Output } from './core-types.ts'
import type { LogChange } from './log-writer.ts'

/** Records that the controller appends. */
export interface AppendBatch {
  kind: 'appendBatch'
  epoch: number
  baseOffset: number
  endOffset: number
  records: readonly Buffer[]
}

export type LeadOutput =
  | AppendBatch
  | Extract<Output, { kind: 'appendLeaderChange' | 'appendVoters' }>

export function leadBatch(
  output: LeadOutput,
  context: { nodeId: number; voters: readonly number[]; timestampMs: number },
): LogChange {
  const { epoch, baseOffset } = output
  const { nodeId, voters, timestampMs } = context
  const place = { baseOffset, leaderEpoch: epoch, timestampMs }
  switch (output.kind) {
    case 'appendLeaderChange': {
      const { grantingVoters } = output
      const batch = leaderChangeBatch(place, { leaderId: nodeId, voters, grantingVoters })
      return { kind: 'lead', epoch, batch, endOffset: baseOffset + 1, startsEpoch: true }
    }
    case 'appendVoters': {
      const { change } = output
      const count = Number(change.voters !== null) + Number(change.kraftVersion !== null)
      const batch = quorumChangeBatch(place, change)
      return { kind: 'lead', epoch, batch, endOffset: baseOffset + count, startsEpoch: false }
    }
    case 'appendBatch': {
      const records = output.records.map((value) => ({ key: null, value, timestampMs }))
      const batch = buildBatch({ ...place, records })
      return { kind: 'lead', epoch, batch, endOffset: output.endOffset, startsEpoch: false }
    }
  }
}
