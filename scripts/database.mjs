// `npm run backup`, `npm run restore`, `npm run move-database`.
import { mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { helpIfAsked } from './lib/help.mjs'
import { bundleProcesses, checkNode, generateClient, installPackages, root } from './lib/setup.mjs'

helpIfAsked(() =>
  [
    'npm run backup -- FILE [--url URL]: a copy of the database as one SQLite file, while Eyrie runs',
    'npm run restore -- FILE [--url URL]: fills an empty database from a backup; Eyrie is stopped',
    'npm run move-database -- --from URL --to URL: from one database to another, which is empty',
    '',
    '  --url URL         the database (DATABASE_URL, else eyrie.db of the data directory)',
    '  --data-dir DIR    the data directory (EYRIE_DATA_DIR, else ./data)',
    '  --help            this text',
    '',
    'URLs begin with file:, postgresql: or mysql:. Stop Eyrie before a move, then start it with the new',
    'DATABASE_URL. Keys of sealed secrets are files of the data directory: they belong to a backup too.',
  ].join('\n'),
)

process.umask(0o077)
const startedIn = process.cwd()
process.chdir(root)
checkNode()
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    url: { type: 'string' },
    from: { type: 'string' },
    to: { type: 'string' },
    'data-dir': { type: 'string' },
  },
})
const [command, file] = positionals
const dataDirectory = resolve(values['data-dir'] ?? process.env.EYRIE_DATA_DIR ?? 'data')
const url = values.url ?? process.env.DATABASE_URL ?? `file:${resolve(dataDirectory, 'eyrie.db')}`

function fail(text) {
  console.error(text)
  process.exit(1)
}

async function run() {
  const { backup, move, restore } = await import('../dist/database.mjs')
  if (command === 'move') {
    if (values.from === undefined || values.to === undefined)
      fail('--from URL and --to URL: see --help')
    return move(values.from, values.to)
  }
  if (file === undefined) fail('which FILE? See --help')
  const path = resolve(startedIn, file)
  if (command === 'backup') return backup(url, path)
  if (/^file:/.test(url)) mkdirSync(dirname(url.replace(/^file:(\/\/)?/, '')), { recursive: true })
  return restore(path, url)
}

if (!['backup', 'restore', 'move'].includes(command)) fail('backup, restore or move: see --help')
if (process.env.EYRIE_NO_SETUP === undefined) {
  await installPackages()
  await generateClient()
  await bundleProcesses()
}
try {
  await run()
  // SQLite's driver would keep the process.
  process.exit(0)
} catch (error) {
  fail(error instanceof Error ? error.message : String(error))
}
