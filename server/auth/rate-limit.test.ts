import { expect, test } from 'vitest'
import { ServiceError } from '../errors.ts'
import { FailureLimit } from './rate-limit.ts'

const settings = { windowMs: 1000, failuresPerKey: 2, failuresInAll: 4, maxKeys: 10 }

test('lets a key wait until its oldest counted failure leaves the window', () => {
  const limit = new FailureLimit(settings)
  limit.attempt('a', 0)
  limit.attempt('a', 100)
  expect(() => limit.attempt('a', 200)).toThrow(ServiceError)
  limit.attempt('b', 200)
  limit.attempt('a', 1001)
})

test('forgets a key that succeeded, and counts no success', () => {
  const limit = new FailureLimit(settings)
  for (let at = 0; at < 20; at++) limit.attempt('a', at)()
  limit.attempt('a', 20)
})

test('limits failures over all keys', () => {
  const limit = new FailureLimit(settings)
  for (const key of ['a', 'b', 'c', 'd']) limit.attempt(key, 0)
  expect(() => limit.attempt('e', 1)).toThrow(/try again in 1 s/)
})
