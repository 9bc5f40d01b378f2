// `npm run simulate -- --seeds N --from S [--brokers 5]`: whole clusters on virtual time, one per seed, with faults
// and checkers; a seed says how many brokers, unless --brokers does. `--planted`: bugs are planted in the broker instead, and each must be found within N seeds.
import { parseArgs } from 'node:util'
import { helpIfAsked } from './lib/help.mjs'
import { checkNode, installPackages, root, say } from './lib/setup.mjs'

helpIfAsked(
  () => `npm run simulate -- [options]: whole clusters on virtual time, one a seed, with faults and checkers
  --seeds N    how many seeds (20)
  --from S     the first one (1); a failing seed replays exactly
  --brokers N  brokers a cluster (3)
  --planted    plant known bugs in the broker instead: each must be found within N seeds
  --help       this text`,
)
process.chdir(root)
checkNode()

const WORKERS = 2
const LINES_SHOWN = 80
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    from: { type: 'string', default: '1' },
    brokers: { type: 'string', default: '0' },
    planted: { type: 'boolean', default: false },
  },
})
const count = Number(values.seeds)
const from = Number(values.from)
const brokers = Number(values.brokers)
if (![count, from, brokers].every((value) => Number.isSafeInteger(value) && value >= 0)) {
  console.error('--seeds, --from and --brokers take whole numbers')
  process.exit(2)
}

const secondsSince = (beganMs) => (Date.now() - beganMs) / 1000

/** Runs all seeds over the workers; ends early once `onResult` returns true. */
async function runAll({ runSeeds }, bundle, onResult) {
  let isEnough = false
  const worker = (index) =>
    runSeeds(
      bundle,
      { first: from + index, step: WORKERS, end: from + count, brokers },
      (result) => {
        isEnough ||= onResult(result) === true
        return isEnough
      },
    )
  await Promise.all(Array.from({ length: Math.min(WORKERS, count) }, (_, index) => worker(index)))
}

function showFailure({ seed, violations, transcript }) {
  console.log(`\nseed ${seed} failed:`)
  for (const violation of violations) console.log(`  ${violation}`)
  for (const line of transcript.slice(-LINES_SHOWN)) console.log(`    ${line}`)
  const cluster = brokers === 0 ? '' : ` --brokers ${brokers}`
  console.log(`  replay: npm run simulate -- --seeds 1 --from ${seed}${cluster}\n`)
}

async function simulate(simulation) {
  await simulation.bundleSimulation('dist/simulate.mjs')
  say(`Simulation of seeds ${from} to ${from + count - 1} …`)
  const beganMs = Date.now()
  const failed = []
  let done = 0
  await runAll(simulation, 'dist/simulate.mjs', (result) => {
    done++
    if (result.violations.length > 0) {
      failed.push(result.seed)
      showFailure(result)
    }
    if (done % 10 !== 0 || done === count) return
    const perMinute = ((done / secondsSince(beganMs)) * 60).toFixed(0)
    say(`${done} of ${count} seeds, ${failed.length} failed, ${perMinute} a minute`)
  })
  const each = (secondsSince(beganMs) / Math.max(1, done)).toFixed(1)
  say(`${done - failed.length} of ${count} seeds passed, ${each} s each`)
  if (failed.length > 0) say(`failed: ${failed.sort((a, b) => a - b).join(', ')}`)
  return failed.length === 0 && done === count
}

async function findPlanted(simulation) {
  let isAllFound = true
  for (const [name, bug] of Object.entries(simulation.plantedBugs)) {
    await simulation.bundleSimulation('dist/simulate-planted.mjs', bug)
    const beganMs = Date.now()
    let done = 0
    let found = null
    await runAll(simulation, 'dist/simulate-planted.mjs', (result) => {
      done++
      if (result.violations.length > 0) found ??= result
      return found !== null
    })
    const seconds = secondsSince(beganMs).toFixed(0)
    if (found === null) {
      isAllFound = false
      say(`planted bug NOT found in ${done} seeds, ${seconds} s: ${name}`)
    } else {
      say(`planted bug found after ${done} seeds, ${seconds} s, by seed ${found.seed}: ${name}`)
      say(`  ${found.violations[0].split('\n')[0]}`)
    }
  }
  return isAllFound
}

try {
  await installPackages()
  const simulation = await import('./lib/simulation.mjs')
  const isGood = values.planted ? await findPlanted(simulation) : await simulate(simulation)
  process.exit(isGood ? 0 : 1)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
