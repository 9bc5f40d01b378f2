// `npm run fuzz -- --frames N --seed S`: random requests of every API and version, broken ones and bytes that mean
// nothing, at whole brokers in memory. Rounds of 10,000 frames, one seed each; the seeds of tests/fuzz/seeds.json,
// which once found something, go first.
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { checkNode, installPackages, root, say } from './lib/setup.mjs'

process.chdir(root)
checkNode()

const WORKERS = 2
const FRAMES_A_ROUND = 10_000
const BUNDLE = 'dist/fuzz.mjs'
/** A worker whose heap grows past this is ended by Node: memory past its bound. */
const HEAP_MAX_MB = 1024
/** Of real time; a round takes seconds. */
const ROUND_LIMIT_MS = 300_000
const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1000' },
  },
})
const frames = Number(values.frames)
const seed = Number(values.seed)
if (![frames, seed].every((value) => Number.isSafeInteger(value) && value >= 0)) {
  console.error('--frames and --seed take whole numbers')
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
  console.log(`  replay: npm run fuzz -- --frames ${round.frames} --seed ${round.seed}\n`)
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
  const { bundle, runWorker } = await import('./lib/simulation.mjs')
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
  say(failed.length === 0 ? 'no crash, no hang' : `failed: ${failed.join(', ')}`)
  process.exit(failed.length === 0 ? 0 : 1)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
