import { expect, test } from 'vitest'
import { CommitQueue } from './commit-queue.ts'

test('an advance releases whom it reaches, in offset order', () => {
  const queue = new CommitQueue()
  const heard: string[] = []
  for (const offset of [5, 9, 7]) queue.add(offset, (outcome) => heard.push(`${offset} ${outcome}`))
  queue.advance(4)
  expect(heard).toEqual([])
  queue.advance(7)
  expect(heard).toEqual(['5 committed', '7 committed'])
  queue.loseAll()
  expect(heard).toEqual(['5 committed', '7 committed', '9 lost'])
  expect(queue.size).toBe(0)
})

test('who cancelled hears nothing, and cancelled waiters are not kept', () => {
  const queue = new CommitQueue()
  const heard: number[] = []
  const waiters = Array.from({ length: 1_000 }, (_, at) => queue.add(at, () => heard.push(at)))
  for (const waiter of waiters.slice(1)) queue.cancel(waiter)
  expect(queue.size).toBe(1)
  queue.advance(2_000)
  expect(heard).toEqual([0])
  expect(queue.size).toBe(0)
})

test('a waiter may be added while others are released', () => {
  const queue = new CommitQueue()
  const heard: string[] = []
  queue.add(1, () => {
    heard.push('first')
    queue.add(2, () => heard.push('second'))
  })
  queue.advance(1)
  expect(heard).toEqual(['first'])
  queue.advance(2)
  expect(heard).toEqual(['first', 'second'])
})
