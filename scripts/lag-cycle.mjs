// What a collection cycle of a large cluster takes with the wire: three real brokers, the collector's own loop, and
// beside it what pages ask of the same database, from a process of their own. Bounds hold on an idle machine.
import { fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { helpIfAsked } from './lib/help.mjs'
import { cluster } from './lib/measured-cluster.mjs'
import { withOwnDatabase } from './lib/own-database.mjs'
import { checkNode, root } from './lib/setup.mjs'

const CYCLE_MS_MAX = 5_000

helpIfAsked(
  () => `node scripts/lag-cycle.mjs [options]: collection cycles against three brokers, over the wire
  --topics N       with one replica a partition (10000)
  --partitions N   of each topic (4)
  --groups N       each with commits on three topics (1000)
  --cycles N       that are measured (8)
  --factor X       exit code 1 when the median is above X times ${CYCLE_MS_MAX / 1000} s, or a page's CPU above X times its bound (1)
  --port N         first port (31892)
  --help           this text`,
)
process.chdir(root)
checkNode()
const { values } = parseArgs({
  options: {
    topics: { type: 'string', default: '10000' },
    partitions: { type: 'string', default: '4' },
    groups: { type: 'string', default: '1000' },
    cycles: { type: 'string', default: '8' },
    factor: { type: 'string', default: '1' },
    port: { type: 'string', default: '31892' },
  },
})
const port = Number(values.port)
const ids = [1, 2, 3]
const directory = await mkdtemp(join(tmpdir(), 'eyrie-lag-cycle-cluster-'))
try {
  await cluster('up', directory, '--brokers', '3', '--port', String(port))
  await withOwnDatabase('lag-cycle', async ({ runLagCycles }) => {
    const urls = ids.map((id) => `${id}=http://127.0.0.1:${port + 199 + id}/jolokia/`)
    process.env.EYRIE_EMBEDDED_BOOTSTRAP = `127.0.0.1:${port}`
    process.env.EYRIE_EMBEDDED_JOLOKIA = urls.join(';')
    return await runLagCycles({
      topics: Number(values.topics),
      partitions: Number(values.partitions),
      groups: Number(values.groups),
      cycles: Number(values.cycles),
      factor: Number(values.factor),
      cycleMsMax: CYCLE_MS_MAX,
      startPages: () => fork('scripts/lib/ask-pages.mjs'),
    })
  })
} finally {
  await cluster('down', directory).catch((error) => console.error(error.message))
  await rm(directory, { recursive: true, force: true })
}
