// Committed records reach listeners in order and whole, and never so many in one turn that nothing else has its turn.
import { expect, test } from 'vitest'
import { buildBatch } from '../../protocol/records/build.ts'
import { createWorld } from '../../tests/support/memory-runtime.ts'
import type { Log } from '../log/types.ts'
import { CommitFeed } from './commit-feed.ts'
import type { SnapshotStore } from './snapshots.ts'
import type { CommittedBatch } from './types.ts'

const BATCHES = 60
const RECORDS_PER_BATCH = 50
const RECORDS_PER_TURN_MAX = 200 + RECORDS_PER_BATCH

function logOf(batches: readonly Buffer[]): Log {
  const log = {
    logStartOffset: 0,
    read: async ({ offset }: { offset: number }) => {
      const from = Math.floor(offset / RECORDS_PER_BATCH)
      return { records: Buffer.concat(batches.slice(from)), nextOffset: 0 }
    },
  }
  // Safe because a feed reads and asks where the log starts, nothing else.
  return log as unknown as Log
}

test('thousands of committed records are handed over in many turns', async () => {
  const world = createWorld({ seed: 1 })
  const { timers } = world.host('node')
  const batches = Array.from({ length: BATCHES }, (_, at) =>
    buildBatch({
      baseOffset: at * RECORDS_PER_BATCH,
      records: Array.from({ length: RECORDS_PER_BATCH }, () => ({
        key: null,
        value: Buffer.from('v'),
      })),
    }),
  )
  let inThisTurn = 0
  let mostInATurn = 0
  const taken: number[] = []
  const errors: unknown[] = []
  const feed = new CommitFeed({
    log: logOf(batches),
    snapshots: { latest: null } as unknown as SnapshotStore,
    timers: {
      ...timers,
      immediate: (callback) =>
        timers.immediate(() => {
          inThisTurn = 0
          callback()
        }),
    },
    failed: (error) => errors.push(error),
  })
  feed.register({
    handleCommit: ({ baseOffset, records }: CommittedBatch) => {
      taken.push(baseOffset)
      inThisTurn += records.length
      mostInATurn = Math.max(mostInATurn, inThisTurn)
    },
    handleLoadSnapshot: () => undefined,
    handleLeaderChange: () => undefined,
  })
  feed.committed(BATCHES * RECORDS_PER_BATCH)
  await world.runUntil(() => taken.length === BATCHES || errors.length > 0)
  expect(errors).toEqual([])
  expect(taken).toEqual(batches.map((_, at) => at * RECORDS_PER_BATCH))
  expect(mostInATurn).toBeLessThanOrEqual(RECORDS_PER_TURN_MAX)
})
