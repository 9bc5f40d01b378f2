// `npm run check`: format and lint, types, import rules, dead code, unit tests. Warnings are errors.
import { checkNode, generateClient, installPackages, root, run, say } from './lib/setup.mjs'

process.chdir(root)
checkNode()
const bin = (name) => `node_modules/.bin/${name}`
const folders = [
  'app',
  'broker',
  'components',
  'contracts',
  'hooks',
  'lib',
  'protocol',
  'server',
  'supervisor',
  'tests',
]
const checks = [
  ['format and lint', bin('biome'), ['check', '--error-on-warnings', '.']],
  ['types', bin('tsc'), ['--noEmit', '-p', 'tsconfig.json']],
  ['import rules', bin('depcruise'), ['--config', '.dependency-cruiser.cjs', ...folders]],
  ['dead code', bin('knip'), ['--no-progress']],
  ['unit tests', bin('vitest'), ['run', '--project', 'unit']],
]
try {
  await installPackages()
  await generateClient()
  const only = process.argv.slice(2)
  for (const [title, command, args] of checks) {
    if (only.length > 0 && !only.includes(title)) continue
    say(`${title} …`)
    await run(command, args, { show: true })
  }
  say('check: all clean')
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
