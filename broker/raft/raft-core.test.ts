// The rules of leading and following one by one, on a single core that is told what others say.
import { describe, expect, test } from 'vitest'
import { ErrorCode } from '../../protocol/errors.ts'
import { logOf, Subject } from '../../tests/support/raft-subject.ts'
import type { FetchRequestData, PeerResponse } from './core-types.ts'

describe('leading', () => {
  test('starts with the record of its epoch, after its leadership is persisted', () => {
    const subject = new Subject({})
    subject.becomeLeader()
    const kinds = subject.kinds()
    expect(subject.of('persist').at(-1)?.election).toEqual({ epoch: 1, leaderId: 1, votedId: 1 })
    expect(kinds.lastIndexOf('persist')).toBeLessThan(kinds.indexOf('appendLeaderChange'))
    expect(subject.of('appendLeaderChange')).toMatchObject([
      { epoch: 1, baseOffset: 0, grantingVoters: [1, 2] },
    ])
    expect(subject.sent('beginEpoch').map(({ to }) => to)).toEqual([2, 3])
  })

  test('does not lead again the epoch it led before a restart', () => {
    const subject = new Subject({ election: { epoch: 4, leaderId: 1, votedId: 1 } })
    expect(subject.core.role.name).toBe('unattached')
    expect(subject.core.leaderId).toBeNull()
    const token = subject.fetch(2, 0)
    expect(subject.replyTo(token)).toMatchObject({
      errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER,
      leaderId: -1,
      epoch: 4,
    })
    subject.becomeLeader()
    expect(subject.core.epoch).toBe(5)
  })

  test('commits what earlier epochs left only together with a record of its own', () => {
    const log = logOf(10, [{ epoch: 2, startOffset: 0 }])
    const subject = new Subject({ election: { epoch: 2, leaderId: null, votedId: null }, log })
    subject.becomeLeader()
    subject.flushAll()
    subject.fetch(2, 10)
    expect(subject.core.highWatermark).toBe(0)
    subject.fetch(2, 11)
    expect(subject.core.highWatermark).toBe(11)
    expect(subject.of('commit')).toEqual([{ kind: 'commit', highWatermark: 11 }])
  })

  test('counts itself only for what it has synced', () => {
    const subject = new Subject({})
    subject.becomeLeader()
    subject.core.written(0, 1)
    subject.fetch(2, 1)
    expect(subject.core.highWatermark).toBe(0)
    subject.flushAll()
    expect(subject.core.highWatermark).toBe(1)
  })

  test('commits by the others alone while its own disk is slow', () => {
    const subject = new Subject({})
    subject.becomeLeader()
    subject.core.written(0, 1)
    subject.fetch(2, 1)
    subject.fetch(3, 1)
    expect(subject.core.highWatermark).toBe(1)
  })

  test('a lone voter elects itself at once and commits what it synced', () => {
    const subject = new Subject({ voters: [1] })
    expect(subject.core.role.name).toBe('leader')
    subject.flushAll()
    expect(subject.core.highWatermark).toBe(1)
    subject.tickTo(1_000_000)
    expect(subject.core.role.name).toBe('leader')
  })

  test('steps down when no majority has fetched for one and a half fetch timeouts', () => {
    const subject = new Subject({})
    subject.becomeLeader()
    subject.flushAll()
    const electedMs = subject.nowMs
    subject.nowMs = electedMs + 1000
    const token = subject.fetch(2, 1, { maxWaitMs: 60_000, highWatermark: 1 })
    subject.tickTo(electedMs + 3999)
    expect(subject.core.role.name).toBe('leader')
    subject.tickTo(electedMs + 4000)
    expect(subject.core.role.name).toBe('resigned')
    expect(subject.replyTo(token)?.errorCode).toBe(ErrorCode.NOT_LEADER_OR_FOLLOWER)
    expect(subject.sent('endEpoch').map(({ to }) => to)).toEqual([2, 3])
    expect(subject.core.reserve(1, 1)).toBeNull()
  })

  test('tells voters that do not fetch that it leads, again and again', () => {
    const subject = new Subject({})
    subject.becomeLeader()
    const electedMs = subject.nowMs
    for (const output of subject.sent('beginEpoch')) {
      const header = { errorCode: 0, epoch: 1, leaderId: 1 }
      subject.answer(output, { kind: 'beginEpoch', header })
    }
    subject.nowMs = electedMs + 500
    subject.fetch(2, 0)
    subject.tickTo(electedMs + 1000)
    expect(subject.sent('beginEpoch').map(({ to }) => to)).toEqual([3])
  })

  test('gives way to a higher epoch', () => {
    const subject = new Subject({})
    subject.becomeLeader()
    subject.begin(3, 7)
    expect(subject.core.role).toMatchObject({ name: 'follower', leaderId: 3 })
    expect(subject.of('leader')).toMatchObject([{ leaderId: 3, epoch: 7 }])
  })

  test('two leaders in one epoch are a broken invariant', () => {
    const subject = new Subject({})
    subject.becomeLeader()
    expect(() => subject.begin(3, 1)).toThrow(/two leaders/)
  })
})

