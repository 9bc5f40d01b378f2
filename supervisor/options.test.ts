import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parseOptions, settings } from './options.ts'

test('README lists every setting, as it is', () => {
  const readme = readFileSync(fileURLToPath(new URL('../README.md', import.meta.url)), 'utf8')
  for (const { flag, env, fallback, help } of settings) {
    const shown = fallback === '' ? '' : `\`${fallback}\``
    expect(readme).toContain(`| \`${flag}\` | \`${env}\` | ${shown} | ${help} |`)
  }
})

test('options win over the environment, defaults fill the rest', () => {
  const options = parseOptions(['--port', '4000', '--brokers=1'], { PORT: '5000' }, '/here')
  expect(options).toMatchObject({
    port: 4000,
    host: '127.0.0.1',
    dataDirectory: '/here/data',
    databaseUrl: 'file:/here/data/eyrie.db',
    brokerCount: 1,
    brokerPort: 9092,
  })
  expect(options.environment).toMatchObject({ PORT: '4000', EYRIE_DATA_DIR: '/here/data' })
})

test.each([
  [['--ports', '1'], {}, 'unknown option --ports'],
  [['--port'], {}, '--port needs a value'],
  [['--port', 'x'], {}, 'PORT=x is no port'],
  [[], { EYRIE_BROKERS: '2' }, 'EYRIE_BROKERS=2: 1, or 3 to 9'],
  [[], { EYRIE_API_TOKEN: 'short' }, 'EYRIE_API_TOKEN is too short'],
  [[], { EYRIE_ADMIN_EMAIL: 'a@b.c' }, 'go together'],
  [[], { EYRIE_SAMPLE: 'yes' }, 'EYRIE_SAMPLE=yes'],
])('%j with %j is refused', (args, env, message) => {
  expect(() => parseOptions(args, env, '/here')).toThrow(message)
})
