// --help answers at once, from the files that a clone has: nothing installed, nothing built, nothing run.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import settings from '../supervisor/settings.json' with { type: 'json' }

const root = fileURLToPath(new URL('..', import.meta.url))
let clone: string

beforeAll(() => {
  clone = mkdtempSync(join(tmpdir(), 'eyrie-help-'))
  for (const folder of ['scripts', 'supervisor']) {
    cpSync(join(root, folder), join(clone, folder), { recursive: true })
  }
})
afterAll(() => rmSync(clone, { recursive: true, force: true }))

const help = (script: string, ...args: string[]): string =>
  execFileSync(process.execPath, [join(clone, 'scripts', script), ...args], { encoding: 'utf8' })

test.each([
  ['start.mjs', '--supervise-only'],
  ['cluster.mjs', 'up DIR [--brokers 3]'],
  ['bench.mjs', '--quick'],
  ['bounds.mjs', '300 MB'],
  ['simulate.mjs', '--planted'],
  ['lag-cycle.mjs', '--cycles N'],
])('%s --help', (script, wanted) => {
  expect(help(script, '--help')).toContain(wanted)
  expect(help(script, '-h')).toBe(help(script, '--help'))
  expect(readdirSync(clone).sort()).toEqual(['scripts', 'supervisor'])
})

test('npm start -- --help lists every setting, by flag and environment', () => {
  const text = help('start.mjs', '--help')
  for (const { flag, env } of settings) expect(text).toMatch(new RegExp(`${flag} +${env} `))
})

test('every command of package.json that takes options is among them', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  for (const name of ['start', 'cluster', 'bench', 'simulate'] as const) {
    const [, file] = /scripts\/(\S+)/.exec(scripts[name] ?? '') ?? []
    expect(help(file ?? '', '--help').split('\n').length).toBeGreaterThan(3)
  }
})
