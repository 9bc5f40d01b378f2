// What a start promises, asserted at twice its value (timings stretch on a busy machine): three idle brokers in 300 MB
// together, serving 3 s after launch; a second `npm start` ready after 5 s. Prints the figures.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { helpIfAsked } from './lib/help.mjs'
import { cluster } from './lib/measured-cluster.mjs'
import { checkNode, root, setUp } from './lib/setup.mjs'

const PROMISED_MEMORY_MB = 300
const PROMISED_START_S = 3
const PROMISED_AGAIN_S = 5
const FACTOR = 2
const IDLE_MS = 10_000

helpIfAsked(
  () => `node scripts/bounds.mjs: starts three idle brokers, prints their memory and how long they took to
serve, then how long a second npm start takes, and fails where a figure is over ${FACTOR} times what is promised
(${PROMISED_MEMORY_MB} MB, ${PROMISED_START_S} s, ${PROMISED_AGAIN_S} s)`,
)
process.chdir(root)
checkNode()
await setUp()
const directory = await mkdtemp(join(tmpdir(), 'eyrie-bounds-'))
/** Seconds until `npm start` says that the console is there; it is stopped again. */
async function secondsToStart(dataDirectory) {
  const began = performance.now()
  const args = ['scripts/start.mjs', '--port', '31480', '--data-dir', dataDirectory]
  const env = { ...process.env, EYRIE_BROKER_PORT: '31492', EYRIE_SAMPLE: '0' }
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  let output = ''
  const ready = new Promise((resolve) => {
    child.stdout.on('data', (chunk) => {
      output += chunk
      if (output.includes('The console is at')) resolve(true)
    })
  })
  const isReady = await Promise.race([ready, ended.then(() => false)])
  const seconds = (performance.now() - began) / 1000
  child.kill('SIGTERM')
  await ended
  if (!isReady) throw new Error(`npm start ended before it was ready:\n${output}`)
  return seconds
}

try {
  const began = performance.now()
  await cluster('up', directory, '--brokers', '3', '--port', '31492')
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
  await cluster('down', directory)
  await secondsToStart(join(directory, 'console'))
  const againS = await secondsToStart(join(directory, 'console'))
  console.log(
    `a second npm start is ready after: ${againS.toFixed(2)} s (promised ${PROMISED_AGAIN_S})`,
  )
  const holds =
    memoryMb <= FACTOR * PROMISED_MEMORY_MB &&
    startS <= FACTOR * PROMISED_START_S &&
    againS <= FACTOR * PROMISED_AGAIN_S
  process.exitCode = holds ? 0 : 1
} finally {
  await cluster('down', directory).catch(() => undefined)
  await rm(directory, { recursive: true, force: true })
}
