// What the pages' queries take on a large cluster: fills a database of its own as the collector does and times the
// services on it. Bounds hold on an idle machine: 50 ms for lists, 150 ms for pages.
import { parseArgs } from 'node:util'
import { helpIfAsked } from './lib/help.mjs'
import { withOwnDatabase } from './lib/own-database.mjs'
import { checkNode, root } from './lib/setup.mjs'

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
await withOwnDatabase('console-load', ({ runLoad }) =>
  runLoad({
    topics: Number(values.topics),
    partitionsPerTopic: Number(values.partitions),
    groups: Number(values.groups),
    cycles: Number(values.cycles),
    runs: Number(values.runs),
  }),
)
