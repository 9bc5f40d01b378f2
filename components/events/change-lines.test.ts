import { expect, test } from 'vitest'
import type { ClusterEvent } from '../../contracts/events.ts'
import { changeLines, isrGrowth, memberCounts } from './change-lines.ts'

const event = (given: Partial<ClusterEvent>): ClusterEvent => ({
  ...{ id: 1, at: 1, type: 'leader', subjectType: 'topic', subject: 'orders' },
  ...{ before: null, after: null, bulk: null, actor: null, action: null },
  ...given,
})

test('partitions by number, no leader as nothing', () => {
  expect(changeLines(event({ before: { 0: 1, 10: 2 }, after: { 0: 2, 10: null } }))).toEqual([
    { name: '0', before: '1', after: '2' },
    { name: '10', before: '2', after: null },
  ])
})

test('members by client and host, with what they hold', () => {
  const member = (partitions: number[]) => ({
    ...{ clientId: 'app', host: '/10.0.0.1', groupInstanceId: null },
    assignment: [{ topic: 'orders', partitions }],
  })
  const given = event({
    type: 'members',
    before: { a: member([0, 1]), b: member([2]) },
    after: { a: member([0, 1, 2]), c: member([]) },
  })
  expect(changeLines(given)).toEqual([
    { name: 'app /10.0.0.1', before: 'orders 0, 1', after: 'orders 0, 1, 2' },
    { name: 'app /10.0.0.1', before: 'orders 2', after: null },
    { name: 'app /10.0.0.1', before: null, after: 'orders ' },
  ])
  expect(memberCounts(given)).toEqual({ joined: 1, left: 1, moved: 1 })
})

test('an ISR that lost a replica has shrunk, also when many are counted by broker', () => {
  expect(isrGrowth(event({ before: { 0: [1, 2, 3] }, after: { 0: [2, 3] } }))).toBe(-1)
  expect(isrGrowth(event({ before: { 1: 0 }, after: { 1: 60 } }))).toBe(60)
})
