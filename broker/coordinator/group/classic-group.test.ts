import { expect, test } from 'vitest'
import { ErrorCode } from '../../../protocol/errors.ts'
import type { JoinGroupRequest } from '../../../protocol/schemas/11-join-group.ts'
import { ClassicGroup } from './classic-group.ts'

/** A group with a hand-turned clock; what it says is written down as a transcript. */
function scene(settings = { initialRebalanceDelayMs: 0, maxSize: 10 }) {
  const transcript: string[] = []
  const timers = new Map<string, number>()
  let nowMs = 0
  let ids = 0
  let pendingWrites: ((errorCode: number) => void)[] = []
  const group = new ClassicGroup(
    'g',
    {
      nowMs: () => nowMs,
      setTimer: (key, delayMs) => timers.set(key, nowMs + delayMs),
      clearTimer: (key) => timers.delete(key),
      uuid: () => `${++ids}`,
      persist: (done) => {
        transcript.push(`persist generation ${group.generationId}`)
        pendingWrites.push(done)
      },
      log: () => undefined,
    },
    settings,
  )
  const request = (memberId: string, extra: Partial<JoinGroupRequest> = {}): JoinGroupRequest => ({
    groupId: 'g',
    memberId,
    groupInstanceId: null,
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 60_000,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: Buffer.from('t') }],
    reason: null,
    ...extra,
  })
  return {
    group,
    transcript,
    join(name: string, memberId = '', extra: Partial<JoinGroupRequest> = {}) {
      const client = { clientId: name, clientHost: '/127.0.0.1', requiresKnownMemberId: false }
      group.join(request(memberId, extra), client, (r) =>
        transcript.push(
          `${name} joined: error ${r.errorCode} generation ${r.generationId ?? '-'} ` +
            `leader ${r.leader ?? '-'} members ${r.members?.length ?? '-'}`,
        ),
      )
    },
    sync(name: string, memberId: string, assignments: Record<string, string> = {}) {
      group.sync(
        {
          groupId: 'g',
          memberId,
          generationId: group.generationId,
          groupInstanceId: null,
          protocolType: 'consumer',
          protocolName: 'range',
          assignments: Object.entries(assignments).map(([id, text]) => ({
            memberId: id,
            assignment: Buffer.from(text),
          })),
        },
        (r) => transcript.push(`${name} synced: error ${r.errorCode} ${r.assignment ?? ''}`),
      )
    },
    committed(errorCode: number = ErrorCode.NONE) {
      const writes = pendingWrites
      pendingWrites = []
      for (const done of writes) done(errorCode)
    },
    /** Lets time pass; timers fire in order. */
    pass(ms: number) {
      const end = nowMs + ms
      for (;;) {
        const next = [...timers].filter(([, at]) => at <= end).sort((a, b) => a[1] - b[1])[0]
        if (next === undefined) break
        nowMs = next[1]
        timers.delete(next[0])
        group.onTimer(next[0])
      }
      nowMs = end
    },
    beat: (memberId: string) => group.heartbeat(memberId, null, group.generationId),
    take() {
      return transcript.splice(0)
    },
  }
}

function stableWithTwo() {
  const s = scene()
  s.join('a')
  s.join('b')
  s.join('a', 'a-1')
  s.sync('a', 'a-1', { 'a-1': 'p0', 'b-2': 'p1' })
  s.sync('b', 'b-2')
  s.committed()
  expect(s.group.state).toBe('Stable')
  s.take()
  return s
}

