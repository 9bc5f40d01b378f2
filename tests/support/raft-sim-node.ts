// One node of the Raft simulation: its disk, its core while it runs, and what it has yet to carry out.
import type { Output, PeerResponse } from '../../broker/raft/core-types.ts'
import type { RaftCore } from '../../broker/raft/raft-core.ts'
import type { Voter } from '../../broker/raft/voter-set.ts'
import type { Batch, Disk } from './raft-disk.ts'

export interface Node {
  id: number
  disk: Disk
  core: RaftCore | null
  /** Events of an earlier life are dropped. */
  life: number
  queue: Output[]
  /** The vote is being written: nothing that follows from it may happen. */
  isPersisting: boolean
  /** Changes of the log, one after the other, beside everything else. */
  changes: Output[]
  isChanging: boolean
  checkedOffset: number
  scheduledTickMs: number
  nextToken: number
  waiting: Map<number, (response: PeerResponse) => void>
  pendingChunks: Batch[]
}

export function newNode(id: number): Node {
  return {
    id,
    disk: {
      election: { epoch: 0, leaderId: null, votedId: null },
      startOffset: 0,
      baseEpoch: 0,
      batches: [],
      flushedOffset: 0,
      snapshot: null,
    },
    core: null,
    life: 0,
    queue: [],
    isPersisting: false,
    changes: [],
    isChanging: false,
    checkedOffset: 0,
    scheduledTickMs: Number.POSITIVE_INFINITY,
    nextToken: 0,
    waiting: new Map(),
    pendingChunks: [],
  }
}

export const directoryOf = (id: number): string => `directory-${id}`

export function voterOf(id: number): Voter {
  return { id, directoryId: directoryOf(id), endpoints: [], minVersion: 0, maxVersion: 1 }
}
