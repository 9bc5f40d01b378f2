import { expect, test } from 'vitest'
import { pickLocale } from './locale.ts'

test('the cookie decides over the browser', () => {
  expect(pickLocale('zh', 'en-GB,en')).toBe('zh')
})

test("the browser's first known language is taken", () => {
  expect(pickLocale(undefined, 'fr-FR,zh-CN;q=0.8,en;q=0.5')).toBe('zh')
})

test('anything else is English', () => {
  expect(pickLocale('xx', 'fr')).toBe('en')
  expect(pickLocale(undefined, null)).toBe('en')
})
