// The style that no linter knows: sizes, headers, names of files, paths that documents cite.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' })
  .trim()
  .split('\n')
  .filter((file) => existsSync(`${root}/${file}`))
const sources = files.filter((file) => /\.(ts|tsx|mjs)$/.test(file))
const isTable = (file: string): boolean =>
  /^protocol\/(schemas|messages|apis|errors)|-definitions\.ts$/.test(file)
const textOf = (file: string): string => readFileSync(`${root}/${file}`, 'utf8')

test('no source file is longer than 500 lines, tables excepted', () => {
  const long = sources.filter((file) => !isTable(file) && textOf(file).split('\n').length > 501)
  expect(long).toEqual([])
})

test('files are named in kebab case', () => {
  const named = sources.filter((file) => {
    const name = file.split('/').at(-1) ?? ''
    const isNextsOwn = /^(\[|_|page|layout|route|not-found|error|loading|proxy)/.test(name)
    return !isNextsOwn && !/^\.?[a-z0-9]+([-.][a-z0-9]+)*\.(ts|tsx|mjs)$/.test(name)
  })
  expect(named).toEqual([])
})

test('every file of the broker says what it owns', () => {
  const bare = sources.filter(
    (file) =>
      file.startsWith('broker/') && !file.endsWith('.test.ts') && !textOf(file).startsWith('//'),
  )
  expect(bare).toEqual([])
})

test('the broker reaches clock, timers and chance through its runtime alone', () => {
  const forbidden =
    /\b(Date\.now|setTimeout|setInterval|setImmediate|Math\.random|performance\.now)\(/
  const guilty = sources.filter(
    (file) =>
      /^broker\/(?!runtime\/|metrics\/)/.test(file) &&
      !file.endsWith('.test.ts') &&
      forbidden.test(textOf(file)),
  )
  expect(guilty).toEqual([])
})

test('nothing committed names a path of one machine, or says that it is unfinished', () => {
  const paths = new RegExp(`(^|[^a-zA-Z0-9_.-])/(${['work', 'root', 'farm'].join('|')})/`)
  const words = new RegExp(`\\b(${['TODO', 'FIXME', 'XXX', 'HACK'].join('|')})\\b`)
  const guilty = files
    .filter((file) => /\.(ts|tsx|mjs|js|cjs|md|json|css|sh|py|sql)$|^\.ci\//.test(file))
    .filter((file) => file !== 'package-lock.json' && file !== 'tests/tidy.test.ts')
    .filter((file) => paths.test(textOf(file)) || words.test(textOf(file)))
  expect(guilty).toEqual([])
})

test('no test is skipped or runs alone', () => {
  const marks = new RegExp(
    `\\b(it|test|describe)\\.(${['skip', 'only', 'todo', 'fails'].join('|')})\\b`,
  )
  expect(sources.filter((file) => marks.test(textOf(file)))).toEqual([])
})

test('documents cite paths that exist', () => {
  const missing: string[] = []
  for (const file of files.filter((name) => name.endsWith('.md') && !name.startsWith('tests/'))) {
    for (const [, path] of textOf(file).matchAll(
      /`((?:[a-z.-]+\/)+[a-z0-9.-]+\.(?:ts|tsx|mjs|md|png))`/g,
    )) {
      if (path !== undefined && !existsSync(`${root}/${path}`)) missing.push(`${file}: ${path}`)
    }
  }
  expect(missing).toEqual([])
})
