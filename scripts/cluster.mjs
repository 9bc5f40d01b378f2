// `npm run cluster -- VERB DIR …`: brokers alone, without a console. Sets up what is missing first.
import { resolve } from 'node:path'
import { clusterHelp, helpIfAsked } from './lib/help.mjs'
import { bundleProcesses, checkNode, installPackages, root } from './lib/setup.mjs'

if (process.argv.length === 2) process.argv.push('--help')
helpIfAsked(clusterHelp)
const calledFrom = process.env.INIT_CWD ?? process.cwd()
process.chdir(root)
checkNode()
try {
  await installPackages()
  await bundleProcesses(['broker', 'supervisor', 'cluster'])
  const { main } = await import('../dist/cluster.mjs')
  await main(process.argv.slice(2), { resolvePath: (path) => resolve(calledFrom, path) })
} catch (error) {
  console.error(`cluster: ${error instanceof Error ? error.message : error}`)
  process.exit(2)
}
