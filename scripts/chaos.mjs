// `npm run chaos -- --seconds 120 [--seed S]`: three real brokers, killed, paused, restarted, out of disk space and
// cut off from each other (the last two as root) while librdkafka writes with idempotence and in transactions.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bundleProcesses, checkNode, installPackages, root } from './lib/setup.mjs'

process.chdir(root)
checkNode()

const BUNDLE = 'dist/chaos.mjs'
const FIRST_PORT = 21_000
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    port: { type: 'string', default: String(FIRST_PORT) },
  },
})
const numbers = [values.seconds, values.seed, values.port].map(Number)
if (!numbers.every((value) => Number.isSafeInteger(value) && value >= 0)) {
  console.error('--seconds, --seed and --port take whole numbers')
  process.exit(2)
}
const [seconds, seed, port] = numbers

try {
  await installPackages()
  await bundleProcesses(['broker', 'supervisor', 'cluster'])
  const { bundle } = await import('./lib/simulation.mjs')
  await bundle('tests/chaos/main.ts', BUNDLE)
  const directory = mkdtempSync(join(tmpdir(), 'eyrie-chaos-'))
  process.argv.splice(2, process.argv.length, ...[seconds, seed, directory, port].map(String))
  await import(`../${BUNDLE}`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