test('two members join, the leader assigns, nobody hears before it is committed', () => {
  const s = scene()
  s.join('a')
  expect(s.take()).toEqual(['a joined: error 0 generation 1 leader a-1 members 1'])
  s.join('b')
  expect(s.take()).toEqual([])
  expect(s.beat('a-1')).toBe(ErrorCode.REBALANCE_IN_PROGRESS)
  s.join('a', 'a-1')
  expect(s.take()).toEqual([
    'a joined: error 0 generation 2 leader a-1 members 2',
    'b joined: error 0 generation 2 leader a-1 members 0',
  ])
  s.sync('b', 'b-2')
  s.sync('a', 'a-1', { 'a-1': 'p0', 'b-2': 'p1' })
  expect(s.take()).toEqual(['persist generation 2'])
  s.committed()
  expect(s.take()).toEqual(['a synced: error 0 p0', 'b synced: error 0 p1'])
  expect([s.group.state, s.beat('b-2')]).toEqual(['Stable', ErrorCode.NONE])
})

test('an assignment that could not be written is not handed out', () => {
  const s = scene()
  s.join('a')
  s.take()
  s.sync('a', 'a-1', { 'a-1': 'p0' })
  s.committed(ErrorCode.NOT_COORDINATOR)
  expect(s.take()).toEqual([
    'persist generation 1',
    `a synced: error ${ErrorCode.NOT_COORDINATOR} `,
  ])
  expect(s.group.state).toBe('PreparingRebalance')
})

test('the first rebalance waits for more members, each newcomer prolongs it within the time-out', () => {
  const s = scene({ initialRebalanceDelayMs: 3000, maxSize: 10 })
  s.join('a')
  s.pass(2000)
  s.join('b')
  s.pass(2000)
  expect(s.take()).toEqual([])
  s.pass(2000)
  expect(s.take()).toEqual([
    'a joined: error 0 generation 1 leader a-1 members 2',
    'b joined: error 0 generation 1 leader a-1 members 0',
  ])
})

test('a member whose session ends is left out, the rest rebalances', () => {
  const s = stableWithTwo()
  s.pass(6000)
  expect(s.beat('a-1')).toBe(ErrorCode.NONE)
  s.pass(6000)
  expect(s.group.state).toBe('PreparingRebalance')
  expect(s.beat('b-2')).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
  s.join('a', 'a-1')
  expect(s.take()).toEqual(['a joined: error 0 generation 3 leader a-1 members 1'])
})

test('members that do not rejoin in time lose their place', () => {
  const s = stableWithTwo()
  s.join('c')
  s.join('a', 'a-1')
  for (let i = 0; i < 12; i++) {
    s.pass(5000)
    s.beat('b-2')
  }
  expect(s.take()).toEqual([
    'a joined: error 0 generation 3 leader a-1 members 2',
    'c joined: error 0 generation 3 leader a-1 members 0',
  ])
  expect(s.beat('b-2')).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
})

test('a member that joins but never syncs is removed', () => {
  const s = stableWithTwo()
  s.join('b', 'b-2', { protocols: [{ name: 'range', metadata: Buffer.from('other') }] })
  s.join('a', 'a-1')
  s.sync('a', 'a-1', {})
  s.committed()
  for (let i = 0; i < 13; i++) {
    s.pass(5000)
    s.beat('a-1')
    s.beat('b-2')
  }
  expect([...s.group.members.keys()]).toEqual(['a-1'])
})

test('when the leader leaves another leads, when all have left the group is empty', () => {
  const s = stableWithTwo()
  expect(s.group.leave('a-1', null)).toBe(ErrorCode.NONE)
  s.join('b', 'b-2')
  expect(s.take()).toEqual(['b joined: error 0 generation 3 leader b-2 members 1'])
  expect(s.group.leave('b-2', null)).toBe(ErrorCode.NONE)
  expect(s.group.state).toBe('Empty')
  expect(s.take()).toEqual(['persist generation 4'])
})

test('old generations, strangers and other protocols are refused', () => {
  const s = stableWithTwo()
  expect(s.group.heartbeat('a-1', null, 1)).toBe(ErrorCode.ILLEGAL_GENERATION)
  expect(s.group.heartbeat('x', null, 2)).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
  s.join('x', 'x-9')
  s.join('y', '', { protocols: [{ name: 'sticky', metadata: Buffer.from('t') }] })
  expect(s.take()).toEqual([
    `x joined: error ${ErrorCode.UNKNOWN_MEMBER_ID} generation - leader - members -`,
    `y joined: error ${ErrorCode.INCONSISTENT_GROUP_PROTOCOL} generation - leader - members -`,
  ])
  expect(s.group.state).toBe('Stable')
})

