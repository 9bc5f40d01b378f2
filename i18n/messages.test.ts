import { describe, expect, test } from 'vitest'
import en from '../messages/en.json' with { type: 'json' }
import zh from '../messages/zh.json' with { type: 'json' }

type Tree = { readonly [key: string]: string | Tree }

const leaves = (tree: Tree, prefix = ''): Map<string, string> => {
  const found = new Map<string, string>()
  for (const [key, value] of Object.entries(tree)) {
    const path = prefix === '' ? key : `${prefix}.${key}`
    if (typeof value === 'string') found.set(path, value)
    else for (const [inner, text] of leaves(value, path)) found.set(inner, text)
  }
  return found
}

/** Not the text of a plural's or a select's branch, as in `one {has}`. */
const ARGUMENT = /(?<!(?:\bone|\bother|select, \w+|=\d+)\s)\{\s*([a-zA-Z]\w*)\s*[,}]/g

/** Names of ICU arguments and rich tags: what the code hands over. */
const placeholders = (text: string): string[] => {
  const names = new Set<string>()
  for (const match of text.matchAll(ARGUMENT)) names.add(match[1] ?? '')
  for (const match of text.matchAll(/<([a-zA-Z]\w*)>/g)) names.add(`<${match[1]}>`)
  return [...names].sort()
}

const english = leaves(en)
const chinese = leaves(zh)

describe('message catalogues', () => {
  test('English and Chinese have the same keys', () => {
    expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort())
  })

  test('no message is empty', () => {
    for (const [key, text] of [...english, ...chinese]) {
      expect(text.trim(), key).not.toBe('')
    }
  })

  test('a translation uses no argument that the English does not have', () => {
    for (const [key, text] of chinese) {
      const known = new Set(placeholders(english.get(key) ?? ''))
      expect(
        placeholders(text).filter((name) => !known.has(name)),
        key,
      ).toEqual([])
    }
  })

  test('all arguments of the English reach the Chinese reader, save plural forms', () => {
    const spare = new Set(['count', 'shown'])
    for (const [key, text] of english) {
      const given = new Set(placeholders(chinese.get(key) ?? ''))
      const lost = placeholders(text).filter((name) => !given.has(name) && !spare.has(name))
      expect(lost, key).toEqual([])
    }
  })

  test('no message shouts or apologises', () => {
    for (const [key, text] of [...english, ...chinese]) {
      expect(text, key).not.toMatch(/[!！]|oops/i)
    }
  })
})
