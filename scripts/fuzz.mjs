// `npm run fuzz -- --frames N --seed S`: random requests of every API and version, broken ones and bytes that mean
// nothing, at whole brokers in memory. Rounds of 10,000 frames, one seed each; the seeds of tests/fuzz/seeds.json,
// which once found something, go first. A tenth as many go over real sockets to a broker process (--sockets N).
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { bundleProcesses, checkNode, installPackages, root, say } from './lib/setup.mjs'

process.chdir(root)
checkNode()

const WORKERS = 2
const FRAMES_A_ROUND = 10_000
const BUNDLE = 'dist/fuzz.mjs'
const SOCKETS_BUNDLE = 'dist/fuzz-sockets.mjs'
/** A worker whose heap grows past this is ended by Node: memory past its bound. */
const HEAP_MAX_MB = 1024
/** Of real time; a round takes seconds. */
const ROUND_LIMIT_MS = 300_000
const SOCKETS_LIMIT_MS = 1_800_000
const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1000' },
    sockets: { type: 'string' },
  },
})
const frames = Number(values.frames)
const seed = Number(values.seed)
const socketFrames = Number(values.sockets ?? Math.floor(frames / 10))
if (![frames, seed, socketFrames].every((value) => Number.isSafeInteger(value) && value >= 0)) {
  console.error('--frames, --seed and --sockets take whole numbers')
  process.exit(2)
}

const kept = JSON.parse(readFileSync('tests/fuzz/seeds.json', 'utf8'))
const rounds = kept.map((entry) => ({ seed: entry.seed, frames: entry.frames }))
for (let sent = 0, next = seed; sent < frames; sent += FRAMES_A_ROUND, next++) {
  rounds.push({ seed: next, frames: Math.min(FRAMES_A_ROUND, frames - sent) })
}

const totals = { frames: 0, answered: 0, closed: 0, peakRssBytes: 0, kinds: new Set() }
const failed = []

function take(round, result) {
  totals.frames += result.frames
  totals.closed += result.closed
  totals.peakRssBytes = Math.max(totals.peakRssBytes, result.peakRssBytes)
  for (const [kind, count] of Object.entries(result.answers)) {
    totals.answered += count
    totals.kinds.add(kind)
  }
  if (result.violations.length > 0) fail(round, result.violations)
}

function fail(round, reasons) {
  failed.push(round.seed)
  console.log(`\nseed ${round.seed} failed:`)
  for (const reason of reasons) console.log(`  ${reason}`)
  const counts = round.isOverSockets
    ? `--frames 0 --sockets ${round.frames}`
    : `--frames ${round.frames} --sockets 0`
  console.log(`  replay: npm run fuzz -- ${counts} --seed ${round.seed}\n`)
}

/** A broker process of its own, killed with the worker. Time is real: frames come and go in an order of their own. */
async function workOverSockets({ bundle, runWorker }) {
  const round = { seed, frames: socketFrames, isOverSockets: true }
  await bundleProcesses(['broker'])
  await bundle('tests/fuzz/sockets.ts', SOCKETS_BUNDLE)
  const beganMs = Date.now()
  let isTold = false
  const ended = await runWorker(
    SOCKETS_BUNDLE,
    [seed, socketFrames],
    (result) => {
      isTold = true
      const answered = Object.values(result.answers).reduce((sum, count) => sum + count, 0)
      say(
        `${result.frames} frames over sockets in ${((Date.now() - beganMs) / 1000).toFixed(0)} s, ` +
          `${answered} answered, ${result.closed} connections ended by the broker, ` +
          `which held at most ${(result.peakRssBytes / 1e6).toFixed(0)} MB`,
      )
      if (result.violations.length > 0) fail(round, result.violations)
    },
    { limitMs: SOCKETS_LIMIT_MS },
  )
  if (!isTold) fail(round, [`the fuzzer over sockets ended with ${ended}`])
}

async function work(runWorker) {
  for (let round = rounds.shift(); round !== undefined; round = rounds.shift()) {
    const current = round
    const { seed: first, frames: count } = round
    let isTold = false
    const ended = await runWorker(
      BUNDLE,
      [first, 1, first + 1, count],
      (result) => {
        isTold = true
        take(current, result)
      },
      { nodeArgs: ['--expose-gc', `--max-old-space-size=${HEAP_MAX_MB}`], limitMs: ROUND_LIMIT_MS },
    )
    if (!isTold) fail(current, [`the process that held the broker ended with ${ended}`])
  }
}

try {
  await installPackages()
  const tools = await import('./lib/simulation.mjs')
  const { bundle, runWorker } = tools
  await bundle('tests/fuzz/main.ts', BUNDLE)
  say(`Fuzzing with ${frames} frames from seed ${seed}, after ${kept.length} seeds kept …`)
  const beganMs = Date.now()
  await Promise.all(Array.from({ length: WORKERS }, () => work(runWorker)))
  const seconds = (Date.now() - beganMs) / 1000
  say(
    `${totals.frames} frames in ${seconds.toFixed(0)} s, ${totals.answered} answered in ` +
      `${totals.kinds.size} ways, ${totals.closed} connections ended by the broker, ` +
      `at most ${(totals.peakRssBytes / 1e6).toFixed(0)} MB in the process`,
  )
  if (socketFrames > 0) await workOverSockets(tools)
  say(failed.length === 0 ? 'no crash, no hang' : `failed: ${failed.join(', ')}`)
  process.exit(failed.length === 0 ? 0 : 1)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
