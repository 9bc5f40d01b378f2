// `npm start` and `npm run dev`: sets up what is missing, then becomes the supervisor.
import { helpIfAsked, startHelp } from './lib/help.mjs'
import { checkNode, root, say, setUp } from './lib/setup.mjs'

helpIfAsked(startHelp)
process.chdir(root)
checkNode()
const args = process.argv.slice(2)
const parentPid = process.ppid
try {
  await setUp({ dev: args.includes('--dev'), beside: args.includes('--supervise-only') })
  const { main } = await import('../dist/supervisor.mjs')
  await main(args, { say, parentPid })
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
