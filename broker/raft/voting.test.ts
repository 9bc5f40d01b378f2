// Who gets a vote and who goes first, on a single core that is told what others say.
import { describe, expect, test } from 'vitest'
import { ErrorCode } from '../../protocol/errors.ts'
import { logOf, Subject } from '../../tests/support/raft-subject.ts'

describe('voting', () => {
  test('a vote is persisted before it is answered', () => {
    const subject = new Subject({})
    expect(subject.vote({ epoch: 4 })).toMatchObject({ isGranted: true, epoch: 4 })
    const kinds = subject.kinds()
    expect(kinds.lastIndexOf('persist')).toBeLessThan(kinds.indexOf('replyVote'))
    expect(subject.of('persist').at(-1)?.election).toEqual({ epoch: 4, leaderId: null, votedId: 2 })
  })

  test('one vote an epoch; the same candidate may ask again', () => {
    const subject = new Subject({})
    expect(subject.vote({ candidateId: 2 })?.isGranted).toBe(true)
    expect(subject.vote({ candidateId: 3 })?.isGranted).toBe(false)
    expect(subject.vote({ candidateId: 2 })?.isGranted).toBe(true)
    expect(subject.vote({ candidateId: 3, epoch: 2 })?.isGranted).toBe(true)
  })

  test('a vote holds over a restart', () => {
    const subject = new Subject({ election: { epoch: 4, leaderId: null, votedId: 2 } })
    expect(subject.vote({ epoch: 4, candidateId: 3 })?.isGranted).toBe(false)
    expect(subject.vote({ epoch: 4, candidateId: 2 })?.isGranted).toBe(true)
    expect(subject.vote({ epoch: 3, candidateId: 2 })?.errorCode).toBe(
      ErrorCode.FENCED_LEADER_EPOCH,
    )
  })

  test('no vote in an epoch that is known to have had a leader before a restart', () => {
    const subject = new Subject({ election: { epoch: 4, leaderId: 2, votedId: null } })
    expect(subject.vote({ epoch: 4, candidateId: 3 })?.isGranted).toBe(false)
  })

  test('no vote for a log that lacks something', () => {
    const log = logOf(10, [
      { epoch: 1, startOffset: 0 },
      { epoch: 3, startOffset: 6 },
    ])
    const election = { epoch: 3, leaderId: null, votedId: null }
    const ask = (lastEpoch: number, lastOffset: number) =>
      new Subject({ election, log }).vote({ epoch: 4, lastEpoch, lastOffset })?.isGranted
    expect(ask(3, 9)).toBe(false)
    expect(ask(2, 100)).toBe(false)
    expect(ask(3, 10)).toBe(true)
    expect(ask(3, 11)).toBe(true)
  })

  test.each([
    ['nobody', { candidateId: -1 }],
    ['itself', { candidateId: 1 }],
    ['a log that is ahead of its epoch', { epoch: 1, lastEpoch: 1 }],
    ['a negative offset', { lastOffset: -1 }],
  ])('refuses %s as invalid', (_name, request) => {
    const reply = new Subject({}).vote(request)
    expect(reply).toMatchObject({ isGranted: false, errorCode: ErrorCode.INVALID_REQUEST })
  })

  test('refuses a vote meant for another', () => {
    const reply = new Subject({}).vote({ voterId: 3 })
    expect(reply).toMatchObject({ isGranted: false, errorCode: ErrorCode.INVALID_VOTER_KEY })
  })

  test('an observer gives its vote, which counts where it is a voter, and never stands', () => {
    const subject = new Subject({ nodeId: 9 })
    expect(subject.vote({ voterId: 9 })).toMatchObject({ errorCode: 0, isGranted: true })
    expect(subject.of('persist').at(-1)?.election).toMatchObject({ epoch: 1, votedId: 2 })
    subject.tickTo(60_000)
    expect(subject.core.role.name).toBe('unattached')
  })
})

