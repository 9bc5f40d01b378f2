import { expect, test } from 'vitest'
import { plainDocumentation } from './config-documentation.ts'

test('tags of the web site go, lists and paragraphs become lines', () => {
  const html =
    'The following settings are common:  <ul> <li><code>required</code> If set. <li><code>none</code> Not needed.</ul>'
  expect(plainDocumentation(html)).toBe(
    'The following settings are common:\n• required If set.\n• none Not needed.',
  )
  expect(
    plainDocumentation('See <a href="#compaction">log compaction</a>.<br>Also.<p>More</p>'),
  ).toBe('See log compaction.\nAlso.\nMore')
})

test('names to be filled in stay, and entities are what they stand for', () => {
  expect(plainDocumentation('quotas of <user, client-id>, <user> or <client-id>')).toBe(
    'quotas of <user, client-id>, <user> or <client-id>',
  )
  expect(plainDocumentation('5 &lt; 6 &amp;&amp; &quot;a&quot; <- b')).toBe('5 < 6 && "a" <- b')
  // Told once, not twice.
  expect(plainDocumentation('&amp;lt;')).toBe('&lt;')
})

test('text without markup stays as it is', () => {
  expect(plainDocumentation('The number of threads')).toBe('The number of threads')
  expect(plainDocumentation('')).toBe('')
})
