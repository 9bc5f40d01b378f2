// What the pages' queries take on a large cluster: fills a database of its own as the collector does and times the
// services on it. Bounds hold on an idle machine: 50 ms for lists, 150 ms for pages.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { helpIfAsked } from './lib/help.mjs'
import { checkNode, generateClient, installPackages, root } from './lib/setup.mjs'

helpIfAsked(
  () => `node scripts/console-load.mjs [options]: times the pages' queries on a database of a large cluster
  --topics N      topics (10000)
  --partitions N  partitions a topic (4)
  --groups N      consumer groups (1000)
  --cycles N      minutes of history (30)
  --runs N        times each query is timed (30)
  --help          this text`,
)
process.chdir(root)
checkNode()
const { values } = parseArgs({
  options: {
    topics: { type: 'string', default: '10000' },
    partitions: { type: 'string', default: '4' },
    groups: { type: 'string', default: '1000' },
    cycles: { type: 'string', default: '30' },
    runs: { type: 'string', default: '30' },
  },
})
await installPackages()
await generateClient()
const { build } = await import('esbuild')
await build({
  entryPoints: { 'console-load': 'server/testing/console-load.ts' },
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
const directory = await mkdtemp(join(tmpdir(), 'eyrie-load-'))
process.env.EYRIE_DATA_DIR = directory
// Nothing listens there: what a page would ask of the cluster itself is refused at once.
process.env.EYRIE_EMBEDDED_BOOTSTRAP = '127.0.0.1:1'
try {
  const { runLoad } = await import('../dist/console-load.mjs')
  const isGood = await runLoad({
    topics: Number(values.topics),
    partitionsPerTopic: Number(values.partitions),
    groups: Number(values.groups),
    cycles: Number(values.cycles),
    runs: Number(values.runs),
  })
  process.exitCode = isGood ? 0 : 1
} finally {
  await rm(directory, { recursive: true, force: true })
}
process.exit()
