// How many replicas are copied to other directories at the same time: num.replica.alter.log.dirs.threads.
import { expect, test } from 'vitest'
import { createWorld } from '../../tests/support/memory-runtime.ts'
import type { TopicPartition } from '../log/types.ts'
import { DirectoryMoves, type DirectoryMovesOptions } from './directory-moves.ts'

test.each([1, 2, 5])('%d replicas at most are copied side by side', async (maxSideBySide) => {
  const world = createWorld({ seed: 1 })
  const beingRead = new Set<number>()
  const futures = new Map<number, object>()
  const logOf = (partition: number) => ({
    directory: `/d1/t-${partition}`,
    logStartOffset: 0,
    logEndOffset: 10,
    config: null,
    read: () => {
      beingRead.add(partition)
      return new Promise(() => undefined)
    },
  })
  const createFuture = async ({ topic, partition }: TopicPartition) => {
    const copied = { latestEpoch: -1, logEndOffset: 0, logStartOffset: 0, config: null }
    const future = { topic, partition, directory: `/d2/t-${partition}`, ...copied }
    futures.set(partition, future)
    return future
  }
  const options = {
    runtime: world.host('broker'),
    logs: {
      directories: [{ path: '/d2', isOnline: true, isCordoned: false }],
      preferDirectory: () => undefined,
      futureOf: ({ partition }: TopicPartition) => futures.get(partition) ?? null,
      createFuture,
    },
    hosted: { get: ({ partition }: TopicPartition) => ({ log: logOf(partition) }) },
    metrics: { gauge: () => undefined },
    maxSideBySide,
    maxBytesPerSecond: () => Number.POSITIVE_INFINITY,
  }
  // Safe because a move that has not read anything yet asks for nothing else.
  const moves = new DirectoryMoves(options as unknown as DirectoryMovesOptions)
  for (let partition = 0; partition < 5; partition++) {
    expect(await moves.alter({ topic: 't', partition }, '/d2')).toBe(0)
  }
  expect(beingRead.size).toBe(maxSideBySide)
  moves.close()
})
