// What two years of history cost: fills every tier of a database of its own, then measures size, charts and a
// collection cycle against the bounds, which hold on an idle machine.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { helpIfAsked } from './lib/help.mjs'
import { checkNode, generateClient, installPackages, root } from './lib/setup.mjs'

helpIfAsked(
  () => `node scripts/history-load.mjs [options]: size and speed of a history with all tiers full
  --large         10,000 topics with 4 partitions, 1,000 groups (1,000 with 3, and 100); needs 12 GB of disk
  --topics N --partitions N --groups N      another size
  --url URL       an empty database (a new SQLite file)
  --help          this text`,
)
process.chdir(root)
checkNode()
const { values } = parseArgs({
  options: {
    large: { type: 'boolean', default: false },
    topics: { type: 'string' },
    partitions: { type: 'string' },
    groups: { type: 'string' },
    url: { type: 'string' },
  },
})
if (process.env.EYRIE_NO_SETUP === undefined) await installPackages()
if (process.env.EYRIE_NO_SETUP === undefined) await generateClient()
const { build } = await import('esbuild')
await build({
  entryPoints: { 'history-load': 'server/testing/history-load.ts' },
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
  logLevel: 'warning',
  alias: { '@': '.' },
})
const directory = await mkdtemp(join(tmpdir(), 'eyrie-history-'))
process.env.EYRIE_DATA_DIR = directory
process.env.EYRIE_EMBEDDED_BOOTSTRAP = '127.0.0.1:1'
if (values.url !== undefined) process.env.DATABASE_URL = values.url
try {
  const { runHistoryLoad } = await import('../dist/history-load.mjs')
  const { large } = values
  const isGood = await runHistoryLoad({
    topics: Number(values.topics ?? (large ? 10_000 : 1_000)),
    partitions: Number(values.partitions ?? (large ? 4 : 3)),
    groups: Number(values.groups ?? (large ? 1_000 : 100)),
    sizeBytesMax: large ? 10e9 : 2e9,
    chartMsMax: 150,
    cycleCpuMsMax: large ? 5_000 : 1_000,
  })
  process.exitCode = isGood ? 0 : 1
} finally {
  await rm(directory, { recursive: true, force: true })
}
process.exit()
