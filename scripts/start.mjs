// `npm start` and `npm run dev`: sets up what is missing, then becomes the supervisor.
import { checkNode, root, say, setUp } from './lib/setup.mjs'

process.chdir(root)
checkNode()
const args = process.argv.slice(2)
const wantsHelp = args.includes('--help') || args.includes('-h')
try {
  if (wantsHelp) {
    const { installPackages, bundleProcesses } = await import('./lib/setup.mjs')
    await installPackages()
    await bundleProcesses()
  } else {
    await setUp({ dev: args.includes('--dev') })
  }
  const { main } = await import('../dist/supervisor.mjs')
  await main(args, { say })
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