test('an id that was given must be used within the session time-out', () => {
  const s = scene()
  const replies: (string | undefined)[] = []
  const client = { clientId: 'a', clientHost: '/127.0.0.1', requiresKnownMemberId: true }
  const request = {
    groupId: 'g',
    memberId: '',
    groupInstanceId: null,
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 60_000,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
    reason: null,
  }
  s.group.join(request, client, (r) => replies.push(`${r.errorCode} ${r.memberId}`))
  expect(replies).toEqual([`${ErrorCode.MEMBER_ID_REQUIRED} a-1`])
  s.pass(11_000)
  s.group.join({ ...request, memberId: 'a-1' }, client, (r) => replies.push(`${r.errorCode}`))
  expect(replies[1]).toBe(`${ErrorCode.UNKNOWN_MEMBER_ID}`)
})

test('a full group takes nobody more', () => {
  const s = scene({ initialRebalanceDelayMs: 0, maxSize: 1 })
  s.join('a')
  s.take()
  s.join('b')
  expect(s.take()[0]).toContain(`error ${ErrorCode.GROUP_MAX_SIZE_REACHED}`)
})

test('a static member that comes back keeps its place without a rebalance', () => {
  const s = scene()
  s.join('a', '', { groupInstanceId: 'one' })
  s.sync('a', 'one-1', { 'one-1': 'p0' })
  s.committed()
  s.take()
  s.join('a', '', { groupInstanceId: 'one' })
  s.committed()
  expect(s.take()).toEqual([
    'persist generation 1',
    'a joined: error 0 generation 1 leader one-2 members 1',
  ])
  expect(s.group.heartbeat('one-1', 'one', 1)).toBe(ErrorCode.FENCED_INSTANCE_ID)
  expect(s.group.heartbeat('one-2', 'one', 1)).toBe(ErrorCode.NONE)
})

test('offsets are taken from members of this generation, and from anybody while it is empty', () => {
  const s = scene()
  expect(s.group.checkCommit('', null, -1)).toBe(ErrorCode.NONE)
  const t = stableWithTwo()
  expect(t.group.checkCommit('a-1', null, 2)).toBe(ErrorCode.NONE)
  expect(t.group.checkCommit('a-1', null, 1)).toBe(ErrorCode.ILLEGAL_GENERATION)
  expect(t.group.checkCommit('', null, -1)).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
  t.join('b', 'b-2', { protocols: [{ name: 'range', metadata: Buffer.from('new') }] })
  expect(t.group.checkCommit('a-1', null, 2)).toBe(ErrorCode.NONE)
  t.join('a', 'a-1')
  expect(t.group.checkCommit('a-1', null, 3)).toBe(ErrorCode.REBALANCE_IN_PROGRESS)
})

test('what one coordinator wrote another takes up, with sessions anew', () => {
  const before = stableWithTwo()
  const after = scene()
  after.group.restore(before.group.snapshot())
  expect(after.group.state).toBe('Stable')
  expect(after.beat('b-2')).toBe(ErrorCode.NONE)
  after.sync('b', 'b-2')
  expect(after.take()).toEqual(['b synced: error 0 p1'])
  after.pass(11_000)
  expect(after.group.hasMembers).toBe(false)
})

test('a group that dies answers all who wait', () => {
  const s = stableWithTwo()
  s.join('c')
  s.group.die(ErrorCode.NOT_COORDINATOR)
  expect(s.take()[0]).toContain(`c joined: error ${ErrorCode.NOT_COORDINATOR}`)
  expect(s.beat('a-1')).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE)
})
