import { expect, test } from 'vitest'
import { formatDuration, fromInputDateTime, toInputDateTime } from './format-time.ts'

test('a duration shows its two largest steps', () => {
  expect(formatDuration(3 * 86_400_000 + 4 * 3_600_000 + 59_000, 'en')).toBe('3 d 4 h')
  expect(formatDuration(12 * 60_000 + 5000, 'en')).toBe('12 min 5 s')
  expect(formatDuration(4000, 'en')).toBe('4 s')
  expect(formatDuration(0, 'en')).toBe('0 s')
  expect(formatDuration(3_600_000, 'zh')).toBe('1 小时')
})

test('a step that is zero is left out rather than filled with a smaller one', () => {
  expect(formatDuration(86_400_000 + 5000, 'en')).toBe('1 d')
})

test('a date field reads back what it was given, in either time zone', () => {
  const timeMs = Date.UTC(2026, 10, 21, 9, 5, 7)
  for (const zone of ['utc', 'local'] as const) {
    expect(fromInputDateTime(toInputDateTime(timeMs, zone), zone)).toBe(timeMs)
  }
  expect(fromInputDateTime('', 'utc')).toBeNull()
})
