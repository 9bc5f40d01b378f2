// What the brokers promise of themselves, asserted at twice its value (timings stretch on a busy machine):
// three idle brokers in 300 MB together, serving 3 s after launch. Prints the figures.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { helpIfAsked } from './lib/help.mjs'
import { bundleProcesses, checkNode, installPackages, root } from './lib/setup.mjs'

const PROMISED_MEMORY_MB = 300
const PROMISED_START_S = 3
const FACTOR = 2
const IDLE_MS = 10_000

helpIfAsked(
  () => `node scripts/bounds.mjs: starts three idle brokers, prints their memory and how long they took to
serve, and fails where a figure is over ${FACTOR} times what is promised (${PROMISED_MEMORY_MB} MB, ${PROMISED_START_S} s)`,
)
const execute = promisify(execFile)
process.chdir(root)
checkNode()
await installPackages()
await bundleProcesses(['broker', 'supervisor', 'cluster'])
const directory = await mkdtemp(join(tmpdir(), 'eyrie-bounds-'))
const cluster = (...args) => execute(process.execPath, ['scripts/cluster.mjs', ...args])
try {
  const began = performance.now()
  await cluster('up', directory, '--brokers', '3', '--port', '41092')
  const startS = (performance.now() - began) / 1000
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS))
  let memoryMb = 0
  for (const id of [1, 2, 3]) {
    const pid = readFileSync(join(directory, String(id), 'pid'), 'utf8').trim()
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    memoryMb += Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024
  }
  console.log(
    `idle memory of three brokers: ${memoryMb.toFixed(0)} MB (promised ${PROMISED_MEMORY_MB})`,
  )
  console.log(`three brokers serve after: ${startS.toFixed(2)} s (promised ${PROMISED_START_S})`)
  const holds = memoryMb <= FACTOR * PROMISED_MEMORY_MB && startS <= FACTOR * PROMISED_START_S
  process.exitCode = holds ? 0 : 1
} finally {
  await cluster('down', directory)
  await rm(directory, { recursive: true, force: true })
}
