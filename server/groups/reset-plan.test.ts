import { expect, test } from 'vitest'
import { drainMsOf, groupPartitionsOf, lagOf, totalLagOf } from './group-item.ts'
import { planReset, type ResetPartition } from './reset-plan.ts'

const partition: ResetPartition = {
  topic: 't',
  partition: 0,
  before: 50,
  logStart: 10,
  end: 100,
  atTime: null,
}

test('each way of resetting says where it goes and what lag that leaves', () => {
  const after = (target: Parameters<typeof planReset>[1], change: Partial<ResetPartition> = {}) => {
    const item = planReset({ ...partition, ...change }, target)
    return [item.after, item.lagBefore, item.lagAfter]
  }
  expect(after({ to: 'earliest' })).toEqual([10, 50, 90])
  expect(after({ to: 'latest' })).toEqual([100, 50, 0])
  expect(after({ to: 'offset', offset: 30 })).toEqual([30, 50, 70])
  expect(after({ to: 'shift', by: 5 })).toEqual([55, 50, 45])
  expect(after({ to: 'time' }, { atTime: 42 })).toEqual([42, 50, 58])
  expect(after({ to: 'time' }, { atTime: -1 })).toEqual([100, 50, 0])
})

test('no offset outside the log is ever committed', () => {
  const after = (target: Parameters<typeof planReset>[1]) => planReset(partition, target).after
  expect(after({ to: 'offset', offset: 3 })).toBe(10)
  expect(after({ to: 'offset', offset: 1_000 })).toBe(100)
  expect(after({ to: 'shift', by: -1_000 })).toBe(10)
  expect(after({ to: 'shift', by: 1_000 })).toBe(100)
})

test('what cannot be planned is refused with the reason', () => {
  const unread = planReset({ ...partition, end: null }, { to: 'latest' })
  expect([unread.after, unread.error?.code]).toEqual([null, 'LEADER_NOT_AVAILABLE'])
  const uncommitted = planReset({ ...partition, before: null }, { to: 'shift', by: 1 })
  expect(uncommitted.error?.code).toBe('NO_COMMIT')
  expect(planReset({ ...partition, before: null }, { to: 'latest' }).after).toBe(100)
})

test('a group’s partitions are those with a commit or an owner; no commit has no lag', () => {
  const rows = groupPartitionsOf(
    {
      groupId: 'g',
      type: 'classic',
      state: 'Stable',
      protocolType: 'consumer',
      protocol: 'range',
      members: [
        {
          memberId: 'm',
          groupInstanceId: null,
          clientId: 'c',
          host: 'h',
          assignment: [{ topic: 't', partitions: [0, 1] }],
        },
      ],
    },
    new Map([['t', new Map([[0, { offset: 7, metadata: null }]])]]),
    {
      logStarts: new Map([['t', new Map([[0, 1]])]]),
      ends: new Map([['t', new Map([[0, 10]])]]),
    },
  )
  expect(rows).toEqual([
    ['t', 0, 7, 1, 10, 0, null],
    ['t', 1, null, null, null, 0, null],
  ])
  expect(totalLagOf(rows)).toBe(3)
  expect(totalLagOf([])).toBeNull()
  expect(lagOf(12, 10)).toBe(0)
})

test('draining takes as long as the lag lasts at the present rate', () => {
  expect(drainMsOf(1_000, -50)).toBe(20_000)
  expect(drainMsOf(0, 10)).toBe(0)
  expect(drainMsOf(1_000, 0)).toBeNull()
  expect(drainMsOf(1_000, 5)).toBeNull()
  expect(drainMsOf(null, -5)).toBeNull()
})