describe('serving fetches', () => {
  function leader(): Subject {
    const subject = new Subject({})
    subject.becomeLeader()
    subject.flushAll()
    subject.fetch(3, 1)
    return subject
  }

  test('gives what the operating system holds, not what is only reserved', () => {
    const subject = leader()
    expect(subject.core.reserve(1, 3)).toBe(1)
    const token = subject.fetch(2, 1)
    expect(subject.replyTo(token)).toBeUndefined()
    subject.core.written(subject.nowMs, 4)
    subject.take()
    expect(subject.replyTo(token)?.read).toEqual({
      offset: 1,
      endOffsetExclusive: 4,
      maxBytes: 1000,
    })
  })

  test('answers a waiting fetch when the high watermark moves', () => {
    const subject = leader()
    expect(subject.core.highWatermark).toBe(1)
    subject.core.reserve(1, 1)
    subject.flushAll()
    const token = subject.fetch(2, 2)
    expect(subject.replyTo(token)).toMatchObject({ highWatermark: 2, read: null })
    subject.core.reserve(1, 1)
    subject.core.written(subject.nowMs, 3)
    subject.take()
    const next = subject.fetch(2, 3)
    expect(subject.replyTo(next)).toBeUndefined()
    subject.flushAll()
    expect(subject.replyTo(next)).toMatchObject({ highWatermark: 3, read: null })
  })

  test('answers with nothing when the wait is over', () => {
    const subject = leader()
    const token = subject.fetch(2, 1, { maxWaitMs: 100 })
    subject.tickTo(subject.nowMs + 99)
    expect(subject.replyTo(token)).toBeUndefined()
    subject.tickTo(subject.nowMs + 1)
    expect(subject.replyTo(token)).toMatchObject({ errorCode: 0, read: null })
  })

  test('does not answer again and again before its epoch has committed anything', () => {
    const log = logOf(10, [{ epoch: 2, startOffset: 0 }])
    const subject = new Subject({ election: { epoch: 2, leaderId: null, votedId: null }, log })
    subject.becomeLeader()
    subject.core.written(subject.nowMs, 11)
    const token = subject.fetch(2, 11, { highWatermark: 0 })
    expect(subject.replyTo(token)).toBeUndefined()
  })

  test('refuses other epochs, and nonsense', () => {
    const subject = leader()
    const codeOf = (more: Partial<FetchRequestData>) =>
      subject.replyTo(subject.fetch(2, 1, more))?.errorCode
    expect(codeOf({ epoch: 0, lastFetchedEpoch: 0 })).toBe(ErrorCode.FENCED_LEADER_EPOCH)
    expect(codeOf({ epoch: 2 })).toBe(ErrorCode.UNKNOWN_LEADER_EPOCH)
    expect(codeOf({ fetchOffset: -1 })).toBe(ErrorCode.INVALID_REQUEST)
    expect(codeOf({ lastFetchedEpoch: 2 })).toBe(ErrorCode.INVALID_REQUEST)
  })

  test('shows a diverging follower where to cut', () => {
    const log = logOf(10, [
      { epoch: 1, startOffset: 0 },
      { epoch: 3, startOffset: 6 },
    ])
    const subject = new Subject({ election: { epoch: 3, leaderId: null, votedId: null }, log })
    subject.becomeLeader()
    const token = subject.fetch(2, 8, { lastFetchedEpoch: 2 })
    expect(subject.replyTo(token)?.divergingEpoch).toEqual({ epoch: 1, endOffset: 6 })
    const beyond = subject.fetch(2, 14, { lastFetchedEpoch: 3 })
    expect(subject.replyTo(beyond)?.divergingEpoch).toEqual({ epoch: 3, endOffset: 10 })
  })

  test('sends an empty or too old replica to the snapshot', () => {
    const log = {
      startOffset: 5,
      endOffset: 10,
      epochs: [{ epoch: 3, startOffset: 5 }],
      snapshot: { offset: 5, epoch: 2 },
      baseEpoch: 2,
    }
    const subject = new Subject({ election: { epoch: 3, leaderId: null, votedId: null }, log })
    subject.becomeLeader()
    const idFor = (fetchOffset: number, lastFetchedEpoch: number) =>
      subject.replyTo(subject.fetch(2, fetchOffset, { lastFetchedEpoch }))?.snapshotId
    expect(idFor(0, 0)).toEqual({ offset: 5, epoch: 2 })
    expect(idFor(4, 2)).toEqual({ offset: 5, epoch: 2 })
    expect(idFor(5, 1)).toEqual({ offset: 5, epoch: 2 })
    expect(idFor(5, 2)).toBeNull()
  })
})

