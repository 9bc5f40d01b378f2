import { describe, expect, test } from 'vitest'
import { LogModel, type LogModelState } from './log-model.ts'

const empty: LogModelState = {
  startOffset: 0,
  endOffset: 0,
  epochs: [],
  snapshot: null,
  baseEpoch: 0,
}
/** Epoch 1 at 0…4, 3 at 5…7, 4 at 8…9. */
const three: LogModelState = {
  ...empty,
  endOffset: 10,
  epochs: [
    { epoch: 1, startOffset: 0 },
    { epoch: 3, startOffset: 5 },
    { epoch: 4, startOffset: 8 },
  ],
}

describe('LogModel', () => {
  test.each([
    [0, { epoch: 0, endOffset: 0 }],
    [1, { epoch: 1, endOffset: 5 }],
    [2, { epoch: 1, endOffset: 5 }],
    [3, { epoch: 3, endOffset: 8 }],
    [4, { epoch: 4, endOffset: 10 }],
    [9, { epoch: 4, endOffset: 10 }],
  ])('epoch %i or the one before it ends at %o', (epoch, expected) => {
    expect(new LogModel(three).endOffsetForEpoch(epoch)).toEqual(expected)
  })

  test('two logs come together by cutting to where the leader points', () => {
    const leader = new LogModel(three)
    const follower = new LogModel({
      ...empty,
      endOffset: 12,
      epochs: [
        { epoch: 1, startOffset: 0 },
        { epoch: 2, startOffset: 6 },
      ],
    })
    for (let round = 0; round < 5; round += 1) {
      const validity = leader.validate(follower.endOffset, follower.lastEpoch)
      if (validity.kind === 'valid') break
      if (validity.kind === 'diverging') follower.truncateTo(follower.truncationOffset(validity))
    }
    expect(leader.validate(follower.endOffset, follower.lastEpoch).kind).toBe('valid')
    expect(follower.endOffset).toBe(5)
  })

  test('forgets epochs that a truncation or a new start takes away', () => {
    const log = new LogModel(three)
    log.truncateTo(8)
    expect(log.lastEpoch).toBe(3)
    expect(log.flushedOffset).toBe(8)
    log.moveStart(6)
    expect(log.epochOf(6)).toBe(3)
    expect(log.endOffsetForEpoch(1)).toEqual({ epoch: 3, endOffset: 6 })
    log.moveStart(8)
    expect(log.lastEpoch).toBe(3)
    log.append(5, 2)
    expect(log.epochOf(8)).toBe(5)
    expect(log.endOffsetForEpoch(3)).toEqual({ epoch: 3, endOffset: 8 })
  })

  test('starts anew behind a snapshot', () => {
    const log = new LogModel(three)
    log.reset({ offset: 40, epoch: 6 })
    expect([log.startOffset, log.endOffset, log.flushedOffset, log.lastEpoch]).toEqual([
      40, 40, 40, 6,
    ])
    expect(log.validate(40, 6)).toEqual({ kind: 'valid' })
    expect(log.validate(39, 6)).toEqual({ kind: 'snapshot', id: { offset: 40, epoch: 6 } })
  })

  test('counts as written and synced only what was reported', () => {
    const log = new LogModel(empty)
    log.append(1, 5)
    expect([log.writtenOffset, log.flushedOffset]).toEqual([0, 0])
    log.wrote(3)
    expect([log.writtenOffset, log.flushedOffset]).toEqual([3, 0])
    log.flushed(5)
    expect([log.writtenOffset, log.flushedOffset]).toEqual([5, 5])
  })
})
