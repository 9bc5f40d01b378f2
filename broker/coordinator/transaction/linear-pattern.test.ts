import { expect, test } from 'vitest'
import { compilePattern } from './linear-pattern.ts'

function matches(pattern: string, text: string): boolean {
  const compiled = compilePattern(pattern)
  if ('error' in compiled) throw new Error(compiled.error)
  return compiled.matches(text)
}

const words = ['', 'a', 'b', 'ab', 'aab', 'abab', 'a.b', 'a-b', 'payments-12', 'x1', ' ', 'é', '\n']
const patterns = [
  'a',
  'a*',
  'a+b',
  '(ab)*',
  '(?:a|b)+',
  'a?b?',
  '[a-c]+',
  '[^a]*',
  'a\\.b',
  'a.b',
  '.*',
  'payments-\\d+',
  '\\w+',
  '\\s',
  'a{2}b',
  'a{1,2}b',
  '(a|b){2,}',
  '^ab$',
  '[]a]',
  '[a\\-]+b',
  '(a*)*b',
  'é|x\\d',
]

test('says what JavaScript says of the same pattern anchored', () => {
  for (const pattern of patterns) {
    // JavaScript reads [] as the empty class, RE2 a ] in it.
    const same = new RegExp(`^(?:${pattern.replace('[]a]', '[\\]a]')})$`, 'u')
    for (const word of words) {
      expect([pattern, word, matches(pattern, word)]).toEqual([pattern, word, same.test(word)])
    }
  }
})

test('takes time linear in the text where backtracking would take years', () => {
  expect(matches('(a*)*(a|aa)*c', 'a'.repeat(5000))).toBe(false)
})

test('refuses what it does not know, and what would be too large', () => {
  for (const pattern of [
    '(',
    ')',
    'a**b(',
    '[a',
    '*a',
    'a{2,1}',
    '\\q',
    '(?=a)',
    '(a{1000}){1000}',
  ]) {
    expect([pattern, 'error' in compilePattern(pattern)]).toEqual([pattern, true])
  }
})