describe('following', () => {
  test('asks for more only when what it got is synced', () => {
    const subject = new Subject({})
    subject.follow(2, 1)
    const records = Buffer.from('r')
    const batches = [{ baseOffset: 0, lastOffset: 4, epoch: 1 }]
    subject.answer(
      subject.sent('fetch')[0],
      subject.fetched({ records, batches, highWatermark: 3 }),
    )
    expect(subject.of('appendFetched')).toEqual([{ kind: 'appendFetched', records, endOffset: 5 }])
    expect(subject.sent('fetch')).toEqual([])
    expect(subject.core.highWatermark).toBe(0)
    subject.flushAll()
    expect(subject.core.highWatermark).toBe(3)
    expect(subject.sent('fetch')[0]?.request.data).toMatchObject({
      fetchOffset: 5,
      lastFetchedEpoch: 1,
      highWatermark: 3,
    })
  })

  test.each([
    ['a gap', [{ baseOffset: 1, lastOffset: 2, epoch: 1 }]],
    ['an epoch above its own', [{ baseOffset: 0, lastOffset: 0, epoch: 2 }]],
    [
      'epochs that go back',
      [
        { baseOffset: 0, lastOffset: 0, epoch: 1 },
        { baseOffset: 1, lastOffset: 1, epoch: 0 },
      ],
    ],
  ])('does not append %s', (_name, batches) => {
    const subject = new Subject({})
    subject.follow(2, 1)
    subject.answer(subject.sent('fetch')[0], subject.fetched({ batches }))
    expect(subject.of('appendFetched')).toEqual([])
    expect(subject.core.log.endOffset).toBe(0)
  })

  test('cuts its log where it differs, and fetches on from there once that is done', () => {
    const log = logOf(9, [
      { epoch: 1, startOffset: 0 },
      { epoch: 2, startOffset: 7 },
    ])
    const subject = new Subject({ election: { epoch: 2, leaderId: null, votedId: null }, log })
    subject.follow(2, 3)
    const divergingEpoch = { epoch: 1, endOffset: 5 }
    subject.answer(subject.sent('fetch')[0], subject.fetched({ divergingEpoch }))
    expect(subject.of('truncate')).toEqual([{ kind: 'truncate', offset: 5 }])
    expect(subject.sent('fetch')).toEqual([])
    subject.core.truncated(0)
    subject.take()
    const next = { fetchOffset: 5, lastFetchedEpoch: 1 }
    expect(subject.sent('fetch')[0]?.request.data).toMatchObject(next)
  })

  test('never cuts what is committed', () => {
    const subject = new Subject({})
    subject.follow(2, 1)
    const batches = [{ baseOffset: 0, lastOffset: 4, epoch: 1 }]
    subject.answer(subject.sent('fetch')[0], subject.fetched({ batches, highWatermark: 5 }))
    subject.flushAll()
    const divergingEpoch = { epoch: 1, endOffset: 3 }
    const wrong = subject.fetched({ divergingEpoch })
    expect(() => subject.answer(subject.sent('fetch')[0], wrong)).toThrow(/below the committed/)
  })

  test('takes a snapshot piece by piece and starts its log anew behind it', () => {
    const subject = new Subject({})
    subject.follow(2, 3)
    const id = { offset: 50, epoch: 2 }
    subject.answer(subject.sent('fetch')[0], subject.fetched({ snapshotId: id }))
    const chunk = (positionBytes: number): PeerResponse => ({
      kind: 'fetchSnapshot',
      header: { errorCode: 0, epoch: 3, leaderId: 2 },
      id,
      sizeBytes: 4,
      positionBytes,
      bytes: Buffer.from('ab'),
    })
    subject.answer(subject.sent('fetchSnapshot')[0], chunk(0))
    expect(subject.of('storeChunk')).toMatchObject([{ positionBytes: 0, isLast: false }])
    expect(subject.of('send')).toEqual([])
    subject.core.chunkStored(0, null)
    subject.take()
    expect(subject.sent('fetchSnapshot')[0]?.request.data).toMatchObject({ positionBytes: 2 })
    subject.answer(subject.sent('fetchSnapshot')[0], chunk(2))
    expect(subject.of('storeChunk')).toMatchObject([{ positionBytes: 2, isLast: true }])
    subject.core.chunkStored(0, id)
    subject.take()
    expect(subject.of('installSnapshot')).toEqual([{ kind: 'installSnapshot', id }])
    subject.core.snapshotInstalled(0, id)
    subject.take()
    expect(subject.of('commit')).toEqual([{ kind: 'commit', highWatermark: 50 }])
    const next = { fetchOffset: 50, lastFetchedEpoch: 2 }
    expect(subject.sent('fetch')[0]?.request.data).toMatchObject(next)
  })

  test('stands when it hears nothing for a fetch timeout', () => {
    const subject = new Subject({})
    subject.follow(2, 1)
    subject.tickTo(1999)
    expect(subject.core.role.name).toBe('follower')
    subject.tickTo(2000)
    expect(subject.core.role.name).toBe('prospective')
  })

  test('stands soon when its leader says that it leads no more', () => {
    const subject = new Subject({})
    subject.follow(2, 1)
    const header = { errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER, epoch: 1, leaderId: -1 }
    subject.answer(subject.sent('fetch')[0], subject.fetched({ header }))
    subject.tickTo(subject.core.nextDeadlineMs())
    expect(subject.core.role.name).toBe('prospective')
    expect(subject.core.epoch).toBe(1)
  })

  test('the first successor of a resigned leader stands at once, the second later', () => {
    const delayOf = (preferredCandidates: readonly number[]) => {
      const subject = new Subject({})
      subject.follow(2, 1)
      const data = { epoch: 1, leaderId: 2, voterId: -1, preferredCandidates }
      subject.core.handleEndEpoch(0, data, 1)
      return subject.core.nextDeadlineMs()
    }
    expect(delayOf([1, 3])).toBe(0)
    expect(delayOf([3, 1])).toBe(500)
  })

  test('an observer follows whoever it is told of, and looks on when that one goes silent', () => {
    const asked = new Subject({ nodeId: 9 })
    asked.core.handleSendFailure(0, 1)
    asked.take()
    expect(asked.sent('fetch')[0]).toMatchObject({ to: 2, request: { data: { maxWaitMs: 0 } } })
    const [fetch] = asked.sent('fetch')
    const header = { errorCode: ErrorCode.FENCED_LEADER_EPOCH, epoch: 4, leaderId: 3 }
    asked.answer(fetch, asked.fetched({ header }))
    expect(asked.core.role).toMatchObject({ name: 'follower', leaderId: 3 })
    expect(asked.sent('fetch')[0]).toMatchObject({ to: 3 })
    asked.tickTo(60_000)
    expect(asked.core.role.name).toBe('unattached')
  })
})
