import { expect, test } from 'vitest'
import { LeaderEpochCache } from './leader-epoch-cache.ts'

function cacheOf(...entries: [epoch: number, startOffset: number][]): LeaderEpochCache {
  return new LeaderEpochCache(entries.map(([epoch, startOffset]) => ({ epoch, startOffset })))
}

const pairs = (cache: LeaderEpochCache) => cache.all().map((e) => [e.epoch, e.startOffset])

test('an epoch is kept where it began first', () => {
  const cache = cacheOf()
  cache.assign(2, 10)
  cache.assign(2, 20)
  cache.assign(5, 30)
  cache.assign(4, 40)
  cache.assign(-1, 50)
  expect(pairs(cache)).toEqual([
    [2, 10],
    [5, 30],
  ])
  expect(cache.latestEpoch).toBe(5)
})

test('an epoch that wrote nothing gives way to the next one at the same offset', () => {
  const cache = cacheOf([1, 0], [2, 10])
  cache.assign(3, 10)
  expect(pairs(cache)).toEqual([
    [1, 0],
    [3, 10],
  ])
})

test('the end of an epoch is the start of the next, of the newest the log end', () => {
  const cache = cacheOf([2, 10], [5, 30], [6, 40])
  const end = (epoch: number) => Object.values(cache.endOffsetFor(epoch, 99))
  expect(end(6)).toEqual([6, 99])
  expect(end(5)).toEqual([5, 40])
  expect(end(4)).toEqual([2, 30])
  expect(end(2)).toEqual([2, 30])
  expect(end(1)).toEqual([1, 10])
  expect(end(7)).toEqual([-1, -1])
  expect(end(-1)).toEqual([-1, -1])
  expect(Object.values(cacheOf().endOffsetFor(0, 5))).toEqual([-1, -1])
})

test('truncation from either side keeps what the log still has', () => {
  const cache = cacheOf([2, 10], [5, 30], [6, 40])
  cache.truncateFromEnd(40)
  expect(pairs(cache)).toEqual([
    [2, 10],
    [5, 30],
  ])
  cache.truncateFromStart(20)
  expect(pairs(cache)).toEqual([
    [2, 20],
    [5, 30],
  ])
  cache.truncateFromStart(35)
  expect(pairs(cache)).toEqual([[5, 35]])
  expect([34, 35, 99].map((offset) => cache.epochOf(offset))).toEqual([-1, 5, 5])
})

test('the version tells changes from calls that change nothing', () => {
  const cache = cacheOf([2, 10])
  const { version } = cache
  cache.assign(2, 15)
  cache.truncateFromEnd(20)
  cache.truncateFromStart(5)
  expect(cache.version).toBe(version)
  cache.clear()
  expect(cache.version).toBeGreaterThan(version)
})
