// What two years of history cost: fills every tier of a database of its own, then measures size, charts and a
// collection cycle against the bounds, which hold on an idle machine.
import { parseArgs } from 'node:util'
import { helpIfAsked } from './lib/help.mjs'
import { withOwnDatabase } from './lib/own-database.mjs'
import { checkNode, root } from './lib/setup.mjs'

helpIfAsked(
  () => `node scripts/history-load.mjs [options]: size and speed of a history with all tiers full
  --large         10,000 topics with 4 partitions, 1,000 groups (1,000 with 3, and 100); needs 12 GB of disk
  --share X       fill this share of topics and groups (1); sizes of the others are reckoned, and it says so
  --factor X      fail beyond X times the bounds (1)
  --topics N --partitions N --groups N      another size
  --url URL       an empty database (a new SQLite file)
  --help          this text`,
)
process.chdir(root)
checkNode()
const { values } = parseArgs({
  options: {
    large: { type: 'boolean', default: false },
    share: { type: 'string', default: '1' },
    factor: { type: 'string', default: '1' },
    topics: { type: 'string' },
    partitions: { type: 'string' },
    groups: { type: 'string' },
    url: { type: 'string' },
  },
})
if (values.url !== undefined) process.env.DATABASE_URL = values.url
await withOwnDatabase('history-load', ({ runHistoryLoad }) => {
  const { large } = values
  return runHistoryLoad({
    topics: Number(values.topics ?? (large ? 10_000 : 1_000)),
    partitions: Number(values.partitions ?? (large ? 4 : 3)),
    groups: Number(values.groups ?? (large ? 1_000 : 100)),
    share: Number(values.share),
    factor: Number(values.factor),
    sizeBytesMax: large ? 10e9 : 2e9,
    chartMsMax: 150,
    cycleCpuMsMax: large ? 5_000 : 1_000,
  })
})
