import { expect, test } from 'vitest'
import { topicNameProblem } from './topic-name.ts'

test('names follow the rules of the broker', () => {
  expect(topicNameProblem('orders.v1-eu_west')).toBeNull()
  expect(topicNameProblem('')).toBe('empty')
  expect(topicNameProblem('..')).toBe('dots')
  expect(topicNameProblem('a'.repeat(250))).toBe('long')
  expect(topicNameProblem('a'.repeat(249))).toBeNull()
  expect(topicNameProblem('köln')).toBe('characters')
})