describe('pre-vote', () => {
  test('changes nothing on disk and no epoch, on either side', () => {
    const asked = new Subject({})
    expect(asked.vote({ epoch: 0, isPreVote: true })?.isGranted).toBe(true)
    expect(asked.kinds()).not.toContain('persist')
    const asking = new Subject({})
    asking.tickTo(asking.core.nextDeadlineMs())
    expect(asking.core.role.name).toBe('prospective')
    expect(asking.core.epoch).toBe(0)
    expect(asking.kinds()).not.toContain('persist')
    expect(asking.sent('vote').map(({ request }) => request.data)).toMatchObject([
      { isPreVote: true, epoch: 0 },
      { isPreVote: true, epoch: 0 },
    ])
  })

  test('is refused by a follower that hears from its leader, and by the leader', () => {
    const follower = new Subject({})
    follower.follow(2, 5)
    expect(follower.vote({ epoch: 5, candidateId: 3, isPreVote: true })?.isGranted).toBe(true)
    follower.follow(2, 5)
    const again = new Subject({})
    again.begin(2, 5)
    const [fetch] = again.sent('fetch')
    again.answer(fetch, again.fetched({}))
    expect(again.vote({ epoch: 5, candidateId: 3, isPreVote: true })?.isGranted).toBe(false)
    const leader = new Subject({})
    leader.becomeLeader()
    const ask = { epoch: 1, lastEpoch: 1, lastOffset: 99, isPreVote: true }
    expect(leader.vote(ask)?.isGranted).toBe(false)
    expect(leader.core.role.name).toBe('leader')
  })

  test('is granted by a follower whose leader refuses connections, and it stands itself', () => {
    const subject = new Subject({})
    subject.begin(2, 5)
    const [fetch] = subject.sent('fetch')
    subject.answer(fetch, subject.fetched({}))
    subject.core.leaderRefused(0, 2)
    expect(subject.vote({ epoch: 5, candidateId: 3, isPreVote: true })?.isGranted).toBe(true)
    subject.tickTo(0)
    expect(subject.core.role.name).toBe('follower')
    subject.tickTo(subject.core.nextDeadlineMs())
    expect(subject.core.role.name).toBe('prospective')
    expect(subject.core.epoch).toBe(5)
  })

  test('of two that ask each other at once, one is told yes', () => {
    const ask = (nodeId: number, candidateId: number) => {
      const subject = new Subject({ nodeId })
      subject.tickTo(subject.core.nextDeadlineMs())
      expect(subject.core.role.name).toBe('prospective')
      return subject.vote({ epoch: 0, candidateId, voterId: nodeId, isPreVote: true })?.isGranted
    }
    expect(ask(1, 2)).toBe(false)
    expect(ask(2, 1)).toBe(true)
  })

  test('does not wait for a voter that is gone when the other one has said no', () => {
    const subject = new Subject({})
    subject.tickTo(subject.core.nextDeadlineMs())
    const [first, second] = subject.sent('vote')
    subject.core.handleSendFailure(subject.nowMs, second!.requestId)
    subject.grant(first, false)
    expect(subject.core.nextDeadlineMs() - subject.nowMs).toBeLessThan(200)
  })

  test('rejected by a majority, the follower goes back to its leader', () => {
    const subject = new Subject({})
    subject.follow(2, 5)
    subject.tickTo(2000)
    const [first, second] = subject.sent('vote')
    subject.grant(first, false)
    subject.grant(second, false)
    subject.tickTo(subject.core.nextDeadlineMs())
    expect(subject.core.role).toMatchObject({ name: 'follower', leaderId: 2 })
    expect(subject.core.epoch).toBe(5)
    expect(subject.sent('fetch').length).toBe(1)
  })

  test('won, the epoch is bumped and the own vote persisted before others are asked', () => {
    const subject = new Subject({})
    subject.tickTo(subject.core.nextDeadlineMs())
    subject.grant(subject.sent('vote')[0])
    expect(subject.core.role.name).toBe('candidate')
    expect(subject.kinds().slice(0, 2)).toEqual(['persist', 'leader'])
    expect(subject.of('persist')[0]?.election).toEqual({ epoch: 1, leaderId: null, votedId: 1 })
    expect(subject.sent('vote')[0]?.request.data).toMatchObject({ isPreVote: false, epoch: 1 })
  })
})
